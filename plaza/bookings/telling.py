"""What bookings tell, by their outbox: guests of what becomes of their bookings, and themselves what to do later."""

from __future__ import annotations

from datetime import datetime

from plaza.api import outbox
from plaza.bookings.hours import zone
from plaza.bookings.models import Booking, BookingsMessage, Restaurant

CHANGED, FREED = "bookings.changed", "bookings.freed"
APP = "bookings"


def changed(booking: Booking, restaurant: Restaurant) -> None:
    """A booking is in another state, or at another time: whoever sends notifications may want to know."""
    outbox.tell(
        BookingsMessage,
        CHANGED,
        user_id=booking.guest_id,
        booking=str(booking.public_id),
        state=booking.state,
        starts_at=booking.starts_at.isoformat(),
        restaurant=str(restaurant.public_id),
        restaurant_name=restaurant.name,
    )


def freed(restaurant: Restaurant, begins: datetime) -> None:
    """A table is free on this day: the waiting list has its turn, as soon as this transaction is through."""
    outbox.tell(BookingsMessage, FREED, **_day(restaurant, begins))


def freed_at(restaurant: Restaurant, begins: datetime, due: datetime) -> None:
    """The same, later: when a hold or an offer will have expired."""
    BookingsMessage.objects.create(topic=FREED, consumer=APP, payload=_day(restaurant, begins), due_at=due)


def _day(restaurant: Restaurant, begins: datetime) -> dict[str, object]:
    return {"restaurant": restaurant.pk, "day": begins.astimezone(zone(restaurant)).date().isoformat()}
