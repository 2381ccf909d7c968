"""What the child process does once the target is the project's only database.

``migrate`` is the project's own command, overridden or not. ``current`` makes the tables of today's models (for
migrations that never ran on this engine, traps 47, 48 and 83) and then records the migrations on disk as applied.
Tables that no migration makes (unmanaged models, database caches) get theirs too.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any, Protocol

from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, models, router
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations import RunPython, RunSQL
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from outgrow.routing import Owners
from outgrow.routing.editor import constraints_by_owner

OURS = "outgrow_"  # the ledger's tables
HISTORY = "django_migrations"
PREPARING = {"CreateExtension", "CreateCollation"}  # operations without which a model's column types do not exist


class Teller(Protocol):
    """How progress reaches the parent (child.py)."""

    stage: str
    migration: str | None
    display: str

    def __call__(self, event: str, **data: Any) -> None: ...


class Making:
    """One attempt at the schema, which can be undone when it began with a database without a history."""

    def __init__(self, job: dict[str, Any], tell: Teller) -> None:
        self.job = job
        self.tell = tell
        self.before: set[str] | None = None

    def run(self) -> None:
        """Make everything that the job asks for; of a split, without constraints that leave the target."""
        if self.job["owners"] is None:
            self._run()
            return
        with constraints_by_owner(connection, Owners.parse(self.job["owners"])):
            self._run()

    def _run(self) -> None:
        tell = self.tell
        tell.stage = "connect"
        connection.ensure_connection()
        tell.display = connection.display_name
        tell.stage = "start over"
        if self.job["keep"] is not None:
            start_over(self.job["keep"], self.job["only"])
        self.before = relations()
        announce_migrations(tell)
        extra = [apps.get_model(label) for label in self.job["extra_models"]]
        deferred = create_tables(referred_first(extra))
        if self.job["owners"] is not None and self.lacking():
            deferred += self.make_lacking()
        elif self.job["mode"] == "current":
            self.make_current()
        else:
            tell.stage = "migrate"
            migrate()
        tell.stage = "tables"
        deferred += create_tables(extra)
        with connection.schema_editor() as editor:
            editor.deferred_sql.extend(deferred)
        if self.job["cache_tables"]:
            call_command("createcachetable", *self.job["cache_tables"], database="default", verbosity=1)

    def lacking(self) -> bool:
        """Whether the history has the apps that move already, but not their tables.

        The routed ``migrate`` records what it does not do, and a database that an app has left keeps its record.
        """
        applied = {app for app, _ in MigrationRecorder(connection).applied_migrations()}
        owners = Owners.parse(self.job["owners"])
        here = {app for app in MigrationLoader(None).migrated_apps if "default" in owners.of_app_all(app)}
        wanted = {t for t in self.job["only"] if t in {name.lower() for name in self.tables_of(applied & here)}}
        return bool(wanted - {name.lower() for name in self.before or ()})

    def tables_of(self, labels: Iterable[str]) -> list[str]:
        return [
            model._meta.db_table
            for label in labels
            if label in apps.app_configs
            for model in apps.get_app_config(label).get_models(include_auto_created=True)
        ]

    def make_lacking(self) -> list[Any]:
        """The tables that the recorded migrations describe; the history stays as it is, for it has become true."""
        self.tell.stage = "tables"
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if pending:
            raise RuntimeError(
                f"the target is a database of this project already, and {len(pending)} migrations wait there "
                f"({pending[0][0].app_label}.{pending[0][0].name}, …): run migrate on it first"
            )
        deferred = create_tables([m for m in described_models(executor.loader) if not m._meta.proxy])
        with connection.schema_editor() as editor:
            editor.deferred_sql.extend(deferred)
        for name in migrations_with_sql(executor.loader):
            if router.allow_migrate("default", name.partition(".")[0]):
                self.tell("not run", migration=name)
        migrate()  # nothing is left to migrate: for what apps do after it
        return []

    def make_current(self) -> None:
        """The tables that all migrations together describe; then the history, as ``migrate`` would have written it."""
        self.tell.stage = "tables"
        loader = MigrationLoader(None)
        wanted = described_models(loader)
        there = sorted({model._meta.db_table for model in wanted} & (self.before or set()))
        if there and HISTORY not in (self.before or ()):
            raise RuntimeError(
                f"the target holds {len(there)} of the project's tables ({there[0]}, …) and no migration history"
            )
        for operation in preparing_operations(loader):
            with connection.schema_editor() as editor:
                operation.database_forwards("outgrow", editor, ProjectState(), ProjectState())
        deferred = create_tables(wanted)
        with connection.schema_editor() as editor:
            editor.deferred_sql.extend(deferred)
        self.tell.stage = "record"
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes(), fake=True)
        self.tell.migration = None
        migrate()  # nothing is left to migrate: for what apps do after it
        for name in migrations_with_sql(loader):
            self.tell("not run", migration=name)

    def made(self) -> list[str]:
        """Tables and views that were not there when this attempt began."""
        return sorted(relations() - self.before) if self.before is not None else []

    def undo(self) -> dict[str, Any]:
        """After a failure: drop exactly what this attempt made, if the history began with it too."""
        if self.before is None:
            return {"undone": False, "left": []}
        try:
            connection.close()
            undone = HISTORY not in self.before
            if undone:
                drop(self.before)
            return {"undone": undone, "left": self.made()}
        except Exception as error:  # the first failure is the one to report
            return {"undone": False, "left": [f"unknown: {type(error).__name__}"]}


def migrate() -> None:
    """The project's own command."""
    call_command("migrate", database="default", interactive=False, run_syncdb=True, verbosity=1, no_color=True)


