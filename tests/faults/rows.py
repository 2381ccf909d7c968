"""Two databases compared row by row with nothing but the drivers: no line, no digest, no query of Outgrow's."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import psycopg

OURS = ("outgrow_", "django_migrations", "sqlite_")
Rows = list[dict[str, Any]]


def tables_of(url: str) -> dict[str, Rows]:
    """Every table's rows as the driver gives them."""
    connection, listing, mark = opened(url)
    with contextlib.closing(connection):
        cursor = connection.cursor()
        cursor.execute(listing)
        found: dict[str, Rows] = {}
        for (name,) in cursor.fetchall():
            name = name.decode() if isinstance(name, bytes) else name
            if not name.startswith(OURS):
                cursor.execute(f"SELECT * FROM {mark}{name.replace(mark, mark * 2)}{mark}")
                columns = [d[0] for d in cursor.description]
                found[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        return found


def opened(url: str) -> tuple[Any, str, str]:
    """A plain connection, the query for its tables' names, and its quote."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        connection = sqlite3.connect(f"file:{parts.path[1:]}?mode=ro", uri=True)
        return connection, "SELECT name FROM sqlite_master WHERE type = 'table'", '"'
    if parts.scheme == "postgresql":
        listing = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        return psycopg.connect(url), f"{listing} AND table_type = 'BASE TABLE'", '"'
    import MySQLdb

    connection = MySQLdb.connect(
        host=parts.hostname, port=parts.port, user=unquote(parts.username or ""),
        password=unquote(parts.password or ""), database=parts.path[1:], charset="utf8mb4",
    )  # fmt: skip
    return connection, "SHOW TABLES", "`"


def differences(one: str, other: str) -> list[str]:
    """One sentence for each row that is missing, doubled, new or changed; [] when equal."""
    here, there = tables_of(one), tables_of(other)
    found = [f"{name}: only one side has the table" for name in here.keys() ^ there.keys()]
    for name in here.keys() & there.keys():
        found += [f"{name}: {text}" for text in _compare(here[name], there[name])]
    return found


def _compare(here: Rows, there: Rows) -> list[str]:
    left, right = Counter(map(_key, here)), Counter(map(_key, there))
    found = [f"row {key} is missing" for key in (left - right)]
    found += [f"row {key} is there {right[key]} times" for key in (right - left)]
    by_key = {_key(row): row for row in there}
    for row in here:
        match = by_key.get(_key(row))
        if match is not None:
            found += [
                f"row {_key(row)}: {n} {v!r} became {match[n]!r}" for n, v in row.items() if not same(v, match[n])
            ]
    return found


def _key(row: dict[str, Any]) -> str:
    return str(row["id"] if "id" in row else next(iter(row.values())))


def same(one: Any, other: Any) -> bool:
    """Whether two drivers' values are the same value; the richer type says what a plain one means."""
    if one is None or other is None:
        return one is other
    for a, b in ((one, other), (other, one)):
        for kind, reading in _READINGS:
            if isinstance(a, kind):
                return bool(reading(a) == reading(b))
    if isinstance(one, str) and isinstance(other, str) and one != other and one[:1] in "[{":
        return bool(json.loads(one) == json.loads(other))
    return bool(one == other) or _plain(one) == _plain(other)


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _plain(value: Any) -> Any:
    """MariaDB's driver gives a uuid as text with hyphens."""
    return value.replace("-", "") if isinstance(value, str) and _UUID.fullmatch(value) else value


def _bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)


def _decimal(value: Any) -> Decimal:
    if isinstance(value, float):
        return Context(prec=15).create_decimal_from_float(value)
    return Decimal(value)


def _moment(value: Any) -> datetime:
    value = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _span(value: Any) -> timedelta:
    """MySQL's driver gives a time of day as a span too."""
    if isinstance(value, str):
        value = time.fromisoformat(value)
    if isinstance(value, time):
        return datetime.combine(date.min, value) - datetime.min
    return timedelta(microseconds=value) if isinstance(value, int) else value


_READINGS: tuple[tuple[Any, Any], ...] = (
    (bool, bool),
    (UUID, lambda v: v if isinstance(v, UUID) else UUID(v)),
    (Decimal, _decimal),
    (datetime, _moment),
    (date, lambda v: v if isinstance(v, date) else date.fromisoformat(v)),
    (timedelta, _span),
    (time, _span),
    ((IPv4Address, IPv6Address), ip_address),
    ((dict, list), lambda v: json.loads(v) if isinstance(v, str) else v),
    ((bytes, bytearray, memoryview), _bytes),
)
