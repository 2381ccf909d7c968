"""What is free on a day, for a party: each quarter of an hour with a status. It is advice, and the booking decides.

AVAILABLE          a table that is large enough is free for as long as the party stays, and pacing lets it begin
UNAVAILABLE        it is open, and none is; or the time has passed, or is further ahead than it books
NON_WORKING_HOURS  the party would begin or stay while it is closed
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q
from django.utils.timezone import now

from plaza.bookings.hours import DAY, Span, openings, quarters, turn_time, whole_day, zone
from plaza.bookings.models import Block, Booking, Bucket, Restaurant, SpecialHours, Table

AVAILABLE, UNAVAILABLE, NON_WORKING_HOURS = "AVAILABLE", "UNAVAILABLE", "NON_WORKING_HOURS"


class Slot(NamedTuple):
    begins: datetime
    status: str


def open_spans(restaurant: Restaurant, day: date) -> list[Span]:
    """When it is open on this day, from the evening before on to the night after it."""
    days = [day - DAY, day, day + DAY]
    weekly = [one for one in restaurant.hours.all() if one.weekday in {each.weekday() for each in days}]
    special = list(SpecialHours.objects.filter(restaurant=restaurant, day__in=days))
    return openings(days, weekly, special, zone(restaurant))


def is_open(restaurant: Restaurant, begins: datetime, ends: datetime) -> bool:
    day = begins.astimezone(zone(restaurant)).date()
    return any(span.begins <= begins and ends <= span.ends for span in open_spans(restaurant, day))


def tables_for(restaurant: Restaurant, party: int) -> list[Table]:
    """The smallest that fit come first."""
    fitting = Table.objects.filter(restaurant=restaurant, is_active=True, seats__gte=party)
    return list(fitting.order_by("seats", "pk"))


def blocks(restaurant: Restaurant, begins: datetime, ends: datetime) -> list[Block]:
    return list(Block.objects.filter(restaurant=restaurant, starts_at__lt=ends, ends_at__gt=begins))


def slots(restaurant: Restaurant, day: date, party: int) -> Iterator[Slot]:
    """Of the whole day, in order."""
    whole, stays = whole_day(day, zone(restaurant)), turn_time(restaurant, party)
    first, last = now(), now() + timedelta(days=restaurant.books_ahead)
    spans, until = open_spans(restaurant, day), whole.ends + stays
    taken: dict[int, list[Span]] = {}
    paced: set[datetime] = set()
    if whole.ends > first and whole.begins <= last:  # of a day that has passed nothing else is asked
        taken = _taken(restaurant, party, whole.begins, until)
        paced = _full(restaurant, whole, party)
    for begins in quarters(whole):
        ends = begins + stays
        if not any(span.begins <= begins and ends <= span.ends for span in spans):
            yield Slot(begins, NON_WORKING_HOURS)
        elif not first < begins <= last or begins in paced or not _any_free(taken.values(), begins, ends):
            yield Slot(begins, UNAVAILABLE)
        else:
            yield Slot(begins, AVAILABLE)


def _taken(restaurant: Restaurant, party: int, begins: datetime, ends: datetime) -> dict[int, list[Span]]:
    """By table that is large enough, the times at which it is not free, in order."""
    if not restaurant.min_party <= party <= restaurant.max_party:
        return {}
    found: dict[int, list[Span]] = {table.pk: [] for table in tables_for(restaurant, party)}
    live = Booking.objects.filter(table_id__in=list(found), is_live=True, starts_at__lt=ends, ends_at__gt=begins)
    live = live.exclude(Q(state=Booking.State.HELD) & Q(held_until__lte=now()))
    for table, *span in live.values_list("table_id", "starts_at", "ends_at"):
        found[table].append(Span(*span))
    for block in blocks(restaurant, begins, ends):
        for table in found if block.table_id is None else {block.table_id} & set(found):
            found[table].append(Span(block.starts_at, block.ends_at))
    for spans in found.values():
        spans.sort()
    return found


def _full(restaurant: Restaurant, whole: Span, party: int) -> set[datetime]:
    if restaurant.max_parties is None and restaurant.max_seats is None:
        return set()
    rows = Bucket.objects.filter(restaurant=restaurant, starts_at__gte=whole.begins, starts_at__lt=whole.ends)
    parties, seats = restaurant.max_parties, restaurant.max_seats
    return {
        begins
        for begins, came, sat in rows.values_list("starts_at", "parties", "seats")
        if (parties is not None and came >= parties) or (seats is not None and sat + party > seats)
    }


def _any_free(tables: Iterable[Sequence[Span]], begins: datetime, ends: datetime) -> bool:
    return any(_is_free(spans, begins, ends) for spans in tables)


def _is_free(spans: Sequence[Span], begins: datetime, ends: datetime) -> bool:
    """Blocks may lie over bookings: all that begin before the end are looked at."""
    return all(span.ends <= begins for span in spans[: bisect_right(spans, Span(ends, ends))] if span.begins < ends)