def announce_migrations(tell: Teller) -> None:
    """Report each migration; also under a project's own ``migrate`` command, whatever it prints."""
    apply = MigrationExecutor.apply_migration

    def apply_and_tell(
        self: MigrationExecutor, state: Any, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> Any:
        tell.migration = f"{migration.app_label}.{migration.name}"
        start = monotonic()
        if not fake:
            tell("started", migration=tell.migration)
        state = apply(self, state, migration, fake=fake, fake_initial=fake_initial)
        if not fake:
            tell("finished", migration=tell.migration, seconds=monotonic() - start)
        tell.migration = None
        return state

    MigrationExecutor.apply_migration = apply_and_tell  # type: ignore[method-assign]


def relations() -> set[str]:
    """Names of all tables and views."""
    with connection.cursor() as cursor:
        return {info.name for info in connection.introspection.get_table_list(cursor)}


def described_models(loader: MigrationLoader) -> list[type[models.Model]]:
    """The models as the migrations leave them, where an app has some.

    Not the apps' own classes: a migration's automatic many-to-many table takes its key's type from the settings, an
    app's own model from the app (``auth_user_groups.id`` is bigint by migration and integer by model).
    """
    state = loader.project_state()
    return [
        apps.get_model(model._meta.label) if model._meta.app_label in loader.unmigrated_apps else model
        for model in state.apps.get_models()
        if model._meta.can_migrate(connection) and router.allow_migrate_model("default", model)
    ]


def start_over(keep: Iterable[str], only: Iterable[str] = ()) -> None:
    """Drop what an unfinished attempt left: everything that was not there when the run began.

    A history that was there before is left alone with its tables: ``migrate`` then continues where it is. Of a split
    the tables ``only`` (lower case) go in any case, unless they were there.
    """
    kept = set(keep)
    if HISTORY in kept:
        wanted = set(only)
        drop({name for name in relations() if name in kept or name.lower() not in wanted})
        return
    drop(kept)
    left = sorted(name for name in relations() - kept if not name.startswith(OURS))
    if left:
        raise RuntimeError(f"{len(left)} tables of an unfinished attempt could not be dropped ({left[0]}, …)")


def drop(keep: set[str]) -> None:
    """Drop all tables and views but these, in whatever order works."""
    mark = connection.ops.quote_name("x")[0]  # Django's own leaves marks inside a name as they are
    tables = connection.schema_editor().sql_delete_table
    while True:
        with connection.cursor() as cursor:
            found = connection.introspection.get_table_list(cursor)
        dropped = 0
        for info in found:
            if info.name in keep or info.name.startswith(OURS):
                continue
            sql = "DROP VIEW %(table)s" if info.type == "v" else tables
            try:
                with connection.constraint_checks_disabled(), connection.cursor() as cursor:
                    cursor.execute(sql % {"table": mark + info.name.replace(mark, mark * 2) + mark})
                dropped += 1
            except DatabaseError:
                continue  # belongs to another one that is dropped in this or the next round
        if not dropped:
            return


def create_tables(wanted: Sequence[type[models.Model]]) -> list[Any]:
    """Create the tables that are missing; returns the statements for their keys and indexes, to be run later."""
    there = relations()
    with connection.schema_editor() as editor:
        for model in wanted:
            if model._meta.db_table not in there:
                managed, model._meta.managed = model._meta.managed, True  # else its indexes are left out
                editor.create_model(model)
                model._meta.managed = managed
        deferred = list(editor.deferred_sql)
        editor.deferred_sql.clear()
    return deferred


def referred_first(extra: Sequence[type[models.Model]]) -> list[type[models.Model]]:
    """Unmanaged models that managed ones refer to by a constraint, unless a migration makes their table by SQL."""
    targets = {
        field.remote_field.model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.can_migrate(connection)
        for field in model._meta.local_fields
        if field.remote_field and getattr(field, "db_constraint", False)
    }
    wanted = [model for model in extra if model in targets]
    if not wanted:
        return []
    sql = "\n".join(str(operation.sql) for _, operation in code_operations(MigrationLoader(None), RunSQL))
    return [model for model in wanted if not re.search(rf"\b{re.escape(model._meta.db_table)}\b", sql)]


def code_operations(loader: MigrationLoader, *kinds: type) -> list[tuple[str, Any]]:
    """(migration, operation) for all operations of these kinds on disk."""
    return [
        (f"{app}.{name}", operation)
        for (app, name), migration in sorted(loader.disk_migrations.items())
        for operation in _flat(migration.operations)
        if isinstance(operation, kinds)
    ]


def _flat(operations: Iterable[Any]) -> Iterable[Any]:
    for operation in operations:
        yield operation
        yield from _flat(getattr(operation, "database_operations", ()))


def migrations_with_sql(loader: MigrationLoader) -> list[str]:
    """Migrations whose SQL ``current`` does not run. Plain data migrations do not count: the data is copied."""
    named = {name for name, operation in code_operations(loader, RunSQL, RunPython) if _executes(operation)}
    return sorted(named)


def _executes(operation: Any) -> bool:
    if isinstance(operation, RunSQL):
        return bool(operation.sql)
    try:
        return ".execute(" in inspect.getsource(operation.code)
    except (OSError, TypeError):
        return True  # nobody can tell


def preparing_operations(loader: MigrationLoader) -> list[Any]:
    """Extensions and collations of the migrations on disk; each checks the engine itself."""
    return [
        operation
        for _, operation in code_operations(loader, object)
        if PREPARING & {base.__name__ for base in type(operation).__mro__}
    ]
