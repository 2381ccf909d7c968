"""The second audit on tables made by hand: columns and indexes that no project of the tests has."""

from __future__ import annotations

from typing import Any

import pytest

from outgrow import plan as plans
from outgrow.audit import audit_target
from outgrow.dialects.base import Range
from outgrow.plan import Plan, TablePlan
from outgrow.project import ProjectTable
from tests.audit.conftest import Found
from tests.conftest import MakeDatabase
from tests.moves.test_archive import execute, opened

MOMENTS = {1: "2026-01-31 23:59:59.999999", 2: "2026-01-31 23:59:59.500", 3: "2026-01-31 23:59:59"}
CLOCK = {
    "sqlite": "CREATE TABLE t (id integer PRIMARY KEY, whole datetime, milli datetime, day time)",
    "postgresql": "CREATE TABLE t (id int PRIMARY KEY, whole timestamp({0}), milli timestamp({1}), day time({0}))",
    "mysql": "CREATE TABLE t (id int PRIMARY KEY, whole datetime({0}), milli datetime({1}), day time({0}))",
    "mariadb": "CREATE TABLE t (id int PRIMARY KEY, whole timestamp({0}) NULL, milli datetime({1}), day time({0}))",
}


def paired(source: str, target: str) -> TablePlan:
    here, there = opened(source), opened(target)
    with here.connect() as session, there.connect() as other:
        table = TablePlan(ProjectTable("t", None), here.tables(session)["t"])
        return plans.pair(table, there.tables(other)["t"], here, there)


def audited(source: str, target: str) -> Found:
    """What the audit of the target's live table says of table t: id → (column, count, keys)."""
    here, there, pair = opened(source), opened(target), paired(source, target)
    with here.snapshot() as snapshot:
        said = audit_target(here, snapshot.session, there, Plan("here", "there", (pair,)), 1)
    assert said.not_judged == ()
    found: dict[str, list[Any]] = {}
    for finding in said.findings:
        found.setdefault(finding.id, []).append((finding.column, finding.count, finding.keys))
    return {code: sorted(cells) for code, cells in found.items() if code != "A801"}


@pytest.mark.parametrize(
    ("here", "there"), [("sqlite", "mysql"), ("mysql", "mariadb"), ("mariadb", "postgresql"), ("postgresql", "mysql")]
)
def test_times_that_the_target_would_round_are_named(here: str, there: str, make_database: MakeDatabase) -> None:
    source, target = make_database(here), make_database(there)
    rows = (f"({key}, '{text}', '{text}', '{text[11:]}')" for key, text in MOMENTS.items())
    execute(here, source, CLOCK[here].format(6, 6), f"INSERT INTO t VALUES {', '.join(rows)}, (4, NULL, NULL, NULL)")
    execute(there, target, CLOCK[there].format(0, 3))
    fine = [("day", 2, ((1,), (2,))), ("milli", 1, ((1,),)), ("whole", 2, ((1,), (2,)))]
    assert {"A405": audited(source, target).get("A405")} == {"A405": fine}


@pytest.mark.parametrize(("here", "there"), [("postgresql", "mariadb"), ("mysql", "sqlite")])
def test_a_negative_zero_is_named_where_its_sign_would_be_dropped(
    here: str, there: str, make_database: MakeDatabase
) -> None:
    source, target = make_database(here), make_database(there)
    for engine, url in ((here, source), (there, target)):
        execute(engine, url, "CREATE TABLE t (id integer PRIMARY KEY, v double precision)")
    execute(here, source, "INSERT INTO t VALUES (1, -0e0), (2, 0e0), (3, -1e0), (4, NULL)")
    execute(here, source, "INSERT INTO t VALUES (5, '-0')")
    assert [keys for _, _, keys in audited(source, target)["A307"]] in ([((5,),)], [((1,), (5,))])


@pytest.mark.parametrize("here", ["sqlite", "mysql", "postgresql"])
def test_texts_that_fit_an_index_alone_and_not_together_are_named(here: str, make_database: MakeDatabase) -> None:
    source, target = make_database(here), make_database("postgresql")
    table = "CREATE TABLE t (id integer PRIMARY KEY, one text, n integer, other text, short varchar(10))"
    for engine, url in ((here, source), ("postgresql", target)):
        execute(engine, url, table)
    execute("postgresql", target, "CREATE INDEX many ON t (n, one, other, id)", "CREATE INDEX few ON t (short, n)")
    long = "".join(f"{n * n * 7919:08x}" for n in range(2000, 2200))  # 1,600 bytes that do not compress to a few
    values = f"(1, '{long}', 1, '{long[::-1]}', 'a'), (2, '{'x' * 2000}', 1, '{'x' * 2000}', 'a')"
    execute(here, source, f"INSERT INTO t VALUES {values}, (3, '{long}', NULL, NULL, NULL), (4, NULL, 1, '{long}', '')")
    assert audited(source, target) == {"A107": [("one", 1, ((1,),))]}


