"""When a restaurant is open, in its own time zone, as moments.

A day's hours begin at a wall-clock time and end at one; an end that is not after the beginning is on the next day.
Where the clock leaps over a time, its moment is the leap; a time that comes twice opens at its first and closes at its
second. What is in between is counted in moments, so a sitting on the night of a change is as long as on any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from plaza.bookings.models import OpeningHours, Restaurant, SpecialHours

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)


class Span(NamedTuple):
    """Half-open [begins, ends), in UTC."""

    begins: datetime
    ends: datetime


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone(restaurant: Restaurant) -> ZoneInfo:
    """UTC where a name was stored that this machine does not know."""
    return ZoneInfo(restaurant.timezone if restaurant.timezone in zones() else "UTC")


def moment(day: date, at: time, where: ZoneInfo, *, last: bool = False) -> datetime:
    """The moment of a wall-clock time; ``last``: the second where it comes twice."""
    local = datetime.combine(day, at, where)
    early, late = local.replace(fold=0), local.replace(fold=1)
    if early.utcoffset() == late.utcoffset():
        return early.astimezone(UTC)
    if _exists(early):
        return (late if last else early).astimezone(UTC)
    return _leap(late.astimezone(UTC), early.astimezone(UTC), where)


def _exists(local: datetime) -> bool:
    back = local.astimezone(UTC).astimezone(local.tzinfo)
    return back.replace(tzinfo=None) == local.replace(tzinfo=None, fold=0)


def _leap(before: datetime, after: datetime, where: ZoneInfo) -> datetime:
    """The moment between these two at which the offset changes, by halving."""
    offset = before.astimezone(where).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(where).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def whole_day(day: date, where: ZoneInfo) -> Span:
    """From midnight to midnight: 23 to 25 hours."""
    return Span(moment(day, time.min, where), moment(day + DAY, time.min, where))


def openings(
    days: Iterable[date], weekly: Sequence[OpeningHours], special: Sequence[SpecialHours], where: ZoneInfo
) -> list[Span]:
    """When it is open, of the hours that begin on these days, in order; those that touch are one."""
    by_day: dict[date, list[SpecialHours]] = {}
    for one in special:
        by_day.setdefault(one.day, []).append(one)
    spans = []
    for day in days:
        for opens, closes in _of(day, weekly, by_day):
            until = day if closes > opens else day + DAY
            begins, ends = moment(day, opens, where), moment(until, closes, where, last=True)
            if begins < ends:
                spans.append(Span(begins, ends))
    return _joined(sorted(spans))


def _of(
    day: date, weekly: Sequence[OpeningHours], special: Mapping[date, list[SpecialHours]]
) -> list[tuple[time, time]]:
    if day in special:
        both = ((one.opens_at, one.closes_at) for one in special[day])
        return [(opens, closes) for opens, closes in both if opens is not None and closes is not None]
    return [
        (one.opens_at, one.closes_at)
        for one in weekly
        if one.weekday == day.weekday()
        and (one.valid_from is None or one.valid_from <= day)
        and (one.valid_until is None or day <= one.valid_until)
    ]


def _joined(spans: Sequence[Span]) -> list[Span]:
    found: list[Span] = []
    for span in spans:
        if found and span.begins <= found[-1].ends:
            found[-1] = Span(found[-1].begins, max(span.ends, found[-1].ends))
        else:
            found.append(span)
    return found


def quarters(span: Span) -> list[datetime]:
    """The quarters of an hour in it; every offset in use today is a multiple of one."""
    first = span.begins - (span.begins - datetime.min.replace(tzinfo=UTC)) % QUARTER
    if first < span.begins:
        first += QUARTER
    return [first + n * QUARTER for n in range(-(-(span.ends - first) // QUARTER))]


def is_quarter(moment_: datetime) -> bool:
    return moment_.minute % 15 == 0 and not moment_.second and not moment_.microsecond


def turn_time(restaurant: Restaurant, party: int) -> timedelta:
    """For how long a party of this size has its table."""
    for up_to, minutes in sorted(restaurant.turn_times or []):
        if party <= up_to:
            return timedelta(minutes=minutes)
    return restaurant.turn_time
