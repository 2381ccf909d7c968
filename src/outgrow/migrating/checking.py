"""Do the tables say what the histories say? Models and owners against the live tables and columns of every database.

A history proves nothing: a migration is recorded also where the router let none of it run, and stays recorded when the
owners change afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections, router
from django.db.backends.utils import strip_quotes
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model

from outgrow.dialects.base import Dialect
from outgrow.events import Watch, silent
from outgrow.migrating import order, planning
from outgrow.migrating.waiting import reach
from outgrow.options import MigrateOptions
from outgrow.routing import declared, same_database
from outgrow.routing.editor import crosses
from outgrow.routing.owners import OURS


@dataclass(frozen=True, slots=True)
class Drift:
    """``kind``: missing table | missing column | pending | constraint | copy (which is no error: it may still wait)."""

    kind: str
    database: str
    table: str
    text: str

    @property
    def wrong(self) -> bool:
        return self.kind != "copy"

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "database": self.database, "table": self.table, "text": self.text}


def check(options: MigrateOptions, watch: Watch = silent) -> list[Drift]:
    """Everything that is not where its owner is, database by database; reads catalogs only."""
    found: list[Drift] = []
    for alias in order.to_migrate(options.databases):
        dialect = reach(alias, options.wait, watch)
        found += _pending(alias, dialect)
        found += _of_database(alias, {} if dialect.absent else live_columns(alias))
    return found


def live_columns(alias: str) -> dict[str, list[str]]:
    """Table → its columns, as the database gives them.

    Not by get_table_description(): on SQLite it cannot read a table with CHECK (x IN (1, 2, 3)), up to Django 6.1.
    """
    connection = connections[alias]
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} WHERE 1=0")
            found[table] = [column[0] for column in cursor.description]
    return found


def _pending(alias: str, dialect: Dialect) -> list[Drift]:
    steps = planning.plan(alias, dialect).acting
    if not steps:
        return []
    names = ", ".join(steps[:5]) + (", …" if len(steps) > 5 else "")
    text = f"{alias} has {len(steps)} migrations to apply ({names}): run `outgrow migrate`."
    return [Drift("pending", alias, "", text)]


def _of_database(alias: str, live: Mapping[str, list[str]]) -> Iterator[Drift]:
    by_lower = {table.lower(): table for table in live}
    loader = MigrationLoader(None if not live else connections[alias])
    for model in _models():
        table = _live_name(alias, model, live, by_lower)
        if not _belongs(alias, model):
            if table is not None:
                yield from _stale(alias, model, table)
        elif table is None:
            yield Drift("missing table", alias, model._meta.db_table, _missing(alias, model, loader))
        else:
            yield from _columns(alias, model, live[table], loader)
            yield from _constraints(alias, model, table)


def _models() -> list[type[Model]]:
    """Every model whose table a migration should have made."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and not model._meta.swapped and model._meta.app_label != OURS
    ]


def _belongs(alias: str, model: type[Model]) -> bool:
    if not model._meta.can_migrate(connections[alias]):  # it needs another engine
        return False
    owners = declared()
    if owners is not None:
        return same_database(alias, owners.of_model(model))
    return bool(router.allow_migrate_model(alias, model))


def _live_name(
    alias: str, model: type[Model], live: Mapping[str, list[str]], by_lower: Mapping[str, str]
) -> str | None:
    """The table as the server calls it: some lower the case of every name."""
    converter = connections[alias].introspection.identifier_converter
    name = strip_quotes(converter(model._meta.db_table))
    return name if name in live else by_lower.get(name.lower())


def _missing(alias: str, model: type[Model], loader: MigrationLoader) -> str:
    text = f"{model._meta.db_table} is owned by {alias} but missing there"
    maker = maker_of(loader, model)
    if not maker:
        return f"{text}: no migration makes it, run `makemigrations {model._meta.app_label}` and `outgrow migrate`."
    if _claims(loader, maker):
        return f"{text}; its history claims that {maker} was applied: make it there as that migration does, or move it."
    return f"{text}: {maker} has not been applied, run `outgrow migrate`."


def _claims(loader: MigrationLoader, maker: str) -> bool:
    app, _, name = maker.partition(".")
    return (app, name) in loader.applied_migrations


def maker_of(loader: MigrationLoader, model: type[Model], field: str = "") -> str:
    """The migration that makes a model's table, or one of its fields, followed back through renames; "" for none."""
    if model._meta.auto_created:
        declaring: Any = model._meta.auto_created
        field = next(f.name for f in declaring._meta.local_many_to_many if f.remote_field.through is model)
        return maker_of(loader, declaring, field)
    app, name = model._meta.app_label, str(model._meta.model_name)
    ours = [m for key, m in sorted(loader.disk_migrations.items()) if key[0] == app]
    for migration in reversed(ours):
        for operation in reversed(list(flat(migration.operations))):
            if isinstance(operation, operations.RenameModel) and operation.new_name_lower == name:
                name = operation.old_name_lower
            if isinstance(operation, operations.CreateModel) and operation.name_lower == name:
                return planning.name_of(migration)
            if getattr(operation, "model_name_lower", None) != name:
                continue
            if isinstance(operation, operations.RenameField) and operation.new_name == field:
                field = operation.old_name
            if isinstance(operation, operations.AddField) and operation.name == field:
                return planning.name_of(migration)
    return ""


def flat(found: Any) -> Iterator[Any]:
    """Operations with those inside SeparateDatabaseAndState that change the database."""
    for operation in found:
        yield operation
        yield from flat(getattr(operation, "database_operations", ()))


def _columns(alias: str, model: type[Model], live: list[str], loader: MigrationLoader) -> Iterator[Drift]:
    there = {column.lower() for column in live}
    for field in model._meta.local_concrete_fields:
        if field.column and field.column.lower() not in there:
            maker = maker_of(loader, model, field.name)
            claim = f"; its history claims that {maker} was applied" if maker and _claims(loader, maker) else ""
            text = f"{model._meta.db_table}.{field.column} is missing on {alias}{claim}."
            yield Drift("missing column", alias, model._meta.db_table, text)


def _constraints(alias: str, model: type[Model], table: str) -> Iterator[Drift]:
    """A constraint that was made before its parent moved: every new row would fail."""
    owners = declared()
    crossing = [f for f in model._meta.local_fields if owners is not None and crosses(owners, model, f)]
    if not crossing:
        return
    connection = connections[alias]
    with connection.cursor() as cursor:
        relations = connection.introspection.get_relations(cursor, table)
    for field in crossing:
        if field.column in relations:
            parent = relations[field.column][1]
            owner = owners.of_model(field.remote_field.model)  # type: ignore[union-attr]
            text = (
                f"{table}.{field.column} on {alias} still has a constraint to {parent}, which {owner} owns: rows for "
                "what is new there will be refused; drop the constraint."
            )
            yield Drift("constraint", alias, table, text)


def _stale(alias: str, model: type[Model], table: str) -> Iterator[Drift]:
    owners = declared()
    if owners is not None:
        owner = owners.of_model(model)
        text = f"{table} also lies on {alias}, though {owner} owns it: a copy that nothing keeps up to date."
        yield Drift("copy", alias, table, text)
