"""Rows that satisfy each constraint, just."""

from __future__ import annotations

from datetime import date

from ..store import Group


def _unique(number: int, plain: str, state: str, position: int, value: int | None) -> dict:
    return {"id": number, "plain": plain, "state": state, "position": position, "number": value, "extra": None}


MYSQLS = frozenset({"mysql", "mariadb"})
NOT_POSTGRESQL = MYSQLS | {"sqlite"}

GROUPS = [
    Group(
        "animals.Together",
        [
            {"id": 1, "first": 1, "second": "a"},
            {"id": 2, "first": 1, "second": "b"},
            {"id": 3, "first": 1, "second": None},
            {"id": 4, "first": 1, "second": None},
        ],
    ),
    Group(
        "animals.Uniques",
        [
            _unique(1, "alpha", "open", 1, 1),
            _unique(2, "beta", "open", 2, 2),
            _unique(3, "alpha", "closed", 3, None),
            _unique(4, "gamma", "new", 4, None),
        ],
    ),
    # Legal only where the same migrations make no such unique key (trap 76).
    Group("animals.Uniques", [_unique(7, "omega", "new", 1, 7)], NOT_POSTGRESQL, extreme=True),
    Group("animals.Uniques", [_unique(8, "omega", "old", 8, 8)], MYSQLS, extreme=True),
    Group("animals.Deferred", [{"id": n, "position": 10 - n} for n in range(1, 10)]),
    Group(
        "animals.Checked",
        [
            {"id": 1, "low": -1000, "high": -1000, "kind": "it's"},
            {"id": 2, "low": 0, "high": 2**31 - 1, "kind": "동물"},
            {"id": 3, "low": 5, "high": 6, "kind": 'a"b'},
        ],
    ),
    Group(
        "animals.Indexed",
        [{"id": n, "name": f"name {n % 3}", "year": 2000 - n % 7, "rank": n % 5 or None} for n in range(1, 41)],
    ),
    Group(
        "animals.Collated",
        [{"id": n, "exact": text, "usual": text} for n, text in enumerate(["a", "A", "á", "a ", " a", ""], 1)],
    ),
    Group("animals.Commented", [{"id": 1, "weight": 70}]),
    Group(
        "animals.Ordered",
        [
            {"id": 1, "rank": None, "next_id": 3},
            {"id": 2, "rank": 5, "next_id": None},
            {"id": 3, "rank": 1, "next_id": 1},
        ],
    ),
    Group("animals.PerDay", [{"id": n, "title": "same", "day": date(2024, 1, 1)} for n in (1, 2)]),
]
