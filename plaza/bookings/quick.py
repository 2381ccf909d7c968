"""What is read most often, asked in SQL by hand: building such a query anew costs more than its answer takes.

Each is the same on all engines; what goes in and comes out is adapted as the engine's own driver has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.db import connections, router

from plaza.bookings.models import Booking, Person, Restaurant, RestaurantStats

Clocks = tuple[int | None, date | None, time | None, time | None, date | None, date | None]
"""Weekday, or special day; opens, closes; from and until when."""

RESTAURANT = """
SELECT r.*, s.id AS stats_id, s.reviews AS stats_reviews, s.stars AS stats_stars FROM bookings_restaurant r
LEFT JOIN bookings_restaurantstats s ON s.restaurant_id = r.id
LEFT JOIN bookings_person p ON p.user_id = r.owner_id
WHERE r.public_id = %s AND r.closed_at IS NULL AND (p.user_id IS NULL OR p.status = %s)
"""
WEEKLY = """
SELECT weekday, NULL, opens_at, closes_at, valid_from, valid_until FROM bookings_openinghours WHERE restaurant_id = %s
"""
SPECIAL = """
SELECT NULL, day, opens_at, closes_at, NULL, NULL FROM bookings_specialhours
WHERE restaurant_id = %s AND day >= %s AND day <= %s
"""
TABLES = "t.restaurant_id = %s AND t.is_active = %s AND t.seats >= %s"
TAKEN = f"""
SELECT t.id, b.starts_at, b.ends_at FROM bookings_table t LEFT JOIN bookings_booking b
  ON b.table_id = t.id AND b.is_live = %s AND b.starts_at < %s AND b.ends_at > %s
  AND (b.state <> %s OR b.held_until > %s)
WHERE {TABLES}
UNION ALL
SELECT t.id, k.starts_at, k.ends_at FROM bookings_table t JOIN bookings_block k
  ON k.restaurant_id = t.restaurant_id AND k.starts_at < %s AND k.ends_at > %s
  AND (k.table_id IS NULL OR k.table_id = t.id)
WHERE {TABLES}
"""


def restaurant(public_id: UUID) -> Restaurant | None:
    """One that everybody finds (see finding.open_restaurants), with its stats."""
    alias = router.db_for_read(Restaurant)
    key = Restaurant._meta.get_field("public_id").get_db_prep_value(public_id, connections[alias])
    for found in Restaurant.objects.using(alias).raw(RESTAURANT, [key, Person.Status.VALID.value]):
        more: Any = found
        stats = RestaurantStats(pk=more.stats_id, reviews=more.stats_reviews or 0, stars=more.stats_stars or 0)
        more._state.fields_cache["stats"] = stats
        return found
    return None


def hours(place: Restaurant, first: date | None = None, last: date | None = None) -> list[Clocks]:
    """Those of the weekdays, and between two days those of special days."""
    ask, given = WEEKLY, [place.pk]
    if first is not None and last is not None:
        ops: Any = connections[router.db_for_read(Restaurant)].ops
        ask = f"{WEEKLY} UNION ALL {SPECIAL}"
        given += [place.pk, ops.adapt_datefield_value(first), ops.adapt_datefield_value(last)]
    return [
        (weekday, _date(day), _time(opens), _time(closes), _date(since), _date(until))
        for weekday, day, opens, closes, since, until in _rows(ask, given)
    ]


def taken(
    place: Restaurant, party: int, begins: datetime, ends: datetime, at: datetime
) -> dict[int, list[tuple[float, float]]]:
    """By table that is large enough, when it is booked or blocked between two times, as seconds."""
    ops: Any = connections[router.db_for_read(Booking)].ops
    first, last, now = (ops.adapt_datetimefield_value(moment) for moment in (begins, ends, at))
    tables = [place.pk, True, party]
    given = [True, last, first, Booking.State.HELD.value, now, *tables, last, first, *tables]
    found: dict[int, list[tuple[float, float]]] = {}
    for table, starts, until in _rows(TAKEN, given):
        spans = found.setdefault(table, [])
        if starts is not None:
            spans.append((_seconds(starts), _seconds(until)))
    return found


def _rows(ask: str, given: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connections[router.db_for_read(Booking)].cursor() as cursor:
        cursor.execute(ask, given)
        return cursor.fetchall()


def _seconds(value: Any) -> float:
    """SQLite says it in text, MySQL and MariaDB without a zone: it is UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _time(value: Any) -> time | None:
    return time.fromisoformat(value) if isinstance(value, str) else value


def _date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
