"""What is set aside before a copy comes back exactly, also after a kill between any two statements."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from outgrow.dialects import dialect_for
from outgrow.dialects.base import Dialect, ObjectKind, Reading, Table
from outgrow.errors import LostOwnership, Refused
from outgrow.events import Event
from outgrow.schema.aside import clear_rows
from outgrow.schema.catalog import compare_catalog
from outgrow.schema.make import make_schema
from outgrow.schema.named import RestoreFailed
from tests import PROVE
from tests.faults.proxy import Proxy

from .conftest import PYTHON_PATH, ROOT, MakeOnce, catalog, execute, query
from .movers import Killed, Target, loose_objects, mover, project_tables, without_ledger

SMALL = "tests.schema.projects.broken.settings"  # auth, and one table with every kind of key


@pytest.fixture
def small(make_once: MakeOnce) -> Target:
    """The schema of a small project without a row; the ledger of an earlier test is gone."""
    entry = make_once(SMALL, mode="current").entry
    execute(entry, *(f"DROP TABLE {name}" for name in catalog(entry) if name.startswith("outgrow_")))
    clear(entry)
    return entry


@pytest.fixture
def own(target: Target) -> Target:
    """The same in a database of one's own."""
    make_schema(target, settings_module=SMALL, mode="current")
    clear(target)
    return target


def clear(entry: Target) -> None:
    dialect = dialect_for(entry)
    with dialect.connect() as session:
        clear_rows(dialect, session, project_tables(entry))


def reading(dialect: Dialect, table: Table) -> Reading:
    return Reading(table.name, tuple((c, dialect.kind(c)) for c in table.columns), table.key)


# -- clearing -----------------------------------------------------------------------------------------------------
def test_rows_that_migrations_made_are_cleared_and_the_history_is_kept(target: Target) -> None:
    make_schema(target, settings_module=SMALL, mode="current")
    assert query(target, "SELECT count(*) FROM auth_permission") != [(0,)]
    recorded = query(target, "SELECT count(*) FROM django_migrations")
    clear(target)
    for name in project_tables(target):
        assert query(target, f"SELECT count(*) FROM {name}") == [(0,)]
    assert query(target, "SELECT count(*) FROM django_migrations") == recorded


def test_clearing_never_reaches_a_table_outside_the_plan(target: Target) -> None:
    make_schema(target, settings_module=SMALL, mode="current")
    dialect = dialect_for(target)
    with (
        dialect.connect() as session,
        pytest.raises(Refused, match="rows of auth_permission, which is not in the plan"),
    ):
        clear_rows(dialect, session, ["django_content_type"])
    assert query(target, "SELECT count(*) FROM auth_permission") != [(0,)]
    assert query(target, "SELECT count(*) FROM django_content_type") != [(0,)]


@pytest.mark.parametrize("name", ["django_migrations", "outgrow_run"])
def test_the_history_and_the_ledger_are_never_cleared(name: str, target: Target) -> None:
    dialect = dialect_for(target)
    with dialect.connect() as session, pytest.raises(Refused, match="never cleared"):
        clear_rows(dialect, session, [name])


# -- there and back -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("module", ["plaza.settings", "tests.zoo.settings"])
def test_everything_comes_back_as_it_was(module: str, make_once: MakeOnce, engine: str) -> None:
    target = make_once(module, mode="current" if module == "plaza.settings" else "migrate").entry
    clear(target)
    events: list[Event] = []
    with mover(target) as one:
        before = without_ledger(catalog(target))
        tables = project_tables(target)
        one.set_aside(tables)
        bare = catalog(target)
        assert loose_objects(bare) < loose_objects(before) * (0.7 if engine == "sqlite" else 0.3)
        restorer = one.restorer(watch=events.append)
        with restorer:
            assert compare_catalog(before, without_ledger(restorer.before)) == []
            for name in tables:
                restorer.table_done(name)
            restorer.finish()
        assert all(record.restored for record in one.ledger.set_aside())
    assert compare_catalog(before, without_ledger(catalog(target))) == []
    total = next(event.rows for event in events if event.kind == "total")
    assert sum(event.rows for event in events if event.kind == "progress") == total


