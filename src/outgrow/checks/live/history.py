"""The tables that a database's history of migrations claims to have made, whether they are there or not."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError
from django.db.backends.utils import strip_quotes, truncate_name
from django.db.migrations.exceptions import BadMigrationError, NodeNotFoundError
from django.db.migrations.loader import MigrationLoader

from outgrow.checks.live.looking import Look

Made = dict[str, tuple[str, str]]  # table → (app label, model name); a join table goes with its model


def claimed(look: Look) -> tuple[Made, str]:
    """What the migrations recorded as applied have made in sum; and why it could not be told, or ""."""
    if not look.has("django_migrations"):
        return {}, ""
    try:
        loader = MigrationLoader(look.connection)
        applied = [node for node in loader.graph.nodes if node in loader.applied_migrations]
        labels = {label for label, _ in applied}
        state = loader.project_state(applied) if applied else None
    except (NodeNotFoundError, BadMigrationError, DatabaseError, LookupError, ValueError) as error:
        return {}, f"its history cannot be followed ({type(error).__name__}: {error})"
    made: Made = {}
    for (label, name), model in (state.models if state else {}).items():
        options = model.options
        if (
            label in labels
            and options.get("managed", True)
            and not options.get("proxy")
            and not options.get("swappable")
        ):
            _add(made, look.connection, label, name, model)
    return made, ""


def _add(made: Made, connection: Any, label: str, name: str, model: Any) -> None:
    longest = connection.ops.max_name_length()
    table = model.options.get("db_table") or truncate_name(f"{label}_{name}", longest)
    made[table] = (label, name)
    for field_name, f in model.fields.items():
        if f.many_to_many and f.remote_field.through is None:
            joins = f.db_table or truncate_name(f"{strip_quotes(table)}_{field_name}", longest)
            made[joins] = (label, name)
