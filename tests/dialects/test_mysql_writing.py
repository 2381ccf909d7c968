"""MySQL and MariaDB as a target: every row arrives as it left, or the chunk is refused."""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from MySQLdb import MySQLError

from outgrow.dialects.base import Range, Reading, Trouble
from outgrow.dialects.mysql import writing
from outgrow.lines import Kind
from tests.dialects.mysql_place import Place, made

COLUMNS = """
 id bigint NOT NULL PRIMARY KEY, i int, u bigint unsigned, b tinyint(1), d decimal(20,5), f double, s float,
 t longtext, v varchar(60), l varchar(60) CHARACTER SET latin1, m varchar(60) CHARACTER SET utf8mb3, x longblob,
 fixed binary(16), da date, dt datetime(6), dt3 datetime(3), ti time(6), du bigint, uu char(32), j json,
 e enum('a','é','it''s'), bits bit(9), y year
"""
LOCK_WAIT_TIMEOUT = 1205
HINTS = {"b": Kind.BOOLEAN, "du": Kind.DURATION, "uu": Kind.UUID, "j": Kind.JSON, "fixed": Kind.UUID}

marks = st.sampled_from(
    ["\x1f", "\x1e", "\x1d", "\x1c", "\\N", "\\", "\t", "\n", "\r", "\x00", "'", '"', "%s", "?", "😀", "안", "NULL"]
)
anything = st.characters(exclude_categories=["Cs"])
texts = st.lists(marks | anything, max_size=20).map("".join)
short = texts.map(lambda t: t.replace("\x00", "")[:20])
singles = st.floats(width=32, allow_nan=False, allow_infinity=False)
moments = st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59))
latin = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=20)
narrow = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=20)
documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e10, 1e10) | short,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(short, inner, max_size=3),
    max_leaves=6,
)


