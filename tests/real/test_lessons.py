"""What real projects broke on, each as the smallest case that shows it."""

from __future__ import annotations

from typing import Any

import pytest

from outgrow.dialects import beside_a_heartbeat, dialect_for
from outgrow.errors import OutgrowError
from outgrow.schema.aside import clear_rows
from tests.conftest import MakeDatabase
from tests.schema.conftest import entry_of, execute, query
from tests.schema.test_restore import mover

Target = dict[str, Any]


def test_an_empty_table_outside_the_plan_does_not_keep_rows_from_being_cleared(target: Target) -> None:
    """Wagtail's search index refers to content types, and is made anew instead of copied."""
    execute(
        target,
        "CREATE TABLE grandparent (id integer PRIMARY KEY)",
        "CREATE TABLE parent (id integer PRIMARY KEY, g integer, FOREIGN KEY (g) REFERENCES grandparent (id))",
        "CREATE TABLE other (id integer PRIMARY KEY, p integer, FOREIGN KEY (p) REFERENCES parent (id))",
        "CREATE TABLE outside (id integer PRIMARY KEY, p integer, FOREIGN KEY (p) REFERENCES parent (id))",
        "INSERT INTO grandparent VALUES (1)",
        "INSERT INTO parent VALUES (1, 1)",
        "INSERT INTO other VALUES (1, 1)",
        "INSERT INTO outside VALUES (1, NULL)",
    )
    dialect = dialect_for(target)
    with dialect.connect() as session:
        clear_rows(dialect, session, ["grandparent", "parent", "other"])
    assert query(target, "SELECT count(*) FROM grandparent") == [(0,)]
    assert query(target, "SELECT count(*) FROM outside") == [(1,)]


def test_an_index_that_the_engine_spells_anew_counts_as_restored(make_database: MakeDatabase) -> None:
    """PostgreSQL spells Wagtail's `condition=Q(status__in=[…])` differently once its own spelling was carried out."""
    target = entry_of(make_database("postgresql"))
    busy = "status IN ('in progress', 'needs USING changes')"
    execute(
        target,
        'CREATE TABLE "The Flow" (id integer PRIMARY KEY, status varchar(20), n integer, '
        f"CONSTRAINT alone EXCLUDE USING btree (n WITH =) WHERE ({busy}))",
        f'CREATE UNIQUE INDEX one_at_a_time ON "The Flow" (n) WHERE {busy}',
        f'CREATE INDEX by_business ON "The Flow" (({busy}), n DESC)',
        f'CREATE INDEX stays ON "The Flow" (n) WHERE {busy}',
    )
    with mover(target) as one:
        one.set_aside(["The Flow"])
        one.restore()
    with mover(target) as again:
        again.set_aside(["The Flow"])
        restorer = again.restorer()
        with restorer:
            execute(target, 'CREATE INDEX stays ON "The Flow" (n DESC) WHERE ' + busy)
            with pytest.raises(OutgrowError, match="stays: definition was"):
                restorer.finish()


def test_an_empty_table_without_transactions_does_not_keep_rows_from_being_cleared(make_database: MakeDatabase) -> None:
    """django-watson makes its search index a MyISAM table, which MySQL with GTIDs writes to in no transaction."""
    target = entry_of(make_database("mysql"))
    execute(
        target,
        "CREATE TABLE search_entry (id integer PRIMARY KEY) ENGINE=MyISAM",
        "CREATE TABLE thing (id integer PRIMARY KEY)",
        "INSERT INTO thing VALUES (1)",
    )
    dialect = dialect_for(target)
    with dialect.connect() as session:
        clear_rows(dialect, session, ["thing", "search_entry"])
    assert query(target, "SELECT count(*) FROM thing") == [(0,)]


def test_a_migration_that_reads_before_it_writes_lets_the_heartbeat_wait(make_database: MakeDatabase) -> None:
    """label-studio's old migrations on SQLite: "database is locked", when a beat fell between a read and a write."""
    from django.db.backends.sqlite3.base import DatabaseWrapper
    from django.db.utils import ConnectionHandler

    entry = entry_of(make_database("sqlite"))
    execute(entry, "CREATE TABLE thing (id integer PRIMARY KEY)")
    wrapper = DatabaseWrapper(ConnectionHandler({"default": entry}).settings["default"])
    beside_a_heartbeat(wrapper)
    pulse = dialect_for({**entry, "OPTIONS": {"timeout": 0}})
    wrapper.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    with pulse.connect() as session, wrapper.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM thing")
        with pytest.raises(Exception, match="locked"):
            session.execute("INSERT INTO thing VALUES (1)")
        cursor.execute("INSERT INTO thing VALUES (2)")
        wrapper.commit()
    wrapper.close()
    assert query(entry, "SELECT id FROM thing") == [(2,)]
