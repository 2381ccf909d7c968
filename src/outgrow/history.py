"""The migration history of a database against the migrations on disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connections
from django.db.migrations.exceptions import BadMigrationError, NodeNotFoundError
from django.db.migrations.executor import MigrationExecutor


@dataclass(frozen=True, slots=True)
class History:
    """``pending`` are migrations on disk that were not applied, ``unread`` says why they could not be told."""

    pending: tuple[str, ...] = ()
    unread: str = ""
    notes: tuple[str, ...] = ()


def read_history(alias: str) -> History:
    """Asks the database at ``alias``; a project whose migrations cannot be loaded is no error here."""
    try:
        executor = MigrationExecutor(connections[alias])
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (NodeNotFoundError, BadMigrationError) as error:
        return History(unread=f"the project's migrations cannot be read ({error})")
    pending = tuple(f"{migration.app_label}.{migration.name}" for migration, _ in plan)
    return History(pending, notes=tuple(_unknown(executor)))


def _unknown(executor: MigrationExecutor) -> Iterator[str]:
    """Notes on recorded migrations that no file on disk explains."""
    loader = executor.loader
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    strangers: dict[str, list[str]] = {}
    for key in loader.applied_migrations or {}:
        if key not in loader.disk_migrations and key not in replaced:
            strangers.setdefault(key[0], []).append(key[1])
    for app, names in sorted(strangers.items()):
        why = "has no file for" if app in loader.migrated_apps else "is not installed any more to explain"
        yield f"the history records {len(names)} migration(s) that the app {app} {why}: {', '.join(sorted(names)[:5])}"
