"""SQLite: one row as one marked text, by SQL that cannot alter a value unseen.

Short values leave through ``printf``, which makes a row of ten columns in two thirds of the time that ``||`` takes
(1.0 instead of 1.4 µs). But printf cuts a text at NUL, so it is given only what a guard has proved to hold none; free
text goes by ``||``, which keeps every byte.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from outgrow.dialects.base import Column
from outgrow.dialects.sqlite.catalog import quote
from outgrow.lines import DOUBT, NIL, RECORD, UNIT, Kind

DAY = 86_400_000_000  # microseconds
SHORT = frozenset(Kind) - {Kind.TEXT, Kind.JSON, Kind.BINARY, Kind.NATIVE, Kind.INET}
"""Kinds whose rendered values are never long and never hold NUL."""
MOST_ARGUMENTS = 90  # SQLite takes 100 by default (SQLITE_LIMIT_FUNCTION_ARG)

DOUBT_SQL = f"'{DOUBT.decode()}'"


def _bytes(data: bytes) -> str:
    """A text literal that may hold bytes which are not UTF-8."""
    return f"CAST(X'{data.hex()}' AS TEXT)"


NIL_SQL, UNIT_SQL, RECORD_SQL = map(_bytes, (NIL, UNIT, RECORD))


def render(column: Column, kind: Kind, absent: str = "NULL") -> str:
    """The canonical text, ``absent`` for NULL; what is not exactly of the kind becomes DOUBT: Python looks again."""
    c = quote(column.name)
    if kind is Kind.INTEGER and column.identity:
        return c
    if kind not in _EXPRESSIONS:
        return c if absent == "NULL" else f"ifnull({c},{absent})"
    missing = f"WHEN {c} IS NULL THEN {absent} " if column.nullable else ""
    return f"CASE {_EXPRESSIONS[kind](c, column)} {missing}ELSE {DOUBT_SQL} END"


def line(columns: Sequence[tuple[Column, Kind]]) -> str:
    """A whole row: UNIT between the fields, NIL for NULL. A NULL where none may be is DOUBT, or the row is NULL."""
    parts: list[str] = []
    for short, run in groupby(columns, lambda pair: pair[1] in SHORT):
        rendered = [render(column, kind, NIL_SQL if column.nullable else "NULL") for column, kind in run]
        parts += _printed(rendered) if short else rendered
    return f"||{UNIT_SQL}||".join(parts)


def _printed(rendered: Sequence[str]) -> list[str]:
    groups = [rendered[i : i + MOST_ARGUMENTS] for i in range(0, len(rendered), MOST_ARGUMENTS)]
    return [f"printf({_bytes(UNIT.join([b'%s'] * len(g)))},{','.join(g)})" if len(g) > 1 else g[0] for g in groups]


def _decimal(c: str, column: Column) -> str:
    scale = column.scale or 0
    zeros = f"||'.{'0' * scale}'" if scale else ""
    shown = f"printf('%.{scale}f',{c})"
    return (
        f"WHEN typeof({c})='integer' THEN {c}{zeros} "
        f"WHEN typeof({c})='real' AND abs({c})<1e{15 - min(scale, 15)} AND CAST({shown} AS REAL)={c} AND {c}<>0 "
        f"THEN {shown}"
    )


DAY_SHAPE, TIME_SHAPE = "____-__-__", "__:__:__"


def _shaped(c: str, shape: str) -> str:
    """A text of this shape and size. LIKE stops at NUL as printf does, hence the size: together they let none through.

    Cheaper than two lengths and a character, and 1000000 is no time of eight letters.
    """
    return f"{c} LIKE '{shape}' AND length(CAST({c} AS BLOB))={len(shape)}"


def _clock(c: str, shape: str, counted: str) -> str:
    """As it is with its microseconds; without them they are added, to what is a time or a moment (0.2 µs)."""
    real = f"{counted}({c},'+0 days')={c} AND +{c}>='0001'"  # + or a numeric column compares with 1
    return f"WHEN {_shaped(c, shape + '.______')} THEN {c} WHEN {_shaped(c, shape)} AND {real} THEN {c}||'.000000'"


def _duration(c: str, column: Column) -> str:
    rest = f"({c}%{DAY})"
    return f"WHEN typeof({c})='integer' THEN ({c}/{DAY}-({rest}<0))||' days '||({rest}+({rest}<0)*{DAY})||' us'"


_EXPRESSIONS: dict[Kind, Callable[[str, Column], str]] = {
    # half the time of typeof(), and 2.0 in an integer column is 2
    Kind.INTEGER: lambda c, _: f"WHEN {c}={c}|0 THEN {c}|0",
    Kind.BOOLEAN: lambda c, _: f"WHEN {c}=1 THEN '1' WHEN {c}=0 THEN '0'",
    Kind.DECIMAL: _decimal,
    Kind.FLOAT: lambda c, _: f"WHEN {c} IS NULL THEN NULL",  # no SQL shows a double exactly
    Kind.BINARY: lambda c, _: f"WHEN typeof({c})='blob' THEN '\\x'||lower(hex({c}))",
    Kind.DATE: lambda c, _: f"WHEN {_shaped(c, DAY_SHAPE)} THEN {c}",
    Kind.DATETIME: lambda c, _: _clock(c, f"{DAY_SHAPE} {TIME_SHAPE}", "datetime"),
    Kind.TIME: lambda c, _: _clock(c, TIME_SHAPE, "time"),
    Kind.DURATION: _duration,
    Kind.UUID: lambda c, _: f"WHEN {_shaped(c, '_' * 32)} AND lower({c})={c} COLLATE BINARY THEN {c}",
}
