"""While a migration runs for one database, no other may be used: the ORM asks the router, not the migration.

Measured without this: a data migration that ran for two databases wrote both times into the first.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from time import monotonic
from typing import Any

import django
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections, router
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration

from outgrow.errors import OutgrowError
from outgrow.migrating.planning import name_of
from outgrow.routing import same_database

_TRANSACTIONS = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT", "SET TRANSACTION", "START TRANSACTION")
_NOT_THE_PROJECT = (os.path.dirname(django.__file__), os.path.dirname(os.path.dirname(__file__)))


class CrossesDatabases(OutgrowError):
    """A migration that ran for one database used another one."""

    exit_code = 1


Before = Callable[[Migration], None]
After = Callable[[Migration, float], None]  # and its seconds


@contextmanager
def guarded(alias: str, allowed: Collection[str], before: Before, after: After) -> Iterator[None]:
    """Inside the block every migration is kept to the database it runs for; those of ``alias`` are told.

    By Django's own executor, so that a project's own ``migrate`` command is covered as well. ``allowed``: names of
    migrations ("shop.0002_copy") that may use other databases.
    """
    apply_migration, apply, unapply = MigrationExecutor.apply_migration, Migration.apply, Migration.unapply

    def told(self: MigrationExecutor, state: Any, migration: Migration, *args: Any, **kwargs: Any) -> Any:
        if self.connection.alias != alias:  # a project's own command may go on to other databases by itself
            return apply_migration(self, state, migration, *args, **kwargs)
        before(migration)
        start = monotonic()
        state = apply_migration(self, state, migration, *args, **kwargs)
        after(migration, monotonic() - start)
        return state

    def kept(plain: Any) -> Any:
        def run(self: Migration, state: Any, schema_editor: Any, *args: Any, **kwargs: Any) -> Any:
            here = schema_editor.connection.alias
            with only(here, name_of(self)) if name_of(self) not in allowed else ExitStack():
                return plain(self, state, schema_editor, *args, **kwargs)

        return run

    MigrationExecutor.apply_migration = told  # type: ignore[method-assign]
    Migration.apply, Migration.unapply = kept(apply), kept(unapply)  # type: ignore[method-assign]
    try:
        yield
    finally:
        MigrationExecutor.apply_migration = apply_migration  # type: ignore[method-assign]
        Migration.apply, Migration.unapply = apply, unapply  # type: ignore[method-assign]


@contextmanager
def only(alias: str, migration: str) -> Iterator[None]:
    """Any statement on another database is an error, also one that the migration's code swallows.

    A statement that fails because it asks this database for a table of another one is told as such.
    """
    crossed: list[CrossesDatabases] = []
    astray: list[CrossesDatabases] = []

    def explained(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        try:
            return execute(sql, params, many, context)
        except DatabaseError:
            with suppress(Exception):  # a router that wants more than a model to answer
                if found := _table_elsewhere(str(sql), alias):
                    astray.append(CrossesDatabases(_sentence_of_table(migration, alias, *found)))
            raise

    def refuse(other: str) -> Any:
        def wrapper(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
            if str(sql).lstrip().upper().startswith(_TRANSACTIONS):
                return execute(sql, params, many, context)
            crossed.append(CrossesDatabases(_sentence(migration, alias, other)))
            raise crossed[-1]

        return wrapper

    with ExitStack() as stack:
        for other in connections.settings:
            with suppress(ImproperlyConfigured):  # its driver is not here, so that nothing can ask it
                if not same_database(alias, other):
                    stack.enter_context(connections[other].execute_wrapper(refuse(other)))
        stack.enter_context(connections[alias].execute_wrapper(explained))
        try:
            yield
        except DatabaseError as error:
            if astray:
                raise astray[-1] from error
            raise
    if crossed:
        raise crossed[0]


def _sentence(migration: str, alias: str, other: str) -> str:
    return (
        f"The migration {migration}, running for {alias}, used {other}{_where()}: keep it to one database with "
        f"`hints={{'model_name': …}}` and `.using(schema_editor.connection.alias)`, or, if it is meant to use both, "
        f"allow it by --crossing {migration} once {other} is migrated (--database {other})."
    )


def _table_elsewhere(sql: str, alias: str) -> tuple[str, str] | None:
    """A table that the statement names and that this database does not hold, with the alias that does."""
    quote = connections[alias].ops.quote_name
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if quote(table) in sql and not router.allow_migrate_model(alias, model):
            home = router.db_for_write(model)
            if not same_database(alias, home):
                return table, home
    return None


def _sentence_of_table(migration: str, alias: str, table: str, home: str) -> str:
    app, _, name = migration.partition(".")
    return (
        f"The migration {migration}, running for {alias}, asked it for {table}, which is in {home}{_where()}: keep its "
        f"queries to tables of {alias}, or, if it has nothing to change there, as in a new database, record it by "
        f"`migrate {app} {name} --fake --database {alias}`."
    )


def _where() -> str:
    """The project's line that asked."""
    for frame in reversed(traceback.extract_stack()):
        if not frame.filename.startswith((*_NOT_THE_PROJECT, "<")):
            return f" ({os.path.relpath(frame.filename)}:{frame.lineno})"
    return ""
