"""SQLite as a source: what it keeps in odd forms."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.utils.dateparse import parse_date, parse_datetime, parse_time
from hypothesis import example, given, settings
from hypothesis import strategies as st

from outgrow.dialects import dialect_for
from outgrow.dialects.base import Column, Range, Reading
from outgrow.dialects.sqlite.reading import cells, lines
from outgrow.dialects.sqlite.session import SQLiteSession
from outgrow.dialects.sqlite.suspects import UNREADABLE
from outgrow.lines import Kind, escape
from tests import PROVE

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


# -- pieces and cells -------------------------------------------------------------------------------------------------
COLUMNS = (
    ("whole", "integer", Kind.INTEGER), ("flag", "bool", Kind.BOOLEAN), ("price", "decimal", Kind.DECIMAL),
    ("title", "varchar(20)", Kind.TEXT), ("day", "date", Kind.DATE), ("clock", "time", Kind.TIME),
    ("moment", "datetime", Kind.DATETIME), ("span", "bigint", Kind.DURATION), ("mark", "char(32)", Kind.UUID),
    ("body", "blob", Kind.BINARY), ("notes", "text", Kind.JSON), ("last", "integer", Kind.INTEGER),
)  # fmt: skip
SPELLED = [
    "2026-01-31", "2026-01-31 23:59:59", "2026-01-31 23:59:59.000001", "2026-01-31T23:59:59.000001", "23:59:59",
    "23:59:59.000001", "0123456789abcdef0123456789abcdef", "0123456789ABCDEF0123456789ABCDEF", "50+", "", "é", "\ufffd",
]  # fmt: skip


def with_nul(text: str) -> st.SearchStrategy[str]:
    """NUL somewhere: SQLite's functions stop there, each in its own way."""
    return st.builds(
        lambda at, more: text[:at] + "\0" + text[at + more :], st.integers(0, len(text)), st.sampled_from([0, 0, 1])
    )


stored = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.integers(-2, 2), st.floats(allow_nan=False), st.booleans(),
    st.sampled_from([2.0, -0.0, 9.3e18, 2.0**63, -(2.0**63), 12.5]), st.sampled_from(SPELLED),
    st.sampled_from(SPELLED).flatmap(with_nul),
    st.text(max_size=30), st.binary(max_size=40), st.sampled_from(SPELLED).map(str.encode),
)  # fmt: skip


PROPER = (
    7, 1, 12.5, "a title", "2026-01-31", "23:59:59.000001", "2026-01-31 23:59:59", -5, SPELLED[6], b"\x00\xff", "{}", 8
)  # fmt: skip


odd_cell = st.integers(0, len(COLUMNS) - 1).flatmap(
    lambda at: (
        st.tuples(st.just(at), with_nul(PROPER[at]) if isinstance(PROPER[at], str) else stored)
        | st.tuples(st.just(at), stored)
    )
)


@given(
    odd=st.lists(odd_cell, min_size=1, max_size=3),
    nullable=st.booleans(),
    encoding=st.sampled_from(["UTF-8", "UTF-8", "UTF-8", "UTF-16"]),
)
@example(odd=[(5, "24:00:00"), (5, "ab:cd:ef")], nullable=False, encoding="UTF-8")
@example(odd=[(6, "2026-01-01 24:00:00"), (6, "2026-02-30 00:00:00")], nullable=False, encoding="UTF-8")
@example(odd=[(6, "0000-01-01 00:00:00"), (6, "2026-13-01 ab:00:00")], nullable=False, encoding="UTF-8")
@settings(max_examples=4000 if PROVE else 500, deadline=None)
def test_whatever_a_cell_holds_a_piece_shows_it_canonically_or_whole_or_in_doubt(
    odd: list[tuple[int, Any]], nullable: bool, encoding: str
) -> None:
    rows = [(*PROPER[:at], value, *PROPER[at + 1 :]) for at, value in odd]  # one odd cell in each row
    rows += [PROPER] * (len(rows) + 2)  # a piece with few odd rows is mended, not read anew
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA encoding='{encoding}'")
        declared = ",".join(f"{name} {type_}" for name, type_, _ in COLUMNS)
        connection.execute(f"CREATE TABLE t (id integer PRIMARY KEY,{declared})")
        values = ",".join("?" * (len(COLUMNS) + 1))
        connection.executemany(f"INSERT INTO t VALUES ({values})", [(n, *row) for n, row in enumerate(rows)])
        columns = [(Column("id", "integer", "integer", nullable=False, identity=True), Kind.INTEGER)]
        for name, type_, kind in COLUMNS:  # not every NOT NULL that was declared is kept
            columns.append((Column(name, type_.partition("(")[0], type_, nullable=nullable, scale=2), kind))
        reading = Reading("t", tuple(columns), ("id",))
        session = SQLiteSession(connection, ":memory:")
        pieces = b"".join(lines(session, reading, Range(), "1", None))
        found = [tuple(line.split(b"\t")) for line in pieces.split(b"\n")[:-1]]
        connection.text_factory = bytes
        plain = connection.execute("SELECT * FROM t").fetchall()
    assert len(found) == len(rows)
    by_id = {int(fields[0]): fields for fields in found}
    for row in plain:
        canonical = cells(row, reading.columns).split(b"\t")
        for value, here, there in zip(row, by_id[row[0]], canonical, strict=True):
            assert here in (there, escape(value) if isinstance(value, bytes) else there)