def nullable(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


rows = st.tuples(
    nullable(st.integers(-(2**31), 2**31 - 1)),
    nullable(st.integers(0, 2**64 - 1)),
    nullable(st.booleans().map(int)),
    nullable(st.decimals(-(10**14), 10**14, places=5)),
    nullable(st.floats(allow_nan=False, allow_infinity=False).filter(lambda f: f or math.copysign(1, f) > 0)),
    nullable(singles.filter(lambda f: f or math.copysign(1, f) > 0)),
    nullable(texts),
    nullable(texts.map(lambda t: t.rstrip("\x00")[:30])),
    nullable(latin),
    nullable(narrow),
    nullable(st.binary(max_size=40)),
    nullable(st.binary(min_size=16, max_size=16)),
    nullable(moments.map(lambda m: m.date())),
    nullable(moments),
    nullable(moments.map(lambda m: m.replace(microsecond=m.microsecond // 1000 * 1000))),
    nullable(st.times()),
    nullable(st.integers(-(2**63), 2**63 - 1)),
    nullable(st.uuids().map(lambda u: u.hex)),
    nullable(documents.map(json.dumps)),
    nullable(st.sampled_from(["a", "é", "it's"])),
    nullable(st.integers(0, 511)),
    nullable(st.integers(1901, 2155)),
)


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_every_value_arrives_bit_for_bit_by_both_paths(engine: str) -> None:
    with made(engine) as place:
        place.run(f"CREATE TABLE a ({COLUMNS})", "CREATE TABLE b LIKE a", "CREATE TABLE c LIKE a")
        here, there, third = (place.reading(n, **HINTS) for n in "abc")
        columns = [c.name for c, _ in here.columns]

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(rows, min_size=1, max_size=6))
        def check(values: list[tuple[Any, ...]]) -> None:
            place.run("DELETE FROM a", "DELETE FROM b", "DELETE FROM c")
            place.insert("a", [(n, *row) for n, row in enumerate(values)])
            pieces = list(place.dialect.lines(place.session, here, Range()))
            assert place.write(there, pieces, path="load") == len(values)
            assert place.write(third, pieces, path="insert") == len(values)
            keys = [(n,) for n in range(len(values))]
            one = place.dialect.raw(place.session, here, keys)
            assert one == place.dialect.raw(place.session, there, keys)
            assert one == place.dialect.raw(place.session, third, keys)
            assert place.digest(here) == place.digest(there) == place.digest(third)
            for n, row in enumerate(values):
                got = dict(zip(columns, one[(n,)], strict=True))
                put = dict(zip(columns, (n, *row), strict=True))
                if put["f"] is not None:
                    assert struct.pack("<d", got["f"]) == struct.pack("<d", put["f"])
                for name in (
                    "i",
                    "u",
                    "b",
                    "d",
                    "s",
                    "t",
                    "v",
                    "l",
                    "m",
                    "x",
                    "da",
                    "dt",
                    "dt3",
                    "ti",
                    "du",
                    "uu",
                    "e",
                    "y",
                ):
                    assert got[name] == put[name], name

        check()


def test_a_line_says_what_was_inserted(place: Place) -> None:
    place.run(f"CREATE TABLE t ({COLUMNS})")
    place.insert("t", [(
        -7, -12, 2**64 - 1, 1, Decimal("12.5"), 1e22, 0.1,
        "a\tb\\c\nd\re", "안녕 😀", "é", "안", b"\x00\xff", bytes(range(16)),
        dt.date(2026, 1, 31), dt.datetime(2026, 1, 31, 23, 59, 59, 1), dt.datetime(2026, 1, 31), dt.time(23, 59, 59, 1),
        -1, "0123456789abcdef0123456789abcdef", '{"a": 1}', "é", 5, 2026,
    )])  # fmt: skip
    cells = place.lines(place.reading(**HINTS)).decode().rstrip("\n").split("\t")
    assert cells[:5] == ["-7", "-12", "18446744073709551615", "1", "12.50000"]
    assert [float(c) for c in cells[5:7]] == [1e22, 0.10000000149011612]
    assert cells[7:12] == ["a\\tb\\\\c\\nd\\re", "안녕 😀", "é", "안", "\\\\x00ff"]
    assert cells[12:] == [
        "000102030405060708090a0b0c0d0e0f", "2026-01-31", "2026-01-31 23:59:59.000001", "2026-01-31 00:00:00.000000",
        "23:59:59.000001", "-1 days 86399999999 us", "0123456789abcdef0123456789abcdef", '{"a": 1}', "é", "5", "2026",
    ]  # fmt: skip


SMALL = "CREATE TABLE t (id int PRIMARY KEY, v varchar(5) NOT NULL, n tinyint, d decimal(5,2), at datetime(6))"


@pytest.mark.parametrize("path", ["load", "insert"])
@pytest.mark.parametrize(
    "line",
    [
        b"1\ttoo long\t1\t1.00\t\\N",
        b"1\tok\t300\t1.00\t\\N",
        b"1\tok\t1\t1.005\t\\N",
        b"1\tok\t1\t99999.00\t\\N",
        b"1\tok\tx\t1.00\t\\N",
        b"1\t\\N\t1\t1.00\t\\N",
        b"1\tok\t1\t1.00\t2026-02-31 00:00:00.000000",
        b"1\tok\t1\t1.00\t0000-00-00 00:00:00.000000",
        b"1\t\xff\xfe\t1\t1.00\t\\N",
        b"1\tok\t1\t1.00\t\\N\n1\tdup\t1\t1.00\t\\N",
    ],
    ids=["long", "range", "places", "digits", "word", "null", "day", "zero", "utf8", "twice"],
)
def test_a_row_that_would_be_altered_or_left_out_is_an_error_of_the_row(place: Place, path: str, line: bytes) -> None:
    place.run(SMALL)
    with pytest.raises(Exception, match=r".") as caught:
        place.write(place.reading(), [b"7\tfine\t1\t1.00\t\\N\n", line + b"\n"], path=path)
    assert place.dialect.trouble(caught.value) is Trouble.DATA
    said = place.dialect.explain(caught.value)
    assert "too long'" not in said
    assert "dup" not in said
    assert place.dialect.count(place.session, "t") == 0


def test_zero_stays_zero_in_an_auto_increment_column(place: Place) -> None:
    place.run("CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY)")
    assert place.write(place.reading(), [b"0\n5\n-3\n"]) == 3
    assert place.session.query("SELECT id FROM t ORDER BY id") == [(-3,), (0,), (5,)]


def test_orphans_and_broken_checks_are_errors_too(place: Place) -> None:
    place.run(
        "CREATE TABLE p (id int PRIMARY KEY)",
        "CREATE TABLE t (id int PRIMARY KEY, p int, CHECK (id < 100), FOREIGN KEY (p) REFERENCES p (id))",
        "INSERT INTO p VALUES (1)",
    )
    for path in ("load", "insert"):
        for line in (b"1\t2\n", b"1\t1\n200\t1\n"):
            with pytest.raises(Exception, match=r".") as caught:
                place.write(place.reading(), [line], path=path)
            assert place.dialect.trouble(caught.value) is Trouble.DATA


def test_uuids_that_mariadb_refuses_stop_the_chunk(mariadb_place: Place) -> None:
    place = mariadb_place
    place.run("CREATE TABLE t (id uuid PRIMARY KEY)")
    good = b"0123456789ab4def8123456789abcdef\n"
    assert place.write(place.reading(), [good]) == 1
    assert place.lines(place.reading()) == good
    with pytest.raises(Exception, match=r".") as caught:
        place.write(place.reading(), [b"not a uuid\nnor this\n"])
    assert place.dialect.trouble(caught.value) is Trouble.DATA
    assert place.dialect.count(place.session, "t") == 1


def test_a_uuid_goes_from_char_32_into_mariadb_s_own_type_and_back(mariadb_place: Place) -> None:
    """Django 4 left char(32); Django 5 makes uuid: the live columns decide."""
    place = mariadb_place
    place.run(
        "CREATE TABLE t (id char(32) PRIMARY KEY)", "CREATE TABLE u (id uuid PRIMARY KEY)", "CREATE TABLE w LIKE t"
    )
    place.run("INSERT INTO t VALUES ('0123456789ab4def8123456789abcdef')")
    old, new, again = (place.reading(name, id=Kind.UUID) for name in "tuw")
    assert place.write(new, [place.lines(old)]) == place.write(again, [place.lines(new)]) == 1
    assert place.digest(old) == place.digest(new) == place.digest(again)
    assert place.session.query("SELECT id FROM w") == place.session.query("SELECT id FROM t")


def test_a_column_with_on_update_keeps_the_value_that_is_named(place: Place) -> None:
    place.run(
        "CREATE TABLE t (id int PRIMARY KEY, at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) "
        "ON UPDATE CURRENT_TIMESTAMP(6), b datetime(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6))"
    )
    assert all(c.updates_itself for c in place.table().columns[1:])
    line = b"1\t2001-02-03 04:05:06.000007\t2001-02-03 04:05:06.000007\n"
    assert place.write(place.reading(), [line]) == 1
    assert place.lines(place.reading()) == line


def test_large_values_pass_both_ways(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY, t longtext, x longblob)", "CREATE TABLE u LIKE t")
    text, blob = "안\\\t" * 500_000, bytes(range(256)) * 4096
    place.insert("t", [(1, text, blob), (2, "", b""), (3, text, None)])
    assert place.write(place.reading("u"), place.dialect.lines(place.another(), place.reading(), Range())) == 3
    assert place.digest(place.reading()) == place.digest(place.reading("u"))
    assert place.dialect.raw(place.session, place.reading("u"), [(1,)])[(1,)] == (1, text, blob)


def test_values_larger_than_max_allowed_packet_are_read_and_loaded(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY, t longtext, x longblob, l longtext CHARACTER SET latin1)")
    place.run("CREATE TABLE u LIKE t")
    place.insert("t", [(1, "kurz", b"\x01", "é")])
    old = place.session.value("SELECT @@GLOBAL.max_allowed_packet")
    place.server.sql("SET GLOBAL max_allowed_packet=4194304")
    try:
        reader = place.another()
        reader.execute("INSERT INTO t SELECT 2, REPEAT('안', 1300000), REPEAT(x'00ff', 1900000), 'x' FROM t")
        reader.execute("UPDATE t SET t=CONCAT(t, t), x=CONCAT(x) WHERE id=3")
        pieces = list(place.dialect.lines(reader, place.reading(), Range()))
        assert sorted(p.count(b"\n") for p in pieces) == [1, 1]
        assert place.write(place.reading("u"), pieces, session=reader) == 2
        checks = "SELECT id, SHA2(t,256), SHA2(x,256), LENGTH(t), LENGTH(x), HEX(l) FROM {} ORDER BY id"
        assert reader.query(checks.format("t")) == reader.query(checks.format("u"))
        assert reader.query("SELECT LENGTH(t), LENGTH(x) FROM u WHERE id=2") == [(3_900_000, 3_800_000)]
    finally:
        place.server.sql(f"SET GLOBAL max_allowed_packet={old}")


# -- the pipe ---------------------------------------------------------------------------------------------------------
def left_behind() -> set[str]:
    return {n for n in os.listdir(tempfile.gettempdir()) if n.startswith("outgrow-")}


def threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "outgrow-load"]


def test_a_statement_that_is_refused_at_once_does_not_hang_the_feeder(place: Place) -> None:
    place.run(SMALL)
    table = place.table()
    place.run("DROP TABLE t")
    before, start = left_behind(), time.monotonic()
    with pytest.raises(Exception, match="1146"):
        writing._load(place.session, table, place_columns(table, place), [b"1\ta\t1\t1\t\\N\n" * 200_000])
    assert time.monotonic() - start < 10
    assert left_behind() <= before
    assert not threads()


def place_columns(table: Any, place: Place) -> list[Any]:
    return [(c, place.dialect.kind(c)) for c in table.columns]


def test_a_feeder_that_fails_ends_the_statement_and_its_own_error_is_raised(place: Place) -> None:
    place.run(SMALL)

    def pieces() -> Any:
        yield b"1\ta\t1\t1.00\t\\N\n"
        raise ZeroDivisionError("the source died")

    with pytest.raises(ZeroDivisionError):
        place.write(place.reading(), pieces())
    assert place.dialect.count(place.session, "t") == 0
    assert not threads()


def test_no_rows_are_no_error(place: Place) -> None:
    place.run(SMALL)
    assert place.write(place.reading(), []) == 0
    assert place.write(place.reading(), [], path="insert") == 0


def test_the_pipe_lies_in_a_folder_that_nobody_else_can_enter() -> None:
    with writing._pipe() as path:
        folder = os.stat(os.path.dirname(path))
        assert folder.st_mode & 0o777 == 0o700
        assert folder.st_uid == os.getuid()
    assert not os.path.exists(os.path.dirname(path))


def test_a_statement_killed_on_the_server_is_an_error_and_nothing_stays(place: Place) -> None:
    place.run(SMALL)

    def pieces() -> Any:
        for n in range(3000):
            yield b"".join(b"%d\ta\t1\t1.00\t\\N\n" % i for i in range(n * 100, n * 100 + 100))
            if n == 20:
                place.server.sql(f"KILL {place.session.id}")

    reading = place.reading()
    table = place.table()
    place.session.begin()
    with pytest.raises(Exception, match=r".") as caught:
        place.dialect.write(place.session, table, reading.columns, pieces())
    assert place.dialect.trouble(caught.value) is Trouble.LOST
    place.session.rollback()
    assert place.dialect.count(place.another(), "t") == 0


INTERRUPTED = """
import sys, dj_database_url, threading
from outgrow.dialects.mysql import open_dialect
dialect = open_dialect(dj_database_url.parse(sys.stdin.readline().strip()))
session = dialect.connect()
table = dialect.tables(session)["t"]
def pieces():
    n = 0
    while True:
        n += 1
        yield b"%d\\ta\\t1\\t1.00\\t\\\\N\\n" % n
        if n == 5000:
            print("fed", flush=True)
try:
    session.begin()
    dialect.write(session, table, [(c, dialect.kind(c)) for c in table.columns], pieces())
except KeyboardInterrupt:
    session.rollback()
    print("stopped", session.value("SELECT COUNT(*) FROM t"), threading.active_count(), flush=True)
"""


def test_ctrl_c_stops_a_load(place: Place) -> None:
    place.run(SMALL)
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(place.url + "\n")
        child.stdin.flush()
        try:
            assert child.stdout.readline() == "fed\n"
            child.send_signal(signal.SIGINT)
            assert child.stdout.readline() == "stopped 0 1\n"
        finally:
            child.kill()


# -- local_infile off -------------------------------------------------------------------------------------------------
def test_where_local_files_are_off_rows_go_in_by_insert_and_the_report_says_so(place: Place) -> None:
    place.run(SMALL)
    assert place.dialect.write_path(place.session) == "LOAD DATA LOCAL INFILE"
    place.server.sql("SET GLOBAL local_infile=0")
    try:
        way = place.dialect.write_path(place.session)
        assert way.startswith("multi-row INSERT")
        assert len(way) <= 64  # the ledger's column: the report shows all of it
        assert (
            place.dialect.write(place.session, place.table(), place.reading().columns, [b"1\ta\t1\t1.00\t\\N\n"]) == 1
        )
    finally:
        place.server.sql("SET GLOBAL local_infile=1")


def test_statements_stay_below_a_quarter_of_the_packet_and_a_larger_row_goes_alone() -> None:
    piece = b"".join(b"%d\t%s\n" % (n, b"x" * (n * 10)) for n in range(100))
    blocks = list(writing._blocks([piece, b"a\n"], 500))
    assert b"".join(blocks) == piece + b"a\n"
    assert all(block.endswith(b"\n") for block in blocks)
    assert all(len(block) <= 500 or block.count(b"\n") == 1 for block in blocks)


@given(st.lists(st.lists(st.none() | texts.map(str.encode), min_size=3, max_size=3), min_size=1, max_size=4))
def test_a_block_of_lines_becomes_the_same_values_as_field_by_field(values: list[list[bytes | None]]) -> None:
    from outgrow.lines import join_line

    block = b"".join(join_line(row) + b"\n" for row in values)
    assert writing._values(block) == writing._changed_values(block, [])


# -- rights and the reading side --------------------------------------------------------------------------------------
def test_readers_may_not_load_local_files(place: Place) -> None:
    place.run(SMALL)
    reader = place.another(read_only=True)
    with pytest.raises(Exception, match=r".") as caught:
        writing._load(reader, place.table(), place_columns(place.table(), place), [b"1\ta\t1\t1.00\t\\N\n"])
    assert place.dialect.trouble(caught.value) in (Trouble.RIGHTS, Trouble.OTHER)


def test_a_generated_column_is_left_out_and_comes_out_the_same(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED)")
    table = place.table()
    assert [c.generated for c in table.columns] == [False, True]
    written = Reading("t", tuple((c, place.dialect.kind(c)) for c in table.columns if not c.generated), ("id",))
    assert place.write(written, [b"4\n"]) == 1
    assert place.lines(place.reading()) == b"4\t8\n"


def test_rows_and_the_note_of_them_roll_back_together(place: Place) -> None:
    place.run(SMALL, "CREATE TABLE note (id int PRIMARY KEY)")
    table, columns = place.table(), place.reading().columns
    place.session.begin()
    assert place.dialect.write(place.session, table, columns, [b"1\ta\t1\t1.00\t\\N\n"]) == 1
    place.run("INSERT INTO note VALUES (1)")
    place.session.rollback()
    assert place.dialect.count(place.session, "t") == place.dialect.count(place.session, "note") == 0


def test_a_refused_row_leaves_what_was_committed_before(place: Place) -> None:
    """With unique_checks=0 and foreign_key_checks=0 MariaDB would empty the table here, and the ledger with it."""
    place.run(SMALL, "CREATE TABLE note (id int PRIMARY KEY)")
    place.session.begin()
    place.dialect.write(place.session, place.table(), place.reading().columns, [b"1\ta\t1\t1.00\t\\N\n"])
    place.run("INSERT INTO note VALUES (1)")
    place.session.commit()
    with pytest.raises(Exception, match="left out"):
        place.write(place.reading(), [b"2\ta\t1\t1.00\t\\N\n1\tb\t1\t1.00\t\\N\n"])
    assert place.session.query("SELECT id,v FROM t") == [(1, "a")]
    assert place.dialect.count(place.session, "note") == 1


def test_writers_of_neighbouring_ranges_do_not_wait_for_each_other(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY, v int, KEY k (v))", "INSERT INTO t VALUES (50,50)")
    one, two = place.another(), place.another()
    for session in (one, two):
        place.dialect.prepare_writer(session)
        session.execute("SET innodb_lock_wait_timeout=2")
        session.begin()
    one.execute("DELETE FROM t WHERE id<50")
    two.execute("DELETE FROM t WHERE id>50")
    columns = place.reading().columns
    for session, rows in ((one, b"10\t60\n20\t61\n"), (two, b"60\t10\n70\t11\n")):
        assert place.dialect.write(session, place.table(), columns, [rows]) == 2
    one.commit()
    two.commit()
    assert place.dialect.count(place.session, "t") == 5


@pytest.mark.parametrize("counter", ["", "AUTO_INCREMENT"])
def test_it_knows_of_which_tables_two_loads_wait_for_each_other(place: Place, counter: str) -> None:
    """One load stays open while another one fills a range of its own: where it waits, the server gives it up."""
    place.run(f"CREATE TABLE t (id int {counter} PRIMARY KEY)")
    here, watcher, reading, table = place.another(), place.another(), place.reading(), place.table()
    for session in (place.session, here):
        place.dialect.prepare_writer(session)
        session.execute("SET SESSION innodb_lock_wait_timeout=1")
        session.begin()
    errors: list[int] = []

    def pieces() -> Iterator[bytes]:
        yield b"".join(b"%d\n" % n for n in range(20_000))
        while not watcher.query("SELECT 1 FROM information_schema.innodb_trx WHERE trx_rows_modified>0"):
            time.sleep(0.15)  # InnoDB makes that table anew only if nobody has read it for 0.1 s
        try:
            place.dialect.write(here, table, reading.columns, [b"100000\n"])
        except MySQLError as error:
            errors.append(error.args[0])
        yield b"20000\n"

    assert place.dialect.write(place.session, table, reading.columns, pieces()) == 20_001
    waits = table.name in place.dialect.loads_wait(watcher, [table])
    assert errors == ([LOCK_WAIT_TIMEOUT] if waits else [])
    assert waits == (place.engine == "mariadb" and counter != "")