WIDE = "CREATE TABLE t (id bigint unsigned PRIMARY KEY, u bigint unsigned, v decimal(65,30))"
NUMBERS = (f"18446744073709551615, {'9' * 35}.{'9' * 30}", "9223372036854775808, 0.00001", f"0, {'9' * 17}", "0, 0.1")
DECIMALS = ["1.5", "1e34", f"1.{'12345' * 7}", "100.00", "'NaN'", "1234567890.1234567890", "NULL"]


@pytest.mark.parametrize(
    ("here", "there", "table", "found"),
    [
        ("mysql", "postgresql", "u bigint, v numeric(40,5)", {"A301": ["u", 1, 2], "A303": ["v", 1]}),
        ("mariadb", "postgresql", "u numeric(20,0), v numeric", {}),
        ("mariadb", "sqlite", "u bigint unsigned, v decimal", {"A301": ["u", 1, 2], "A303": ["v", 1, 3]}),
        ("mysql", "mariadb", "u bigint unsigned, v decimal(65,30)", {}),
        ("postgresql", "mysql", "v decimal(65,30)", {"A303": ["v", 3, 5]}),
        ("postgresql", "sqlite", "v decimal", {"A303": ["v", 3, 5, 6]}),
        ("postgresql", "postgresql", "v numeric", {"A303": ["v", 5]}),
    ],
)
def test_numbers_beyond_the_target_are_named_and_all_others_arrive(
    here: str, there: str, table: str, found: dict[str, list[Any]], make_database: MakeDatabase
) -> None:
    source, target = make_database(here), make_database(there)
    if here == "postgresql":
        rows = [f"({n}, {value})" for n, value in enumerate(DECIMALS, 1)]
        execute(here, source, "CREATE TABLE t (id int PRIMARY KEY, v numeric)")
    else:
        rows = [f"({n}, {values})" for n, values in enumerate(NUMBERS, 1)]
        execute(here, source, WIDE)
    execute(here, source, f"INSERT INTO t VALUES {','.join(rows)}")
    execute(there, target, f"CREATE TABLE t (id bigint PRIMARY KEY, {table})")
    said = audited(source, target)
    assert {code: [column, *(k for (k,) in keys)] for code, [(column, _, keys)] in said.items()} == found
    named = ",".join(str(key) for column, *keys in found.values() for key in keys) or "0"
    execute(here, source, f"DELETE FROM t WHERE id IN ({named})")
    one, other = copied(source, target)
    assert sorted(one.splitlines()) == sorted(other.splitlines())


def copied(source: str, target: str) -> tuple[bytes, bytes]:
    """The lines of both tables after the rows were brought over."""
    here, there = opened(source), opened(target)
    with here.connect() as session, there.connect() as other:
        pair = paired(source, target)
        assert pair.target is not None
        there.prepare_writer(other)
        lines = b"".join(here.lines(session, pair.source_reading, Range()))
        there.write(other, pair.target, [(c, k) for _, c, k in pair.columns], [lines])
        return lines, b"".join(there.lines(other, pair.target_reading, Range()))


@pytest.mark.parametrize(("there", "levels"), [("mysql", 100), ("mariadb", 31)])
def test_json_that_is_nested_too_deep_is_named_and_one_level_less_is_taken(
    there: str, levels: int, make_database: MakeDatabase
) -> None:
    source, target = make_database("postgresql"), make_database(there)
    nested = ['{"a [": ' * n + "1" + "}" * n for n in (levels, levels + 1)]
    execute("postgresql", source, "CREATE TABLE t (id int PRIMARY KEY, body jsonb)")
    execute("postgresql", source, f"INSERT INTO t VALUES (1, '{nested[0]}'), (2, '{nested[1]}'), (3, NULL)")
    execute(there, target, "CREATE TABLE t (id int PRIMARY KEY, body json)")
    assert {"A206": audited(source, target).get("A206")} == {"A206": [("body", 1, ((2,),))]}
    execute(there, target, f"INSERT INTO t VALUES (1, '{nested[0]}')")
    with pytest.raises(Exception, match=r"(?i)depth|constraint"):
        execute(there, target, f"INSERT INTO t VALUES (2, '{nested[1]}')")