two = st.integers(0, 99).map("{:02}".format) | st.sampled_from(["00", "23", "24", "31", "59", "60", "ab"])
clock = st.builds("{}:{}:{}{}".format, two, two, two, st.sampled_from(["", ".000000", ".5", ".1234567", "Z"]))
moment = st.builds("{}{}-{}-{} {}".format, two, two, two, two, clock)


@given(kind=st.just(Kind.TIME), text=clock)
@example(kind=Kind.TIME, text="24:00:00")
@settings(max_examples=5000 if PROVE else 500, deadline=None)
def test_a_time_that_django_cannot_read_is_suspect(kind: Kind, text: str) -> None:
    read_or_suspected(kind, "time", text)


@given(kind=st.just(Kind.DATETIME), text=moment)
@example(kind=Kind.DATETIME, text="2026-01-01 24:00:00.000000")
@example(kind=Kind.DATETIME, text="2026-02-30 23:59:59")
@example(kind=Kind.DATETIME, text="0000-01-01 00:00:00")
@settings(max_examples=5000 if PROVE else 500, deadline=None)
def test_a_moment_that_django_cannot_read_is_suspect(kind: Kind, text: str) -> None:
    read_or_suspected(kind, "datetime", text)


@given(kind=st.just(Kind.DATE), text=st.builds("{}{}-{}-{}".format, two, two, two, two))
@example(kind=Kind.DATE, text="0000-01-01")
@settings(max_examples=5000 if PROVE else 500, deadline=None)
def test_a_date_that_django_cannot_read_is_suspect(kind: Kind, text: str) -> None:
    read_or_suspected(kind, "date", text)


READ: dict[Kind, Callable[[str], object]] = {
    Kind.DATE: parse_date, Kind.TIME: parse_time, Kind.DATETIME: parse_datetime,
}  # fmt: skip


def read_or_suspected(kind: Kind, declared: str, text: str) -> None:
    column = Column("c", declared, declared, nullable=True)
    with closing(sqlite3.connect(":memory:")) as connection:
        condition = UNREADABLE[kind]("c", column)
        connection.execute(f"CREATE TABLE t (c {declared})")  # which is a numeric column
        connection.execute("INSERT INTO t VALUES (?)", [text])
        (suspected,) = connection.execute(f"SELECT {condition} FROM t").fetchone()
    try:
        readable = READ[kind](text) is not None
    except ValueError:
        readable = False
    assert readable or suspected


def test_a_collation_that_only_the_project_registers_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "collated.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.create_collation("NOCASE_UTF8", lambda a, b: (a.lower() > b.lower()) - (a.lower() < b.lower()))
        connection.execute('CREATE TABLE t (k text COLLATE "NOCASE_UTF8" PRIMARY KEY, v text COLLATE NOCASE_UTF8)')
        connection.executemany("INSERT INTO t VALUES (?, ?)", [("b", "B"), ("É", "a"), ("a", "é")])
    dialect = dialect_for({"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)})
    with dialect.snapshot() as snapshot, snapshot.session() as session:
        table = dialect.tables(session)["t"]
        reading = Reading("t", tuple((column, Kind.TEXT) for column in table.columns), table.key)
        found = b"".join(dialect.lines(session, reading, Range())).decode().split("\n")
    assert sorted(found) == ["", "a\té", "b\tB", "É\ta"]
