"""Dates, moments, times and durations from end to end.

Common is what all engines document: dates from the year 1000 (MySQL's and MariaDB's documented
lower bound; they hold the year 1 too), durations up to 2**63 - 1 microseconds (PostgreSQL holds
an interval and goes further).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from ..store import Group, column_values

DAYS = [
    date(1000, 1, 1), date(1582, 10, 4), date(1582, 10, 10), date(1582, 10, 15), date(1899, 12, 31),
    date(1900, 1, 1), date(1900, 2, 28), date(1969, 12, 31), date(1970, 1, 1), date(2000, 2, 29),
    date(2024, 2, 29), date(2038, 1, 20), date(9999, 12, 31), None,
]  # fmt: skip
MOMENTS = [
    datetime(1000, 1, 1, tzinfo=UTC),
    datetime(1883, 11, 18, 12, 3, 58, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
    datetime(2001, 9, 9, 1, 46, 40, 123_456, tzinfo=UTC),
    datetime(2012, 6, 30, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2024, 3, 10, 2, 30, 0, 100_000, tzinfo=UTC),  # skipped by New York's clocks
    datetime(2024, 3, 31, 2, 30, 0, 10, tzinfo=UTC),  # skipped by Berlin's
    datetime(2024, 10, 27, 2, 30, 0, 120_000, tzinfo=UTC),  # twice in Berlin
    datetime(2024, 11, 3, 1, 30, 0, 999_000, tzinfo=UTC),  # twice in New York
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    None,
]
TIMES = [
    time(0), time(0, 0, 0, 1), time(0, 0, 1), time(1, 2, 3, 400_000), time(12), time(12, 34, 56, 789_012),
    time(23, 59, 59), time(23, 59, 59, 999_999), None,
]  # fmt: skip
DURATIONS = [
    timedelta(0), timedelta(microseconds=1), timedelta(microseconds=-1), timedelta(milliseconds=1),
    timedelta(seconds=1), timedelta(seconds=-1), timedelta(days=1), timedelta(days=-1), timedelta(days=31),
    timedelta(days=-400, seconds=1, microseconds=999_999), timedelta(hours=25, microseconds=5),
    timedelta(days=36525), timedelta(microseconds=2**53 + 1), timedelta(microseconds=2**63 - 1),
    timedelta(microseconds=-(2**63)), None,
]  # fmt: skip
STAMP = datetime(2020, 5, 17, 8, 9, 10, 11, tzinfo=UTC)

GROUPS = [
    Group("animals.Dates", column_values("day", DAYS)),
    Group("animals.Dates", column_values("day", [date(1, 1, 1), date(999, 12, 31)], 100), extreme=True),
    Group("animals.Moments", column_values("moment", MOMENTS)),
    Group(
        "animals.Moments",
        column_values("moment", [datetime(1, 1, 1, 0, 0, 0, 1, tzinfo=UTC), datetime(999, 12, 31, tzinfo=UTC)], 100),
        extreme=True,
    ),
    Group("animals.TimesOfDay", column_values("time", TIMES)),
    Group("animals.Durations", column_values("duration", DURATIONS)),
    Group(
        "animals.Durations",
        column_values("duration", [timedelta(days=999_999_999), timedelta(days=-999_999_999)], 100),
        engines=frozenset({"postgresql"}),
        extreme=True,
    ),
    Group(
        "animals.Stamped",
        [
            {"id": n, "created": STAMP + timedelta(days=n), "updated": STAMP, "day": date(2020, 5, 18), "seen": STAMP}
            for n in range(1, 4)
        ],
    ),
]
