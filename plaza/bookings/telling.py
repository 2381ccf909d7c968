"""What bookings tell, by their outbox: guests and owners of what becomes of bookings, and themselves what to do later.

Whoever is told of a booking is told of its newest state: a message holds all of it, and its revision.
"""

from __future__ import annotations

from datetime import datetime

from plaza.api import outbox
from plaza.bookings.hours import zone
from plaza.bookings.models import Booking, BookingsMessage, Restaurant

MOVED, OFFERED, CLOSED = "moved", "offered", "closed"  # events that are no states
CHANGED, FREED = "bookings.changed", "bookings.freed"
APP = "bookings"


def changed(booking: Booking, restaurant: Restaurant, *, by: int | None, event: str = "", was: str = "") -> None:
    """A booking is in another state, or at another time: its guest and the restaurant's owner may want to know.

    ``by``: the user who did it, who knows already; ``event``: where that says more than its state; ``was``: the state
    that it comes from.
    """
    outbox.tell(
        BookingsMessage,
        CHANGED,
        guest_id=booking.guest_id,
        owner_id=restaurant.owner_id,
        by=by,
        event=event or booking.state,
        was=was,
        booking=str(booking.public_id),
        revision=booking.revision,
        state=booking.state,
        starts_at=booking.starts_at.isoformat(),
        party_size=booking.party_size,
        until=booking.held_until.isoformat() if booking.held_until and booking.state == Booking.State.HELD else None,
        restaurant=str(restaurant.public_id),
        restaurant_name=restaurant.name,
    )


def freed(restaurant: Restaurant, begins: datetime) -> None:
    """A table is free on this day: the waiting list has its turn, as soon as this transaction is through."""
    outbox.tell(BookingsMessage, FREED, **_day(restaurant, begins))


def freed_at(restaurant: Restaurant, hold: Booking, due: datetime) -> None:
    """The same, later: when this hold or offer will have expired, if it does."""
    payload = {**_day(restaurant, hold.starts_at), "hold": hold.pk}
    BookingsMessage.objects.create(topic=FREED, consumer=APP, payload=payload, due_at=due)


def _day(restaurant: Restaurant, begins: datetime) -> dict[str, object]:
    return {"restaurant": restaurant.pk, "day": begins.astimezone(zone(restaurant)).date().isoformat()}
