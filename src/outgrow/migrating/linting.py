"""Data migrations that do not say which database they are for, found in the project's files without running them.

Without OWNERS, or where an app's models lie in several databases, such a migration runs once for each of them, and the
ORM sends all its rows to the one that the router names.
"""

from __future__ import annotations

import ast
import os
import sys
import sysconfig
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.db import router
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration

from outgrow.errors import Refused
from outgrow.migrating import order
from outgrow.migrating.planning import BROKEN, DatabasePlan, name_of
from outgrow.migrating.reading import Call, calls, guards
from outgrow.routing import declared


@dataclass(frozen=True, slots=True)
class Unguarded:
    """One RunPython or RunSQL. ``runs_on``: the aliases for which it runs today; ``uses``: other owners it names."""

    migration: str
    file: str
    line: int
    what: str  # "RunPython(first_categories)"
    guard: str
    runs_on: tuple[str, ...]
    uses: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        runs = " and ".join(self.runs_on) or "no database"
        harm = f"; it names models of {', '.join(self.uses)}" if self.uses else ""
        return (
            f"{self.file}:{self.line}: {self.what} of {self.migration} does not say which database it is for, and runs "
            f"for {runs}{harm}: {self.guard}."
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "migration": self.migration, "file": self.file, "line": self.line, "operation": self.what,
            "runs_on": list(self.runs_on), "names_models_of": list(self.uses), "guard": self.guard,
        }  # fmt: skip


def lint(pending: Sequence[DatabasePlan] | None = None) -> list[Unguarded]:
    """All of the project's own migrations; with plans, only what is about to run and would do harm."""
    about = {(plan.alias, name) for plan in pending or () for name in plan.acting}
    if pending is not None and not about:
        return []
    try:
        migrations = MigrationLoader(None).disk_migrations
    except BROKEN as error:
        raise Refused(f"The migrations cannot be loaded ({type(error).__name__}: {error}): mend them first.") from error
    databases = order.to_migrate()
    found = [u for _, m in sorted(migrations.items()) if _is_projects(m) for u in _of_migration(m, databases)]
    if pending is None:
        return found
    return [
        u for u in found if (len(u.runs_on) > 1 or u.uses) and any((alias, u.migration) in about for alias in u.runs_on)
    ]


def _is_projects(migration: Migration) -> bool:
    """Not Django's, and not of a package that was installed."""
    file = _file(migration)
    installed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), os.path.dirname(django.__file__)}
    return bool(file) and not any(Path(file).is_relative_to(folder) for folder in installed)


def _file(migration: Migration) -> str:
    return getattr(sys.modules.get(type(migration).__module__), "__file__", None) or ""


def _of_migration(migration: Migration, databases: Collection[str]) -> Iterator[Unguarded]:
    file = _file(migration)
    try:
        tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return
    for call in calls(tree):
        if call.hinted or not call.acts or guards(call):
            continue
        runs_on = tuple(a for a in databases if router.allow_migrate(a, migration.app_label))
        owners = _owners_of(call.models, migration.app_label)
        yield Unguarded(
            name_of(migration), os.path.relpath(file), call.line, call.what, _guard(call, migration.app_label),
            runs_on, tuple(sorted(owners - set(runs_on))),
        )  # fmt: skip


def _owners_of(models: Iterable[tuple[str, str]], app_label: str) -> set[str]:
    """The owners of the models that the code names."""
    owners = declared()
    return {owners.of_label(app, model) for app, model in models if app in apps.app_configs} if owners else set()


def _guard(call: Call, app_label: str) -> str:
    """What to write, word for word as far as the file tells it."""
    own = sorted({model.lower() for app, model in call.models if app == app_label})
    if len(owners := sorted(_owners_of(((app_label, model) for model in own), app_label))) > 1:
        return f'write one for each of {", ".join(owners)}, where its models lie, each with hints={{"model_name": …}}'
    hint = f'hints={{"model_name": "{own[0] if own else "…"}"}}'
    if not own:
        hint += " with a model whose table it changes"
    if call.is_sql:
        return f"add {hint}"
    using = "`.using(schema_editor.connection.alias)`"
    return f"add {hint}, and {using} to its queries" + (
        f" from line {call.function_line}" if call.function_line else ""
    )
