"""Lock the tables, look, write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, router, transaction

from plaza.bookings.models import Booking, Table


class Taken(Exception):
    """The table has a live booking that meets this time."""


def lock(tables: Iterable[int]) -> list[Table]:
    """Take the rows of these tables, the lowest key first; the caller's transaction holds them until it ends."""
    wanted = sorted(set(tables))
    return list(Table.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))


def busy(tables: Iterable[int], begins: datetime, ends: datetime) -> Sequence[Booking]:
    """The live bookings that meet [begins, ends). They are read with a lock: under REPEATABLE READ a plain SELECT would
    show what there was when the transaction began, and not what was written while it waited for the table.
    """
    meeting = Booking.objects.filter(table_id__in=set(tables), is_live=True, starts_at__lt=ends, ends_at__gt=begins)
    return list(meeting.select_for_update().order_by("pk"))


def place(booking: Booking, among: Sequence[int] = ()) -> Booking:
    """Save a booking, new or moved, at the first of these tables (or at its own) that is free then.

    :raises Taken: another live booking has each of them; nothing is written
    """
    using = router.db_for_write(Booking)
    with transaction.atomic(using=using):
        if booking.is_live:
            tables = among or [booking.table_id]
            lock(tables)
            others = [one for one in busy(tables, booking.starts_at, booking.ends_at) if one.pk != booking.pk]
            free = [table for table in tables if table not in {one.table_id for one in others}]
            if not free:
                raise Taken
            booking.table_id = free[0]
        try:
            with transaction.atomic(using=using):
                booking.save(using=using)
        except IntegrityError as error:
            if not is_guards(error):
                raise
            raise Taken from error
    return booking


def is_guards(error: IntegrityError) -> bool:
    """Whether it was refused because the table is taken, and not for another key."""
    return any(name in str(error) for name in GUARDS)


GUARDS = (
    "bookings_booking_no_overlap", "bookings_booking_one_live",
    "bookings_booking.table_id, bookings_booking.starts_at",  # SQLite names columns
)  # fmt: skip
