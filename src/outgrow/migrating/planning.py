"""The plan: what each database has to apply, in order, and which of it does something there.

Django records every migration in every database's history, also where the router lets none of its operations run. We
keep that: one history everywhere is what Django's graph, ``makemigrations`` and squashing rely on. It proves nothing
about tables; ``--check`` looks at these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connections, router
from django.db.migrations import operations
from django.db.migrations.exceptions import (
    BadMigrationError,
    CircularDependencyError,
    InconsistentMigrationHistory,
    NodeNotFoundError,
)
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.recorder import MigrationRecorder

from outgrow.dialects.base import Dialect
from outgrow.errors import Refused, Unreachable
from outgrow.migrating.rights import reading
from outgrow.places import describe

BROKEN = (BadMigrationError, CircularDependencyError, NodeNotFoundError, ImportError, SyntaxError)
"""What the project's migration files raise when they cannot be loaded."""

_STATE_ONLY = (operations.AlterModelOptions, operations.AlterModelManagers)


@dataclass(frozen=True, slots=True)
class Step:
    """One migration for one database; ``acts`` is False where it is only recorded there."""

    migration: str  # "shop.0001_initial"
    acts: bool = True


@dataclass(frozen=True, slots=True)
class DatabasePlan:
    """What one database has to apply."""

    alias: str
    spoken: str  # "PostgreSQL shop on db.example:5432"
    steps: tuple[Step, ...] = ()

    @property
    def acting(self) -> tuple[str, ...]:
        return tuple(step.migration for step in self.steps if step.acts)

    @property
    def recorded(self) -> tuple[str, ...]:
        return tuple(step.migration for step in self.steps if not step.acts)

    def as_dict(self) -> dict[str, Any]:
        return {
            "database": self.alias, "spoken": self.spoken, "apply": list(self.acting), "record": list(self.recorded),
            "order": [step.migration for step in self.steps],
        }  # fmt: skip


def plan(alias: str, dialect: Dialect) -> DatabasePlan:
    """Read one database's history and compare it with the migrations on disk; writes nothing.

    Raises Refused, in one sentence, for migrations that conflict or a history that contradicts them, and Unreadable
    for a history that this login may not read.
    """
    # (a SQLite file that is not there yet would be made by connecting to it)
    try:
        with reading(alias, MigrationRecorder.Migration._meta.db_table, dialect):
            executor = MigrationExecutor(None if dialect.absent else connections[alias])
    except BROKEN as error:
        raise Refused(f"The migrations cannot be loaded ({type(error).__name__}: {error}): mend them first.") from error
    except DatabaseError as error:
        said = dialect.explain(error.__cause__ or error).rstrip(".")
        raise Unreachable(
            f"The history of {alias} cannot be read ({said}): give its user the right to, or correct what DATABASES "
            "says of it."
        ) from error
    loader = executor.loader
    if conflicts := loader.detect_conflicts():
        app, names = next(iter(sorted(conflicts.items())))
        raise Refused(
            f"The app {app} has {len(names)} last migrations ({', '.join(sorted(names))}): merge them with "
            "`makemigrations --merge`."
        )
    if not dialect.absent:
        try:
            loader.check_consistent_history(connections[alias])
        except InconsistentMigrationHistory as error:
            raise Refused(f"The history of {alias} contradicts the migrations on disk: {error}") from error
    planned = executor.migration_plan(loader.graph.leaf_nodes())
    steps = tuple(Step(name_of(migration), acts(migration, alias)) for migration, _ in planned)
    return DatabasePlan(alias, describe(connections[alias].settings_dict), steps)


def acts(migration: Migration, alias: str) -> bool:
    """Whether a migration changes this database, or is only recorded there.

    One that changes no database at all belongs to those of its app, so that it is nobody else's.
    """
    if not any(_touches(operation) for operation in migration.operations):
        return _allowed(alias, migration.app_label)
    return any(_acts(operation, migration.app_label, alias) for operation in migration.operations)


def name_of(migration: Migration) -> str:
    return f"{migration.app_label}.{migration.name}"


def _touches(operation: Any) -> bool:
    """Whether an operation changes any database."""
    if isinstance(operation, operations.SeparateDatabaseAndState):
        return any(_touches(inner) for inner in operation.database_operations)
    if isinstance(operation, operations.RunPython) and operation.code is operations.RunPython.noop:
        return False
    return not isinstance(operation, _STATE_ONLY)


def _acts(operation: Any, app_label: str, alias: str) -> bool:
    """Whether an operation changes this database."""
    if isinstance(operation, operations.SeparateDatabaseAndState):
        return any(_acts(inner, app_label, alias) for inner in operation.database_operations)
    if not _touches(operation):
        return False
    hints = dict(getattr(operation, "hints", None) or {})
    name = getattr(operation, "model_name", None) or getattr(operation, "new_name", None)
    name = name or getattr(operation, "name", None)
    if name and not hints and not isinstance(operation, operations.RunPython | operations.RunSQL):
        hints = {"model_name": str(name).lower()}
    return _allowed(alias, app_label, **hints)


def _allowed(alias: str, app_label: str, **hints: Any) -> bool:
    """A router that wants more than names to answer counts as yes."""
    try:
        return bool(router.allow_migrate(alias, app_label, **hints))
    except Exception:
        return True
