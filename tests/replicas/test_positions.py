"""Positions are compared without mistake: what is reached, what is not, and what cannot be told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outgrow.dialects.positions import Log
from outgrow.dialects.positions.base import LONGEST, Fault
from outgrow.dialects.positions.mariadb import MariaDBLog
from outgrow.dialects.positions.mysql import MySQLLog, _plain, _short
from outgrow.dialects.positions.mysql import fault_of as mysql_fault
from outgrow.dialects.positions.postgresql import PostgreSQLLog
from outgrow.dialects.positions.postgresql import fault_of as postgresql_fault
from outgrow.dialects.statements import only_reads, selects, surely_writes

ONE, OTHER = "3e11fa47-71ca-11e1-9e33-c80aa9429562", "4e11fa47-71ca-11e1-9e33-c80aa9429562"
LOGS = (PostgreSQLLog(), MySQLLog(), MariaDBLog())


def at(log: Log, number: int, history: int = 0) -> str:
    """A position with this number in one of two histories."""
    if isinstance(log, PostgreSQLLog):
        return f"7000000000000000001/{history + 1}/{number}"
    return f"{(ONE, OTHER)[history]}:1-{number}" if isinstance(log, MySQLLog) else f"0-{history + 1}-{number}"


@pytest.mark.parametrize("log", LOGS, ids=lambda log: type(log).__name__)
@settings(deadline=None)
@given(reached=st.integers(1, 2**63), wanted=st.integers(1, 2**63))
def test_a_position_is_covered_by_a_later_one_of_the_same_history_alone(log: Log, reached: int, wanted: int) -> None:
    assert log.covers(at(log, reached), at(log, wanted)) == (reached >= wanted)
    assert not log.covers(at(log, reached, 1), at(log, wanted))


@pytest.mark.parametrize("log", LOGS, ids=lambda log: type(log).__name__)
@settings(deadline=None)
@given(text=st.text(), number=st.integers(1, 2**63))
def test_what_is_no_position_covers_nothing_and_is_covered_by_nothing(log: Log, text: str, number: int) -> None:
    assert not log.covers(text, at(log, number))
    assert not log.covers(at(log, number), text) or text == at(log, number)


@pytest.mark.parametrize(
    ("found", "position"),
    [
        (f"{ONE}:1-5", f"{ONE}:1-5"),
        (f"{ONE}:1", f"{ONE}:1-1"),
        (f"{ONE}:1-5:7-9", f"{ONE}:1-5:7-9"),
        (f"{ONE}:1-5:7-9\n", f"{ONE}:1-5:7-9"),
        (f"{ONE}:1-5:after:1-3", f"{ONE}:1-5:after:1-3"),
        (f"{ONE}:" + ":".join(f"{n}-{n + 1}" for n in range(1, 200, 3)), f"{ONE}:1-200"),
        (f"{ONE}:1-5:" + ":".join(f"tag{n}:1-5" for n in range(30)), None),
    ],
)
def test_a_gtid_set_of_one_source_becomes_a_short_position(found: str, position: str | None) -> None:
    assert _short(found) == position
    assert position is None or len(position) <= LONGEST


def test_only_the_first_run_of_numbers_counts_as_reached() -> None:
    assert _plain(f"{ONE}:1-5:7-9") == f"{ONE}:1-5"
    assert _plain(f"{ONE}:1:7-9") == f"{ONE}:1-1"
    assert _plain(f"{ONE}:1-5:tag:1-9") == f"{ONE}:1-5"
    assert _plain(f"{ONE}:12-50") == ""
    assert not MySQLLog().covers(f"{ONE}:1-9", f"{ONE}:1-5:tag:1-3")


def test_every_domain_of_mariadb_must_be_reached() -> None:
    log = MariaDBLog()
    assert log.covers("0-1-10,5-2-7", "5-2-7")
    assert log.covers("0-1-10,5-2-7", "0-1-9,5-2-7")
    assert not log.covers("0-1-10", "0-1-9,5-2-7")
    assert not log.covers("0-1-10,5-2-6", "0-1-9,5-2-7")
    assert not log.covers("0-2-10", "0-1-9")  # another server wrote since: what it began with is not known


@pytest.mark.parametrize(
    ("sql", "reads", "writes", "asks"),
    [
        ("SELECT 1", True, False, True),
        ("  -- why\n /* so */ (select 1)", True, False, True),
        ("WITH x AS (SELECT 1) SELECT * FROM x", True, False, True),
        ("WITH x AS (DELETE FROM t RETURNING id) SELECT * FROM x", False, True, True),
        ("with x as materialized (\n  update t set a = 1 returning id) select * from x", False, True, True),
        ("WITH x AS (SELECT ')'), y(a) AS (SELECT (1)) INSERT INTO t SELECT a FROM y", False, True, True),
        ("WITH RECURSIVE x AS (SELECT 1) DELETE FROM t", False, True, True),
        ("WITH x AS (SELECT 1) MERGE INTO t USING x ON true WHEN MATCHED THEN DELETE", False, True, True),
        ("WITH x AS (SELECT 1) SELECT * FROM t FOR UPDATE", True, False, True),
        ("WITH replace AS (SELECT 1) SELECT * FROM replace", True, False, True),
        ("WITH x AS (SELECT 'AS (DELETE FROM t)') SELECT \"delete\" /* UPDATE */ FROM x", False, False, True),
        ("WITH x AS (SELECT $a$ AS (DELETE FROM t) $a$) SELECT * FROM x -- DELETE", False, False, True),
        (r"WITH x AS (SELECT '\') DELETE FROM t '", False, False, True),
        ('SELECT * FROM "t" FOR UPDATE', True, False, True),
        ('SELECT * FROM "t" FOR NO KEY UPDATE OF "t"', True, False, True),
        ("SELECT * INTO copy FROM t", False, False, True),
        ("INSERT INTO t VALUES (1)", False, True, False),
        ("update t set a = 1", False, True, False),
        ("CALL p()", False, False, False),
        ("COMMIT", False, False, False),
        ("SAVEPOINT s", True, False, False),
        ("SET lock_timeout='5s'; TRUNCATE t", False, False, False),
        ("SELECT 1; CALL p()", False, False, True),
        ("SELECT 1;  ", True, False, True),
        ("EXPLAIN ANALYZE EXECUTE q", False, False, False),
        ("EXPLAIN SELECT 1", True, False, False),
        ("SET time_zone = 'UTC'", True, False, False),
        ("CREATE TABLE t (a int)", False, True, False),
        (b"SELECT 1", False, False, False),
    ],
)
def test_statements_are_told_apart(sql: object, reads: bool, writes: bool, asks: bool) -> None:
    assert (only_reads(sql), surely_writes(sql), selects(sql)) == (reads, writes, asks)


def test_a_broken_connection_is_told_from_a_faulty_query() -> None:
    class OperationalError(Exception):
        sqlstate: str | None = None

    class InterfaceError(Exception):
        pass

    def error(state: str | None) -> OperationalError:
        made = OperationalError()
        made.sqlstate = state
        return made

    states = {
        None: Fault.LOST, "57P01": Fault.LOST, "08006": Fault.LOST, "40001": Fault.ELSEWHERE, "25006": Fault.ELSEWHERE,
        "42P01": Fault.ELSEWHERE, "42703": Fault.ELSEWHERE, "42601": Fault.QUERY, "57014": Fault.QUERY,
    }  # fmt: skip
    assert {state: postgresql_fault(error(state)) for state in states} == states
    numbers = {
        2006: Fault.LOST,
        2013: Fault.LOST,
        1290: Fault.ELSEWHERE,
        1146: Fault.ELSEWHERE,
        1054: Fault.ELSEWHERE,
        1064: Fault.QUERY,
        3024: Fault.QUERY,
    }
    assert {number: mysql_fault(OperationalError(number, "")) for number in numbers} == numbers
    assert mysql_fault(InterfaceError(0, "")) is Fault.LOST