def test_a_trigger_of_the_target_sleeps_meanwhile(own: Target, engine: str) -> None:
    body = {
        "sqlite": ["CREATE TRIGGER shout AFTER INSERT ON auth_group BEGIN INSERT INTO heard VALUES (1); END"],
        "postgresql": [
            "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN INSERT INTO heard VALUES (1); RETURN NULL; END $$",
            "CREATE TRIGGER shout AFTER INSERT ON auth_group FOR EACH ROW EXECUTE FUNCTION shout()",
        ],
    }.get(engine, ["CREATE TRIGGER shout AFTER INSERT ON auth_group FOR EACH ROW INSERT INTO heard VALUES (1)"])
    execute(own, "CREATE TABLE heard (n integer)", *body)
    with mover(own) as one:
        before = without_ledger(catalog(own))
        one.set_aside(project_tables(own))
        execute(own, "INSERT INTO auth_group (id, name) VALUES (1, 'silent')")
        one.restore()
        assert compare_catalog(before, without_ledger(catalog(own))) == []
    execute(own, "INSERT INTO auth_group (id, name) VALUES (2, 'loud')")
    assert query(own, "SELECT count(*) FROM heard") == [(1,)]


def test_sequences_stand_above_the_highest_key(small: Target) -> None:
    with mover(small) as one:
        one.set_aside(project_tables(small))
        execute(small, "INSERT INTO auth_group (id, name) VALUES (41, 'last')")
        one.restore()
    execute(small, "INSERT INTO auth_group (name) VALUES ('next')")
    assert query(small, "SELECT id FROM auth_group WHERE name = 'next'") == [(42,)]


def test_a_unique_key_that_a_table_outside_the_plan_leans_on_stays(own: Target) -> None:
    execute(
        own,
        "CREATE TABLE outside (name varchar(150), FOREIGN KEY (name) REFERENCES auth_group (name))",
    )
    with mover(own) as one:
        before = without_ledger(catalog(own))
        one.set_aside([name for name in project_tables(own) if name != "outside"])
        kept = [o.columns for o in catalog(own)["auth_group"].objects if o.kind is ObjectKind.UNIQUE]
        assert ("name",) in kept
        one.restore()
    assert compare_catalog(before, without_ledger(catalog(own))) == []


@pytest.mark.parametrize(
    ("leaning", "stays"),
    [
        (
            "CREATE VIEW busy AS SELECT g.id, g.name, count(*) FROM auth_group g JOIN auth_group_permissions p "
            "ON p.group_id = g.id GROUP BY g.id",
            "auth_group",
        ),
        ("ALTER TABLE auth_group CLUSTER ON auth_group_pkey", "auth_group"),
        ("ALTER TABLE auth_group REPLICA IDENTITY USING INDEX auth_group_pkey", "auth_group"),
        (
            "CREATE TABLE parts (id bigint, grp int REFERENCES auth_group, PRIMARY KEY (id)) PARTITION BY RANGE (id); "
            "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (1) TO (99)",
            "parts",
        ),
    ],
    ids=["a view", "CLUSTER", "REPLICA IDENTITY", "a partitioned table"],
)
def test_a_primary_key_of_postgresql_is_set_aside_unless_something_leans_on_it(
    leaning: str, stays: str, make_target: Callable[[str], Target]
) -> None:
    own = make_target("postgresql")
    make_schema(own, settings_module=SMALL, mode="current")
    execute(own, *leaning.split("; "))
    with mover(own) as one:
        before = without_ledger(catalog(own))
        one.set_aside([name for name in project_tables(own) if name != "parts_1"])
        left = {o.table for t in catalog(own).values() for o in t.objects if o.kind is ObjectKind.PRIMARY}
        assert stays in left
        assert "auth_permission" not in left
        one.restore()
    assert compare_catalog(before, without_ledger(catalog(own))) == []


# -- killed -------------------------------------------------------------------------------------------------------
def test_after_a_death_between_any_two_statements_the_rest_is_done(small: Target) -> None:
    before = without_ledger(catalog(small))
    tables = project_tables(small)
    statements = _count_statements(small, tables)
    assert len(statements) == 2
    assert min(statements) > 2
    for place in places(0, sum(statements), 8):
        with mover(small, statements=place) as dying, pytest.raises(Killed):
            dying.both(tables)
        with mover(small) as heir:
            if place < statements[0]:
                heir.set_aside(tables)
            heir.restore()
        assert compare_catalog(before, without_ledger(catalog(small))) == [], f"killed before statement {place}"


