"""The second audit on tables made by hand: columns and indexes that no project of the tests has."""

from __future__ import annotations

from typing import Any

import pytest

from outgrow import plan as plans
from outgrow.audit import audit_target
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


def audited(source: str, target: str) -> Found:
    """What the audit of the target's live table says of table t: id → (column, count, keys)."""
    here, there = opened(source), opened(target)
    with here.connect() as session, there.connect() as other:
        table = TablePlan(ProjectTable("t", None), here.tables(session)["t"])
        pair = plans.pair(table, there.tables(other)["t"], here, there)
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
