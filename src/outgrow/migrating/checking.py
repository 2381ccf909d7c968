"""Do the tables say what the histories say? Models and owners against the live tables of every database.

A history proves nothing: a migration is recorded also where the router let none of it run, and stays recorded when the
owners change afterwards. What a table's indexes and types lack is told in ``indexed.py`` and ``narrow.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connections, router
from django.db.backends.utils import strip_quotes
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model

from outgrow.dialects.base import Dialect, Table
from outgrow.events import Watch, silent
from outgrow.migrating import indexed, narrow, order, planning
from outgrow.migrating.rights import Unreadable, reading
from outgrow.migrating.waiting import reach
from outgrow.options import MigrateOptions
from outgrow.routing import declared, same_database
from outgrow.routing.editor import crosses
from outgrow.routing.owners import OURS


@dataclass(frozen=True, slots=True)
class Drift:
    """``kind``: missing table | missing column | index | unique | type | pending | constraint | unreadable | copy.

    A copy is no error: it may still wait.
    """

    kind: str
    database: str
    table: str
    text: str

    @property
    def wrong(self) -> bool:
        return self.kind != "copy"

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "database": self.database, "table": self.table, "text": self.text}


@dataclass(frozen=True)
class Look:
    """One database, as far as it may be seen. ``told``: its history can be read."""

    alias: str
    dialect: Dialect
    loader: MigrationLoader
    told: bool
    tables: Mapping[str, str]  # in small letters → as the server calls it
    shapes: Mapping[str, Table]

    def claims(self, migration: str) -> bool:
        """Whether the history says that this migration was applied."""
        app, _, name = migration.partition(".")
        return (app, name) in self.loader.applied_migrations


def check(options: MigrateOptions, watch: Watch = silent) -> list[Drift]:
    """Everything that is not where its owner is, database by database; reads catalogs only."""
    found: list[Drift] = []
    for alias in order.to_migrate(options.databases):
        dialect = reach(alias, options.wait, watch)
        told = True
        try:
            found += _pending(alias, dialect)
        except Unreadable as error:
            found.append(Drift("unreadable", alias, error.table, str(error)))
            told = False
        found += _of_database(_look(alias, dialect, told))
    return found


def _look(alias: str, dialect: Dialect, told: bool) -> Look:
    connection = connections[alias]
    if dialect.absent:
        return Look(alias, dialect, MigrationLoader(None), told, {}, {})
    with dialect.connect(read_only=True) as session:
        shapes = dialect.shapes(session)
    names = connection.introspection.table_names()
    loader = MigrationLoader(connection if told else None)
    return Look(alias, dialect, loader, told, {name.lower(): name for name in names}, shapes)


def _pending(alias: str, dialect: Dialect) -> list[Drift]:
    steps = planning.plan(alias, dialect).acting
    if not steps:
        return []
    names = ", ".join(steps[:5]) + (", …" if len(steps) > 5 else "")
    text = f"{alias} has {len(steps)} migrations to apply ({names}): run `outgrow migrate`."
    return [Drift("pending", alias, "", text)]


def _of_database(look: Look) -> Iterator[Drift]:
    for model in _models():
        table = _live_name(look, model)
        if not _belongs(look.alias, model):
            if table is not None:
                yield from _stale(look.alias, model, table)
            continue
        if table is None:
            yield _absent(look, model)
            continue
        try:
            columns = _columns_of(look, table)
        except Unreadable as error:
            yield Drift("unreadable", look.alias, table, str(error))
            continue
        yield from _columns(look, model, columns)
        yield from _constraints(look.alias, model, table)
        if table in look.shapes:
            yield from _lacking(look, model, look.shapes[table])


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


def _live_name(look: Look, model: type[Model]) -> str | None:
    """The table as the server calls it: some lower the case of every name."""
    converter = connections[look.alias].introspection.identifier_converter
    name = strip_quotes(converter(model._meta.db_table))
    return name if name in look.tables.values() else look.tables.get(name.lower())


def _columns_of(look: Look, table: str) -> list[str]:
    """As the database gives them to this login; Unreadable where it may not read them.

    Not by get_table_description(): on SQLite it cannot read a table with CHECK (x IN (1, 2, 3)), up to Django 6.1.
    """
    connection = connections[look.alias]
    with reading(look.alias, table, look.dialect), connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} WHERE 1=0")
        return [column[0] for column in cursor.description]


def _absent(look: Look, model: type[Model]) -> Drift:
    """A table that is missing; or one that a server does not show, as this login has no right on it at all."""
    table = model._meta.db_table
    try:
        if look.tables:  # a file that is not there would be made
            _columns_of(look, table)
    except Unreadable as error:
        return Drift("unreadable", look.alias, table, str(error))
    except DatabaseError:
        pass
    return Drift("missing table", look.alias, table, _missing(look, model))


def _missing(look: Look, model: type[Model]) -> str:
    text = f"{model._meta.db_table} is owned by {look.alias} but missing there"
    maker = maker_of(look.loader, model)
    if not maker:
        return f"{text}: no migration makes it, run `makemigrations {model._meta.app_label}` and `outgrow migrate`."
    if look.claims(maker):
        return f"{text}; its history claims that {maker} was applied: make it there as that migration does, or move it."
    if not look.told:
        return f"{text}: make it there as {maker} does, or move it."
    return f"{text}: {maker} has not been applied, run `outgrow migrate`."


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
                makes = not field or any(known == field for known, _ in operation.fields)
                return planning.name_of(migration) if makes else ""
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


def _columns(look: Look, model: type[Model], live: list[str]) -> Iterator[Drift]:
    there = {column.lower() for column in live}
    for field in model._meta.local_concrete_fields:
        if field.column and field.column.lower() not in there:
            maker = maker_of(look.loader, model, field.name)
            claim = f"; its history claims that {maker} was applied" if maker and look.claims(maker) else ""
            if not maker:
                claim = f": no migration makes it, run `makemigrations {model._meta.app_label}` and `outgrow migrate`"
            text = f"{model._meta.db_table}.{field.column} is missing on {look.alias}{claim}."
            yield Drift("missing column", look.alias, model._meta.db_table, text)


def _lacking(look: Look, model: type[Model], live: Table) -> Iterator[Drift]:
    """Indexes and unique keys that are not there, columns that hold less than they should."""
    for want in indexed.lacking(model, live, connections[look.alias]):
        kind, what = ("unique", "unique key") if want.unique else ("index", "index")
        text = (
            f"{live.name} on {look.alias} has no {what} on {', '.join(want.columns)}, which {model._meta.label} "
            "declares: make it as its migration does; if there is none, run `makemigrations` and `outgrow migrate`."
        )
        yield Drift(kind, look.alias, live.name, text)
    if look.dialect.types_bind:
        for field, column, declared_type in narrow.narrower(model, live, connections[look.alias]):
            text = (
                f"{live.name}.{column.name} on {look.alias} is {column.declared}, which holds less than the "
                f"{declared_type} of {model._meta.label}.{field.name}: alter the column as its migration does."
            )
            yield Drift("type", look.alias, live.name, text)


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
