"""The second path: raw driver values of both sides, compared by meaning. Shares no code with the Line, on purpose."""

from __future__ import annotations

import ipaddress
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from outgrow.dialects.base import Key
from outgrow.lines import Kind
from outgrow.plan import TablePlan
from outgrow.verify.differences import Difference, shown

_FIFTEEN = Context(prec=15)  # Django's own reading of a decimal that SQLite holds as a double


def _text(value: Any) -> str:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode("utf-8", "surrogateescape")
    return str(value)


def _decimal(value: Any) -> Any:
    if isinstance(value, float):
        return _FIFTEEN.create_decimal_from_float(value).normalize()
    return Decimal(_text(value)).normalize()


def _float(value: Any) -> bytes:
    return struct.pack(">d", float(_text(value)) if isinstance(value, (bytes, str)) else float(value))


def _datetime(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime.fromisoformat(_text(value))


def _date(value: Any) -> Any:
    return value if isinstance(value, date) else date.fromisoformat(_text(value))


def _time(value: Any) -> Any:
    if isinstance(value, time):
        return value
    if isinstance(value, timedelta):  # how MySQL's driver gives a TIME
        return (datetime(1, 1, 1) + value).time()  # noqa: DTZ001 - a clock without a day or zone
    return time.fromisoformat(_text(value))


def _duration(value: Any) -> Any:
    return value if isinstance(value, timedelta) else timedelta(microseconds=int(value))


def _uuid(value: Any) -> Any:
    return value if isinstance(value, UUID) else UUID(_text(value))


_read_json = json.JSONDecoder(parse_float=Decimal).decode  # made once: json.loads() makes one for every call


class _Json:
    """A JSON value that equals another with the same meaning: true is not 1, and numbers are compared as decimals."""

    def __init__(self, text: str) -> None:
        self.value = _read_json(text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Json) and _alike(self.value, other.value)

    __hash__ = None  # type: ignore[assignment]


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return (
            isinstance(other, dict) and one.keys() == other.keys() and all(_alike(v, other[k]) for k, v in one.items())
        )
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def _json(value: Any) -> Any:
    return _Json(_text(value))


def _inet(value: Any) -> Any:
    return ipaddress.ip_interface(_text(value))


_MEANING: dict[Kind, Callable[[Any], Any]] = {
    Kind.INTEGER: int,
    Kind.BOOLEAN: bool,
    Kind.DECIMAL: _decimal,
    Kind.FLOAT: _float,
    Kind.TEXT: _text,
    Kind.BINARY: bytes,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.DATETIME: _datetime,
    Kind.DURATION: _duration,
    Kind.UUID: _uuid,
    Kind.JSON: _json,
    Kind.INET: _inet,
    Kind.NATIVE: _text,
}


_EXACT = frozenset({Kind.INTEGER, Kind.BOOLEAN, Kind.TEXT, Kind.BINARY, Kind.DATE, Kind.TIME, Kind.DATETIME, Kind.UUID})
"""Kinds of which two values that Python holds equal are the same (0.0 and -0.0, or 0.1 and a decimal, are not)."""


def same(kind: Kind, one: Any, other: Any) -> bool:
    """Whether two driver values mean the same; what cannot be read as its kind is compared as text."""
    if one is None or other is None:
        return one is other
    if kind is not Kind.FLOAT and type(one) is type(other) and one == other:  # 0.0 == -0.0 is too kind for floats
        return True
    try:
        return bool(_MEANING[kind](one) == _MEANING[kind](other))
    except (ValueError, TypeError, InvalidOperation, RecursionError):
        return _text(one) == _text(other)


def _alike_throughout(kind: Kind, ones: Sequence[Any], others: Sequence[Any]) -> bool:
    """Whether whole columns mean the same, by one comparison in C; False says only that values are to be compared."""
    if kind in _EXACT and ones == others:
        return True
    read = _MEANING[kind]
    try:
        return [v if v is None else read(v) for v in ones] == [v if v is None else read(v) for v in others]
    except (ValueError, TypeError, InvalidOperation, RecursionError):
        return False


def compare_values(
    table: TablePlan,
    source: Mapping[Key, tuple[Any, ...]],
    target: Mapping[Key, tuple[Any, ...]],
    altered: Mapping[Key, frozenset[str]],
    show: bool,
) -> list[Difference]:
    """Differences between the rows of a sample; columns that a recorded fix changed are left to the digests."""
    found = [
        Difference(table.name, _label(table, key), "", "a row", "no row")
        for key in source.keys() - target.keys()
        if "" not in altered.get(key, frozenset())  # rejected as a whole
    ]
    more = target.keys() - source.keys()
    found += [Difference(table.name, _label(table, key), "", "no row", "a row") for key in more]
    both = [key for key in source if key in target]
    here, there = zip(*(source[k] for k in both), strict=True), zip(*(target[k] for k in both), strict=True)
    columns = table.compared[0].columns
    unequal: list[tuple[int, int]] = []
    for number, ((_, kind), ones, others) in enumerate(zip(columns, here, there, strict=bool(both))):
        if not _alike_throughout(kind, ones, others):
            pairs = enumerate(zip(ones, others, strict=True))
            unequal += [(row, number) for row, (one, other) in pairs if not same(kind, one, other)]
    for row, number in sorted(unequal):
        key, name = both[row], columns[number][0].name
        if name not in altered.get(key, frozenset()):
            values = shown(_shown(source[key][number]), show), shown(_shown(target[key][number]), show)
            found.append(Difference(table.name, _label(table, key), name, *values))
    return found


def _label(table: TablePlan, key: Key) -> str:
    return ", ".join(f"{k}={v}" for k, v in zip(table.source.key, key, strict=True))


def _shown(value: Any) -> str | None:
    return None if value is None else _text(value)
