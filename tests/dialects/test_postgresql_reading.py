"""PostgreSQL as a source: a database of SQL_ASCII, which takes any bytes for text."""

from __future__ import annotations

from dataclasses import replace

import psycopg

from outgrow.dialects.base import Range, Reading
from outgrow.dialects.suspects import Probe, Test, suspects_of
from outgrow.lines import Kind
from tests.conftest import MakeDatabase
from tests.moves.test_archive import opened

GOOD = ("", "plain \\ \t\n'", "é", "한글", "😀", "\U0010ffff", "\ud7ff\ue000", "\x7f")
BROKEN = (
    b"caf\xe9", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xf4\x90\x80\x80", b"a\x80", b"\xe2\x82",
    b"\xf0\x80\x80\x80",
)  # fmt: skip


def test_bytes_that_are_not_utf8_are_found_and_read_in_a_database_that_takes_any(make_database: MakeDatabase) -> None:
    url = make_database("postgresql", encoding="SQL_ASCII", locale="C")
    with psycopg.connect(url, autocommit=True) as writer:
        writer.execute("CREATE TABLE t (id int PRIMARY KEY, v text)")
        for number, value in enumerate([*(text.encode() for text in GOOD), *BROKEN]):
            writer.execute("INSERT INTO t VALUES (%s, convert_from(%s,'SQL_ASCII'))", (number, value))
    dialect = opened(url)
    with dialect.connect(read_only=True) as session:
        table = dialect.tables(session)["t"]
        reading = Reading("t", tuple((c, dialect.kind(c)) for c in table.columns), table.key)
        suspects, probe = suspects_of(dialect), Probe(table.columns[1], Kind.TEXT, Test.BROKEN)
        assert suspects.hits(session, "t", [probe]) == [probe]
        found = suspects.fetch(session, replace(reading, columns=reading.columns[:1]), [probe])
        assert sorted((s.key, s.raw) for s in found) == [((n,), b) for n, b in enumerate(BROKEN, len(GOOD))]
        lines = b"".join(dialect.lines(session, reading, Range())).splitlines()
        assert lines[2:6] == [b"2\t\xc3\xa9", *(f"{n}\t{GOOD[n]}".encode() for n in (3, 4, 5))]
        assert lines[len(GOOD)] == b"8\tcaf\xe9"
        assert dialect.raw(session, reading, [(8,)]) == {(8,): (8, b"caf\xe9")}


def test_other_databases_are_not_asked_for_bytes_that_they_cannot_hold(make_database: MakeDatabase) -> None:
    dialect = opened(make_database("postgresql"))
    with dialect.connect() as session:
        session.execute("CREATE TABLE t (v text)")
        column = dialect.tables(session)["t"].columns[0]
        suspects, probe = suspects_of(dialect), Probe(column, Kind.TEXT, Test.BROKEN)
        assert suspects.hits(session, "t", [probe]) == []
        assert suspects.condition(probe) is None
