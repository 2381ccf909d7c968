"""SQLite as a source: what it keeps in odd forms."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from outgrow.dialects import dialect_for
from outgrow.dialects.base import Range, Reading
from outgrow.lines import Kind

KEYS: list[tuple[str, Kind, list[Any], list[str]]] = [
    ("decimal", Kind.DECIMAL, [0, 0.5, 123456789012.125], ["0.000", "0.500", "123456789012.125"]),
    ("time", Kind.TIME, ["12:00:00.5", "23:00:00"], ["12:00:00.500000", "23:00:00.000000"]),
    ("datetime", Kind.DATETIME, ["2024-01-01T00:00:00.5"], ["2024-01-01 00:00:00.500000"]),
]


@pytest.mark.parametrize(("declared", "kind", "stored", "meant"), KEYS, ids=[str(k[1]) for k in KEYS])
def test_a_key_is_canonical_however_it_is_stored(
    tmp_path: Path, declared: str, kind: Kind, stored: list[Any], meant: list[str]
) -> None:
    path = tmp_path / "odd.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE t (k {declared} PRIMARY KEY)")
        connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in stored])
    dialect = dialect_for({"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)})
    with dialect.snapshot() as snapshot, snapshot.session() as session:
        (column,) = dialect.tables(session)["t"].columns
        scale = 3 if kind is Kind.DECIMAL else None
        reading = Reading("t", ((replace(column, scale=scale), kind),), ("k",))
        keys = sorted(dialect.sample_keys(session, reading, 10, 1))
        assert keys == [(text,) for text in meant]
        assert sorted(dialect.raw(session, reading, keys)) == keys
        pieces = [b"".join(dialect.lines(session, reading, Range(None, key))) for key in keys]
        assert [piece.count(b"\n") for piece in pieces] == list(range(1, len(keys) + 1))