def test_a_resumed_copy_sets_aside_again_what_was_partly_restored(small: Target) -> None:
    before = without_ledger(catalog(small))
    tables = project_tables(small)
    statements = _count_statements(small, tables)
    for place in places(statements[0] + 1, sum(statements), 2):
        with mover(small, statements=place) as dying, pytest.raises(Killed):
            dying.both(tables)
        with mover(small) as heir:
            heir.set_aside(tables)
            again = catalog(small)
            heir.restore()
        assert compare_catalog(before, without_ledger(catalog(small))) == [], f"killed before statement {place}"
        assert loose_objects(again) < loose_objects(before)


def places(first: int, end: int, number: int) -> range:
    """All of them in a proof, else a few spread over the whole."""
    return range(first, end, 1 if PROVE else max(1, (end - first) // number))


def _count_statements(entry: Target, tables: list[str]) -> tuple[int, int]:
    with mover(entry) as whole:
        whole.set_aside(tables)
        dropped = whole.run
        whole.restore(jobs=1)
        return dropped, whole.run - dropped


DIE = """
import json, os, signal, sys
import tests.schema.conftest
from tests.schema.movers import Mover, project_tables
entry, place = json.load(sys.stdin), int(sys.argv[1])
one = Mover(entry, statements=place, before=lambda: os.kill(os.getpid(), signal.SIGKILL))
tables = project_tables(entry)
one.set_aside(tables)
one.restore()
"""


@pytest.mark.parametrize("place", range(30) if PROVE else [3, 17])
def test_a_mover_killed_by_the_system_leaves_no_more_than_its_heir_can_mend(place: int, small: Target) -> None:
    before = without_ledger(catalog(small))
    dead = subprocess.run(
        [sys.executable, "-c", DIE, str(place)],
        input=json.dumps(small).encode(),
        cwd=ROOT,
        env={**os.environ, **PYTHON_PATH},
        stderr=subprocess.PIPE,
        check=False,
    )
    assert dead.returncode in (-signal.SIGKILL, 0), dead.stderr.decode()
    with mover(small) as heir:
        heir.set_aside(project_tables(small))
        heir.restore()
    assert compare_catalog(before, without_ledger(catalog(small))) == []


def test_a_mover_that_lost_the_run_restores_nothing_more(small: Target) -> None:
    with mover(small) as first:
        first.set_aside(project_tables(small))
        first.ledger.release()
        with mover(small) as second:
            bare = without_ledger(catalog(small))
            with pytest.raises(LostOwnership):
                first.restore()
            assert compare_catalog(bare, without_ledger(catalog(small))) == []
            second.restore()


# -- rows in the way ----------------------------------------------------------------------------------------------
def test_rows_that_collide_are_named_and_the_restore_goes_on_once_they_are_gone(own: Target) -> None:
    execute(own, "CREATE UNIQUE INDEX one_model ON django_content_type (model)")
    before = without_ledger(catalog(own))
    dialect = dialect_for(own)
    readings = {name: reading(dialect, table) for name, table in before.items()}
    with mover(own) as one:
        one.set_aside(project_tables(own))
        execute(
            own,
            "INSERT INTO django_content_type (id, app_label, model) "
            "VALUES (1, 'a', 'same'), (2, 'b', 'other'), (3, 'c', 'same')",
        )
        with pytest.raises(RestoreFailed) as failed:
            one.restore(readings=readings)
    assert failed.value.table == "django_content_type"
    assert failed.value.keys == ("1 = 3",)
    assert "one_model (model)" in str(failed.value)
    assert "1 group of rows" in str(failed.value)
    assert "same" not in str(failed.value)
    with mover(own) as heir:
        execute(own, "UPDATE django_content_type SET model = 'another' WHERE id = 3")
        heir.restore(readings=readings)
    assert compare_catalog(before, without_ledger(catalog(own))) == []


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb"], indirect=True)
def test_rows_without_their_parent_are_named_at_most_twenty_and_counted(small: Target) -> None:
    before = without_ledger(catalog(small))
    dialect = dialect_for(small)
    readings = {name: reading(dialect, table) for name, table in before.items()}
    with mover(small) as one:
        one.set_aside(project_tables(small))
        rows = ", ".join(f"({n}, 'article {n}', {n + 1000})" for n in range(1, 31))
        execute(small, f"INSERT INTO shop_article (id, name, replaces_id) VALUES {rows}")
        with pytest.raises(RestoreFailed) as failed:
            one.restore(readings=readings)
        assert "30 rows refer by replaces_id to rows that shop_article does not have" in str(failed.value)
        assert len(failed.value.keys) == 20
        execute(small, "UPDATE shop_article SET replaces_id = NULL")
        one.restore(readings=readings)
    assert compare_catalog(before, without_ledger(catalog(small))) == []


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb"], indirect=True)
def test_statements_that_lock_the_same_tables_wait_for_each_other(small: Target) -> None:
    """Somebody holds the tables for a moment, and eight threads want them at once."""
    before = without_ledger(catalog(small))
    with mover(small) as one:
        one.set_aside(project_tables(small))
        with one.dialect.connect() as other:
            other.begin()
            other.execute("INSERT INTO auth_group (id, name) VALUES (1, 'held')")
            timer = threading.Timer(1.0, other.commit)
            timer.start()
            one.restore(jobs=8)
            timer.join()
    assert compare_catalog(before, without_ledger(catalog(small))) == []


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb"], indirect=True)
def test_a_connection_that_is_reset_while_its_statement_waits_on_the_server_is_made_again(small: Target) -> None:
    before = without_ledger(catalog(small))
    warnings: list[str] = []
    with Proxy(int(small["PORT"])) as proxy, mover({**small, "PORT": proxy.port}) as one:
        one.set_aside(project_tables(small))
        with dialect_for(small).connect() as other:
            other.begin()
            other.execute("INSERT INTO auth_group (id, name) VALUES (1, 'held')")
            timers = [threading.Timer(0.7, proxy.reset), threading.Timer(2.0, other.commit)]
            for timer in timers:
                timer.start()
            one.restore(watch=lambda event: warnings.append(event.text) if event.kind == "warning" else None)
            for timer in timers:
                timer.join()
    assert "the target went away; waiting for it to come back" in warnings
    assert compare_catalog(before, without_ledger(catalog(small))) == []


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb"], indirect=True)
def test_what_a_crashed_server_has_forgotten_is_made_again(small: Target, engine: str) -> None:
    """A commit that was not on disk yet; here the index goes by a DROP, and the connections are reset."""
    before = without_ledger(catalog(small))
    index = next(o for o in before["auth_permission"].objects if o.kind is ObjectKind.INDEX or o.name.endswith("uniq"))
    drop = f"ALTER TABLE {index.table} DROP CONSTRAINT" if engine == "postgresql" else "DROP INDEX"
    events: list[Event] = []

    def watch(event: Event) -> None:
        events.append(event)
        if event.text == index.name and len([e for e in events if e.text == index.name]) == 1:
            execute(small, f"{drop} {index.name}" + ("" if engine == "postgresql" else f" ON {index.table}"))
            proxy.reset()

    with Proxy(int(small["PORT"])) as proxy, mover({**small, "PORT": proxy.port}) as one:
        one.set_aside(project_tables(small))
        one.restore(watch=watch)
        assert all(record.restored for record in one.ledger.set_aside())
    assert len([e for e in events if e.text == index.name]) == 2
    total = next(event.rows for event in events if event.kind == "total")
    assert sum(event.rows for event in events if event.kind == "progress") == total
    assert compare_catalog(before, without_ledger(catalog(small))) == []


def test_a_schema_that_somebody_changed_meanwhile_is_reported(small: Target) -> None:
    with mover(small) as one:
        one.set_aside(project_tables(small))
        restorer = one.restorer()
        execute(small, "CREATE INDEX surprise ON auth_group (name)")
        with restorer, pytest.raises(Exception, match="auth_group: index surprise is new"):
            restorer.finish()
        execute(small, "DROP INDEX surprise" + (" ON auth_group" if "mysql" in small["ENGINE"] else ""))
        one.restore()


def test_the_comparison_names_every_kind_of_difference(small: Target) -> None:
    live = catalog(small)
    table = live["shop_article"]
    fewer = replace(table, objects=table.objects[1:], key=("name",))
    column = replace(table.columns[0], nullable=not table.columns[0].nullable)
    other = replace(table, columns=(column, *table.columns[1:]))
    assert compare_catalog(live, {**live, "shop_article": fewer})[0] == "shop_article: key was ('id',), is ('name',)"
    assert "is missing" in compare_catalog(live, {**live, "shop_article": fewer})[1]
    assert "nullable was" in compare_catalog(live, {**live, "shop_article": other})[0]
    assert compare_catalog(live, {n: t for n, t in live.items() if n != "shop_article"}) == [
        "shop_article: the table is missing"
    ]
