"""Rows for PostgreSQL's own fields."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ..store import As, Group

NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)


def _array(number: int, **values) -> dict:
    return {"id": number, "numbers": None, "texts": [], "moments": None, "uuids": None, "nested": None, **values}


def _groups() -> list[Group]:
    try:
        from psycopg.types.range import Range, TimestamptzRange  # noqa: F401
    except ImportError:  # neither installed nor needed without PostgreSQL
        return []
    none: dict[str, Any] = dict.fromkeys(("integers", "bigs", "decimals", "moments", "days"))
    return [
        Group(
            "pgonly.Arrays",
            [
                _array(
                    1,
                    numbers=[1, None, -(2**31)],
                    texts=["", "NULL", None, 'a"b', "a\\b", "{}", ",", "a\tb\n", "🦊", " "],
                ),
                _array(2, numbers=[], moments=[NEW_YEAR], uuids=[uuid.UUID(int=0), uuid.UUID(int=2**128 - 1)]),
                _array(3, nested=[["a", "b"], ["{", "}"], ['"', "\\"]]),
                _array(4, nested=[]),
            ],
        ),
        Group(
            "pgextra.Stores",
            [
                {"id": 1, "data": {}},
                {"id": 2, "data": {"a": "1", "b": None, "": "", '"': "\\", "=>": ",", "é": "🦊\n\t", "NULL": "NULL"}},
                {"id": 3, "data": None},
            ],
        ),
        Group(
            "pgonly.Ranges",
            [
                {"id": 1, **none},
                {
                    "id": 2,
                    "integers": Range(1, 10, "[)"),
                    "bigs": Range(-(2**63), 2**62, "[)"),
                    "decimals": Range(Decimal("0.10"), Decimal("1e3"), "(]"),
                    "moments": Range(NEW_YEAR, datetime(2024, 1, 1, 0, 0, 0, 1, tzinfo=UTC), "[]"),
                    "days": Range(date(1000, 1, 1), date(9999, 12, 31), "[)"),
                },
                {
                    "id": 3,
                    "integers": Range(None, 5, "()"),
                    "bigs": Range(empty=True),
                    "decimals": Range(Decimal(0), None, "()"),
                    "moments": Range(None, None, "()"),
                    "days": Range(empty=True),
                },
            ],
        ),
        Group("pgextra.Insensitive", [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Àda"}, {"id": 3, "name": ""}]),
        Group(
            "pgonly.Searchable",
            [
                {"id": 1, "body": "a fat cat", "vector": As("'cat':3 'fat':2A", "'cat':3 'fat':2A")},
                {"id": 2, "body": "", "vector": As("", "")},
                {"id": 3, "body": "it's", "vector": As("'it''s':1 'a\\\\b':2", "'a\\\\b':2 'it''s':1")},
                {"id": 4, "body": "none", "vector": None},
            ],
        ),
        Group(
            "pgonly.Excluding",
            [{"id": n, "days": Range(date(2024, n, 1), date(2024, n + 1, 1), "[)")} for n in range(1, 6)],
        ),
    ]


GROUPS = _groups()
