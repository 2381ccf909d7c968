"""Hold, book and move: find the smallest table that is free, count the party in, write.

Everybody takes locks in this order: the person (where his holds are counted), tables by number, bookings, quarters of
an hour by time, entries of the waiting list. Expired holds are swept once the tables are locked, in the same
transaction, so that they stand in nobody's way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import router, transaction
from django.db.models import F
from django.utils.timezone import now

from plaza.bookings import pacing, slots
from plaza.bookings.hours import is_quarter, turn_time
from plaza.bookings.models import Booking, Person, Restaurant, Table, WaitlistEntry
from plaza.bookings.overlaps import Taken, lock, place
from plaza.bookings.refusals import Late, Refused
from plaza.bookings.telling import MOVED, changed, freed, freed_at

HOLDS_FOR = timedelta(minutes=10)
MOST_HOLDS = 5  # of one person at a time
State = Booking.State


def hold(restaurant: Restaurant, person: Person, begins: datetime, party: int, **values: Any) -> Booking:
    """A table for ten minutes, in which it is confirmed or lost; with the person's row locked for him alone."""
    until = now() + HOLDS_FOR
    with transaction.atomic(using=router.db_for_write(Booking)):
        booking = book(
            restaurant, begins, party, guest_id=person.pk, state=State.HELD, held_until=until, most=MOST_HOLDS, **values
        )
        freed_at(restaurant, booking, until)
    return booking


def book(
    restaurant: Restaurant, begins: datetime, party: int, *, table: int | None = None, most: int = 0, **values: Any
) -> Booking:
    """A new booking; ``most``: how many holds its guest may have."""
    ends = begins + turn_time(restaurant, party)
    allow(restaurant, begins, ends, party)
    with transaction.atomic(using=router.db_for_write(Booking)):
        tables = _tables(restaurant, begins, ends, party, table)
        swept = sweep(restaurant, begins, ends)
        if most and _holds(values["guest_id"]) >= most:
            raise Late(f"You hold {most} tables already: confirm or cancel one of them.")
        booking = Booking(party_size=party, starts_at=begins, ends_at=ends, price=restaurant.deposit, **values)
        _place(booking, tables)
        _count(restaurant, come=[(begins, party)], go=swept)
        if booking.state != State.HELD:
            changed(booking, restaurant, by=booking.guest_id)
    return booking


def move(
    restaurant: Restaurant, pk: int, revision: int, begins: datetime, party: int, *, by: int | None, **values: Any
) -> Booking | None:
    """A booking at another time or for another party, its own time free for it; None if it was changed meanwhile.

    ``by``: the user who moves it
    """
    ends = begins + turn_time(restaurant, party)
    allow(restaurant, begins, ends, party)
    with transaction.atomic(using=router.db_for_write(Booking)):
        tables = _tables(restaurant, begins, ends, party, None)
        swept = sweep(restaurant, begins, ends, but=pk)
        booking = Booking.objects.select_for_update().get(pk=pk)
        if booking.revision != revision or not booking.is_live:
            return None
        state, was = booking.state, (booking.starts_at, booking.party_size)
        tables.sort(key=lambda table: table != booking.table_id)  # it stays at its table where it can
        booking.starts_at, booking.ends_at, booking.party_size = begins, ends, party
        booking.revision += 1
        for name, value in values.items():
            setattr(booking, name, value)
        _place(booking, tables)
        _count(restaurant, come=[(begins, party)], go=[was, *swept])
        freed(restaurant, was[0])
        changed(booking, restaurant, by=by, event=MOVED, was=state)
    return booking


def allow(restaurant: Restaurant, begins: datetime, ends: datetime, party: int) -> None:
    """What holds for everybody, whatever else is booked.

    :raises Refused: it does not
    """
    if not restaurant.min_party <= party <= restaurant.max_party:
        raise Refused(f"Parties of {restaurant.min_party} to {restaurant.max_party} are taken here.")
    if not is_quarter(begins):
        raise Refused("Tables are booked from a quarter of an hour on: see the slots of the day.")
    if begins <= now():
        raise Refused("This time has passed.")
    if begins > now() + timedelta(days=restaurant.books_ahead):
        raise Refused(f"Tables can be booked {restaurant.books_ahead} days ahead.")
    if not slots.is_open(restaurant, begins, ends):
        raise Refused(f"It is not open for the {_minutes(ends - begins)} minutes from then on: see the slots.")


def sweep(restaurant: Restaurant, begins: datetime, ends: datetime, but: int | None = None) -> list[pacing.Moved]:
    """End the expired holds that meet this time, after the tables' lock; what their quarters lose by it."""
    tables = list(Table.objects.filter(restaurant=restaurant).values_list("pk", flat=True))
    found = Booking.objects.filter(
        table_id__in=tables, is_live=True, starts_at__lt=ends, ends_at__gt=begins,
        state=State.HELD, held_until__lte=now(),
    ).exclude(pk=but)  # fmt: skip
    return expire(list(found.select_for_update().order_by("pk")))


def expire(holds: Sequence[Booking]) -> list[pacing.Moved]:
    """These, whose rows are locked, are over; so is the offer that one was."""
    if holds:
        keys = [one.pk for one in holds]
        Booking.objects.filter(pk__in=keys).update(state=State.EXPIRED, is_live=None, revision=F("revision") + 1)
        offers = WaitlistEntry.objects.filter(booking_id__in=keys, state=WaitlistEntry.State.OFFERED)
        offers.update(state=WaitlistEntry.State.EXPIRED, voucher=None)
    return [(one.starts_at, one.party_size) for one in holds]


def _tables(restaurant: Restaurant, begins: datetime, ends: datetime, party: int, wanted: int | None) -> list[int]:
    """Lock those that are large enough and not blocked; the smallest come first."""
    fitting = [table.pk for table in slots.tables_for(restaurant, party) if wanted in (None, table.pk)]
    if not fitting:
        raise Refused("No table here is large enough.")
    usable = {table.pk for table in lock(fitting) if table.is_active and table.seats >= party}  # as they are now
    blocked = {block.table_id for block in slots.blocks(restaurant, begins, ends)}
    free = [] if None in blocked else [pk for pk in fitting if pk in usable and pk not in blocked]
    if not free:
        raise Late("It takes no bookings for this time.")
    return free


def _place(booking: Booking, tables: Sequence[int]) -> None:
    try:
        place(booking, tables)
    except Taken:
        raise Late("Every table that is large enough is taken at this time: see the slots of the day.") from None


def _count(restaurant: Restaurant, come: Sequence[pacing.Moved], go: Sequence[pacing.Moved]) -> None:
    try:
        pacing.count(restaurant, come=come, go=go)
    except pacing.Full:
        raise Late("No more parties may begin at this time: take one a little later or earlier.") from None


def _holds(guest: int) -> int:
    """Tables that a guest holds; what a waiting list offers him is not of his doing."""
    found = Booking.objects.filter(guest_id=guest, is_live=True, state=State.HELD, held_until__gt=now())
    held = {pk for (pk,) in found.select_for_update().order_by("pk").values_list("pk")}
    if len(held) >= MOST_HOLDS:
        offers = WaitlistEntry.objects.filter(booking_id__in=held, state=WaitlistEntry.State.OFFERED)
        held -= set(offers.values_list("booking_id", flat=True))
    return len(held)


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)
