"""What two SQLite files hold, read by the driver alone and compared row by row; shares no code with Outgrow."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

NOT_DATA = ("sqlite_", "outgrow_", "django_migrations")


def unequal(one: Path, other: Path, *, without: Collection[str] = ()) -> dict[str, str]:
    """Table → what differs. ``without`` names search indexes, which are made anew from other rows."""
    with closing(_open(one)) as first, closing(_open(other)) as second:
        left, right = _tables(first, without), _tables(second, without)
        found = dict.fromkeys(left.keys() ^ right.keys(), "only one of the files has it")
        for name in left.keys() & right.keys():
            if left[name] != right[name]:
                found[name] = f"columns {left[name]} became {right[name]}"
            elif difference := _rows(first, name, left[name]) - _rows(second, name, right[name]):
                found[name] = f"{difference.total()} rows are gone or changed, first {next(iter(difference))}"
            elif difference := _rows(second, name, right[name]) - _rows(first, name, left[name]):
                found[name] = f"{difference.total()} rows too many, first {next(iter(difference))}"
    return found


def count(file: Path, *, without: Collection[str] = ()) -> int:
    """All rows of the tables that are compared."""
    with closing(_open(file)) as connection:
        return sum(_rows(connection, name, columns).total() for name, columns in _tables(connection, without).items())


def schema(file: Path, *, without: Collection[str] = ()) -> set[tuple[str, str, str]]:
    """(kind, name, table) of everything that somebody declared."""
    with closing(_open(file)) as connection:
        named = connection.execute("SELECT type, name, tbl_name FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {row for row in named if not row[2].startswith(("sqlite_", "outgrow_")) and not _left_out(row[2], without)}


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True)


def _left_out(name: str, without: Collection[str]) -> bool:
    return any(name == start or name.startswith(f"{start}_") for start in without)


def _tables(connection: sqlite3.Connection, without: Collection[str]) -> dict[str, tuple[tuple[str, bool], ...]]:
    """Table → its columns in the order of their names, each with whether it holds JSON."""
    found = {}
    for name, sql in connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall():
        if not name.startswith(NOT_DATA) and not _left_out(name, without):
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')]
            found[name] = tuple((column, f'JSON_VALID("{column}")' in sql) for column in sorted(columns))
    return found


def _rows(connection: sqlite3.Connection, table: str, columns: tuple[tuple[str, bool], ...]) -> Counter[Any]:
    listed = ", ".join(f'"{name}", typeof("{name}")' for name, _ in columns)
    return Counter(
        tuple(_value(row[2 * i], row[2 * i + 1], json_) for i, (_, json_) in enumerate(columns))
        for row in connection.execute(f'SELECT {listed} FROM "{table}"')
    )


def _value(value: Any, type_: str, holds_json: bool) -> Any:
    """A float by its bits, JSON by its value: jsonb and MySQL keep neither spaces nor the order of keys."""
    if holds_json and isinstance(value, str):
        return "json", json.dumps(json.loads(value, parse_float=Decimal), sort_keys=True, default=str)
    return type_, value.hex() if isinstance(value, float) else value
