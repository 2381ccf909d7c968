"""Numbers at and around every edge.

Taken by some engines only: more than 15 digits of a decimal (SQLite keeps a double), unsigned
32 bits (MySQL, MariaDB, SQLite) and 64 (MySQL, MariaDB), -0.0 (PostgreSQL, MySQL), infinities
(PostgreSQL, SQLite), NaN (PostgreSQL).
"""

from __future__ import annotations

import math
from decimal import Decimal

from ..store import As, Group, column_values

SERVERS = frozenset({"postgresql", "mysql", "mariadb"})
SIGNED_ZERO = frozenset({"postgresql", "mysql"})
UNSIGNED = frozenset({"mysql", "mariadb", "sqlite"})
WHOLE = ("integer", "small", "big", "positive", "positive_small", "positive_big", "indexed")
DECIMAL = ("money", "whole", "fraction", "rate", "widest", "tiny")
FLOATS = [
    0.0, 1.0, -1.0, 0.1 + 0.2, 0.1, 1 / 3, 1e15, 1e16, 1e17, 1e21, 1e22, 1e23, -1e22, 1e-5, 1e-7,
    123456789.12345679, 5e-324, -5e-324, 2.2250738585072014e-308, 2.225073858507201e-308,
    1.7976931348623157e308, -1.7976931348623157e308, math.pi, math.e * 1e100, 9007199254740993.0,
    4.35, 0.000001, 100.0, 2**63, 2**64, 8.41e21, 9.5e-3, 1.2345678901234567e-200, 72057594037927945.0,
]  # fmt: skip


def _rows(names: tuple[str, ...], start: int, *rows: tuple) -> list[dict]:
    return [{"id": start + n, **dict(zip(names, row, strict=True))} for n, row in enumerate(rows)]


def _decimals(start: int, *rows: tuple) -> list[dict]:
    return _rows(DECIMAL, start, *(tuple(text and Decimal(text) for text in row) for row in rows))


_common_decimals = _decimals(
    1,
    ("0.00", "0", "0.00000", "0.000000", "0", "0"),
    ("-0.01", "-1", "-0.00001", "-0.000001", "-0.1", "-9"),
    ("9999999.99", "999999999999999", "0.99999", "999999999.999999", "123456789.012345", "9"),
    ("-9999999.99", "-999999999999999", "-0.99999", "-999999999.999999", "-123456789.012345", "-9"),
    ("12.50", "100", "0.12300", "1.100000", "1000000", "5"),
    ("0.10", "10", "0.50000", "0.000010", "0.000000000000001", "1"),
    (None, None, None, None, None, None),
)
_long_decimals = _decimals(
    100,
    ("0.00", "99999999999999999999", "0.00000", "0.000000", "9" * 35 + "." + "9" * 30, "0"),
    ("0.00", "-99999999999999999999", "0.00000", "0.000000", "-" + "9" * 35 + "." + "9" * 30, "0"),
    ("0.00", "12345678901234567891", "0.00000", "0.000000", "0." + "0" * 29 + "1", "0"),
    ("0.00", "9007199254740993", "0.00000", "0.000000", "123456789012345678.910000000000000000000000000001", "0"),
)
_unsigned = [
    (0, 0, 0, 2**32 - 1, 2**16 - 1, 2**63 - 1, 0),
    (0, 0, 0, 4_000_000_000, 40_000, 2**63 - 1, 0),
]

GROUPS = [
    Group(
        "animals.WholeNumbers",
        _rows(
            WHOLE,
            1,
            (0, 0, 0, 0, 0, 0, 0),
            (2**31 - 1, 2**15 - 1, 2**63 - 1, 2**31 - 1, 2**15 - 1, 2**63 - 1, 1),
            (-(2**31), -(2**15), -(2**63), 1, 1, 1, -1),
            (-1, -1, -1, 10, 10, 2**53 + 1, 1),
            (None, None, None, None, None, None, None),
        ),
    ),
    Group("animals.WholeNumbers", _rows(WHOLE, 100, *_unsigned), engines=UNSIGNED, extreme=True),
    Group(
        "animals.WholeNumbers",
        _rows(WHOLE, 200, (0, 0, 0, 0, 0, 2**64 - 1, 0)),
        engines=frozenset({"mysql", "mariadb"}),
        extreme=True,
    ),
    Group(  # SQLite checks no range (trap 27)
        "animals.WholeNumbers",
        _rows(
            WHOLE,
            300,
            *(
                tuple(None if value is None else As(value, value) for value in row)
                for row in [(2**40, 70_000, 0, 2**40, 70_000, 0, -(2**40))]
            ),
        ),
        engines=frozenset({"sqlite"}),
        extreme=True,
    ),
    Group(
        "animals.Truths",
        [
            {"id": 1, "sure": True, "unsure": None},
            {"id": 2, "sure": False, "unsure": True},
            {"id": 3, "sure": True, "unsure": False},
        ],
    ),
    Group("animals.Floats", column_values("value", [*map(float, FLOATS), None])),
    Group("animals.Floats", column_values("value", [As("-0", -0.0)], 100), SIGNED_ZERO, True),
    Group(
        "animals.Floats", column_values("value", [math.inf, -math.inf], 200), frozenset({"postgresql", "sqlite"}), True
    ),
    Group("animals.Floats", column_values("value", [math.nan], 300), frozenset({"postgresql"}), True),
    Group("animals.Decimals", _common_decimals),
    Group("animals.Decimals", _long_decimals, engines=SERVERS, extreme=True),
    Group(
        "animals.Choices",
        [
            {"id": 1, "size": 1, "diet": "plants"},
            {"id": 2, "size": 99, "diet": "nothing"},
            {"id": 3, "size": -1, "diet": ""},
        ],
    ),
]
