"""What bookings does when accounts tell of something, or itself of a free table; each may come twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import router, transaction
from django.db.models import F
from django.utils.timezone import now

from plaza.api import people
from plaza.api.outbox import Terms, consumes
from plaza.bookings import overlaps, pacing, states, telling, waiting
from plaza.bookings.models import (
    Booking,
    BookingsRequest,
    Person,
    Restaurant,
    RestaurantStats,
    Review,
    Table,
    WaitlistEntry,
)  # fmt: skip

STILL = (Booking.State.HELD, Booking.State.REQUESTED, Booking.State.RESERVED)
NOBODY = {"guest": None, "guest_name": "deleted user", "note": "", "requested_from": None}


@consumes(telling.FREED, telling.APP, Terms(is_once=True))
def offer(payload: Mapping[str, Any]) -> None:
    waiting.turn(payload)


def forget(user: int) -> None:
    """What a deleted user booked for later is cancelled; what was stays, with nobody's name on it. His restaurants are
    closed, and those who would have come to them are told.
    """
    for place in Restaurant.objects.filter(owner_id=user):
        if place.closed_at is None:
            _close(place)
        waiting.end_line(place)
    coming = Booking.objects.filter(guest_id=user, state__in=STILL, ends_at__gt=now(), is_live=True)
    for booking in coming.select_related("table__restaurant"):
        _cancel(booking, booking.table.restaurant, by=user)
    Booking.objects.filter(guest_id=user).update(**NOBODY, revision=F("revision") + 1)
    WaitlistEntry.objects.filter(guest_id=user).delete()
    for review in Review.objects.filter(author_id=user):
        take_back(review)
    BookingsRequest.objects.filter(user_id=user).delete()


people.consume(Person, "bookings", forget)


def _close(place: Restaurant) -> None:
    using = router.db_for_write(Restaurant)
    with transaction.atomic(using=using):
        tables = [table.pk for table in overlaps.lock(place.tables.values_list("pk", flat=True))]
        Table.objects.filter(pk__in=tables).update(is_active=False)
    for booking in Booking.objects.filter(table_id__in=tables, state__in=STILL, ends_at__gt=now(), is_live=True):
        _cancel(booking, place, by=place.owner_id, event=telling.CLOSED)
    Restaurant.objects.filter(pk=place.pk).update(closed_at=now(), revision=F("revision") + 1)


def _cancel(booking: Booking, place: Restaurant, *, by: int, event: str = "") -> None:
    """If it is still as it was read; else the message comes again."""
    with transaction.atomic(using=router.db_for_write(Booking)):
        mine = Booking.objects.filter(pk=booking.pk, revision=booking.revision, is_live=True)
        if not mine.update(state=Booking.State.CANCELLED, is_live=None, revision=F("revision") + 1):
            raise LookupError(f"booking {booking.pk} was changed meanwhile")
        pacing.count(place, go=[(booking.starts_at, booking.party_size)])
        telling.freed(place, booking.starts_at)
        states.settle_offer(booking.pk, WaitlistEntry.State.LEFT)
        was, booking.state, booking.revision = booking.state, Booking.State.CANCELLED, booking.revision + 1
        telling.changed(booking, place, by=by, event=event, was=was)


def take_back(review: Review) -> None:
    """Out of the restaurant's stars as well."""
    with transaction.atomic(using=router.db_for_write(Review)):
        if Review.objects.filter(pk=review.pk).delete()[0]:
            stats = RestaurantStats.objects.filter(restaurant_id=review.restaurant_id, reviews__gte=1)
            stats.update(reviews=F("reviews") - 1, stars=F("stars") - review.stars)
