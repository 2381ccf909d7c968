"""The tables that a database's history of migrations claims to have made, whether they are there or not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError
from django.db.backends.utils import strip_quotes, truncate_name
from django.db.migrations.exceptions import BadMigrationError, NodeNotFoundError
from django.db.migrations.loader import MigrationLoader

from outgrow import conf
from outgrow.checks.live.looking import Look

Made = dict[str, tuple[str, str]]  # table → (app label, model name); a join table goes with its model


@dataclass(frozen=True)
class Claimed:
    """What the migrations recorded as applied have made in sum; ``unread`` says why it could not be told."""

    made: Made = field(default_factory=dict)
    unread: str = ""
    loader: Any = None

    def leaning_on(self, labels: Collection[str]) -> list[str]:
        """These apps and those with an applied migration that depends on one of theirs: to be forgotten together."""
        applied = self.loader.applied_migrations
        roots = [node for node in self.loader.graph.nodes if node[0] in labels and node in applied]
        found = {node[0] for root in roots for node in self.loader.graph.backwards_plan(root) if node in applied}
        return sorted({*labels, *found})


def claimed(look: Look) -> Claimed:
    """Follow the history of one database."""
    if not look.has("django_migrations"):
        return Claimed()
    try:
        loader = MigrationLoader(look.connection)
        applied = [node for node in loader.graph.nodes if node in loader.applied_migrations]
        state = loader.project_state(applied) if applied else None
    except (NodeNotFoundError, BadMigrationError, DatabaseError, LookupError, ValueError) as error:
        return Claimed(unread=f"its history cannot be followed ({type(error).__name__}: {error})")
    labels = {label for label, _ in applied}
    made: Made = {}
    for (label, name), model in (state.models if state else {}).items():
        options = model.options
        other = options.get("swappable") and conf.swapped_in(options["swappable"]).lower() != f"{label}.{name}"
        if label in labels and options.get("managed", True) and not options.get("proxy") and not other:
            _add(made, look.connection, label, name, model)
    return Claimed(made, loader=loader)


def _add(made: Made, connection: Any, label: str, name: str, model: Any) -> None:
    longest = connection.ops.max_name_length()
    table = model.options.get("db_table") or truncate_name(f"{label}_{name}", longest)
    made[table] = (label, name)
    for field_name, f in model.fields.items():
        if f.many_to_many and f.remote_field.through is None:
            joins = f.db_table or truncate_name(f"{strip_quotes(table)}_{field_name}", longest)
            made[joins] = (label, name)
