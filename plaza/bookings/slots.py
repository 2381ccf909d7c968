"""What is free on a day, for a party: each quarter of an hour with a status. It is advice, and the booking decides.

AVAILABLE          a table that is large enough is free for as long as the party stays, and pacing lets it begin
UNAVAILABLE        it is open, and none is; or the time has passed, or is further ahead than it books
NON_WORKING_HOURS  the party would begin or stay while it is closed
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils.timezone import now

from plaza.bookings import quick
from plaza.bookings.hours import DAY, Span, openings, quarters, turn_time, whole_day, zone
from plaza.bookings.models import Block, Bucket, OpeningHours, Restaurant, SpecialHours, Table

AVAILABLE, UNAVAILABLE, NON_WORKING_HOURS = "AVAILABLE", "UNAVAILABLE", "NON_WORKING_HOURS"
Seconds = tuple[float, float]


class Slot(NamedTuple):
    begins: datetime
    status: str


def open_spans(restaurant: Restaurant, day: date) -> list[Span]:
    """When it is open on this day, from the evening before on to the night after it."""
    days = [day - DAY, day, day + DAY]
    weekly, special = [], []
    for weekday, on, opens, closes, since, until in quick.hours(restaurant, days[0], days[-1]):
        if on is not None:
            special.append(SpecialHours(day=on, opens_at=opens, closes_at=closes))
        else:
            weekly.append(
                OpeningHours(weekday=weekday, opens_at=opens, closes_at=closes, valid_from=since, valid_until=until)
            )
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
    whole, turn, at = whole_day(day, zone(restaurant)), turn_time(restaurant, party), now()
    stays, first, last = turn.total_seconds(), at.timestamp(), (at + timedelta(days=restaurant.books_ahead)).timestamp()
    opened = [(span.begins.timestamp(), span.ends.timestamp()) for span in open_spans(restaurant, day)]
    tables: list[list[Seconds]] = []
    paced: set[datetime] = set()
    fits = restaurant.min_party <= party <= restaurant.max_party
    if fits and whole.ends > at and whole.begins.timestamp() <= last:  # else nothing is free, and nothing is asked
        tables = list(quick.taken(restaurant, party, whole.begins, whole.ends + turn, at).values())
        paced = _full(restaurant, whole, party)
    for moment in quarters(whole):
        begins = moment.timestamp()
        ends = begins + stays
        if not _is_within(opened, begins, ends):
            yield Slot(moment, NON_WORKING_HOURS)
        elif first < begins <= last and moment not in paced and _is_any_free(tables, begins, ends):
            yield Slot(moment, AVAILABLE)
        else:
            yield Slot(moment, UNAVAILABLE)


def _is_within(spans: Iterable[Seconds], begins: float, ends: float) -> bool:
    return any(opens <= begins and ends <= closes for opens, closes in spans)


def _is_any_free(tables: Iterable[Sequence[Seconds]], begins: float, ends: float) -> bool:
    for spans in tables:
        for starts, until in spans:
            if starts < ends and begins < until:
                break
        else:
            return True
    return False


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
