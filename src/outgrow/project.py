"""The Project: every table that the source holds, and what becomes of each.

Models come from Django's app registry, columns from the live database: a managed model may have no table, a table no
model, and a model class may look different on each engine. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from django.apps import apps as installed_apps
from django.core.cache import caches
from django.db import connections, models, router
from django.db.backends.utils import strip_quotes, truncate_name
from django.utils import timezone

from outgrow.dialects.base import Table
from outgrow.fields import FieldInfo, field_info
from outgrow.history import History, read_history
from outgrow.lines import Kind

OWN_PREFIX = "outgrow_"
HISTORY = "django_migrations"

REBUILT: Mapping[str, str] = {"wagtailsearch_indexentry": "update_index", "watson_searchentry": "buildwatson"}
"""Search indexes that other rows are the source of: table (or the start of its shadow tables) → manage.py command."""

INTERNAL = ("spatial_ref_sys", "geometry_columns", "geography_columns", "raster_columns", "raster_overviews")
"""Starts of names of tables that an engine or its spatial extension keeps for itself."""


class Action(StrEnum):
    """What becomes of a table."""

    COPY = "copy"
    SKIP = "skip"
    ARCHIVE = "archive"
    REBUILD = "rebuild"


@dataclass(frozen=True, slots=True)
class ProjectTable:
    """One table of the source: which model owns it, what becomes of it, and why."""

    name: str
    model: str | None  # "social.Post"; "social.Post.tags (auto)" for an automatic many-to-many table
    action: Action = Action.COPY
    reason: str = ""
    managed: bool = True
    fields: Mapping[str, FieldInfo] = field(default_factory=dict)  # by column name
    target_name: str | None = None  # where the target engine shortens the name
    full_name: str | None = None  # the name before Django shortened it; None where a db_table was given

    def hint(self, column: str) -> Kind | None:
        info = self.fields.get(column)
        return info.kind if info else None


@dataclass(frozen=True, slots=True)
class Project:
    """What the source holds."""

    tables: tuple[ProjectTable, ...] = ()
    absent: tuple[str, ...] = ()  # managed models whose table does not exist
    pending: tuple[str, ...] = ()  # migrations on disk that the source has not applied
    unread: str = ""  # why the migrations on disk could not be compared with the history
    notes: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()  # models without a table here that a router keeps in another database
    lying: tuple[str, ...] = ()  # what the migration history records and the database does not have
    time_zone: str = "UTC"  # of naive datetimes

    def table(self, name: str) -> ProjectTable | None:
        return next((t for t in self.tables if t.name == name), None)


def read_project(alias: str, live: Mapping[str, Table], *, migration_check: bool = True) -> Project:
    """Everything that the source at ``alias`` holds; ``live`` is its catalog."""
    with left_as_it_was(alias):
        owned = read_models(alias, live)
        history = read_history(alias) if migration_check else History()
    tables = [*owned.tables.values(), *without_model(live, owned.tables)]
    return Project(
        tables=tuple(sorted(tables, key=lambda t: t.name)),
        absent=tuple(owned.absent),
        pending=history.pending,
        unread=history.unread,
        notes=(*owned.notes, *history.notes),
        elsewhere=tuple(owned.elsewhere),
        lying=() if history.unread else tuple(owned.lying(history.pending)),
        time_zone=timezone.get_default_timezone_name(),
    )


@contextmanager
def left_as_it_was(alias: str) -> Iterator[None]:
    """Close Django's connection afterwards unless it was open: it would count as somebody else's writer."""
    was_open = connections[alias].connection is not None
    try:
        yield
    finally:
        if not was_open:
            connections[alias].close()


def name_on_target(name: str, limit: int | None, table: ProjectTable | None = None) -> str:
    """The name that Django gives a table on an engine whose identifiers are at most ``limit`` characters long.

    With the table given, a name that the source's own engine shortened is shortened anew.
    """
    return truncate_name((table.full_name if table else None) or name, limit)


# -- models -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Owned:
    """What the models own: their tables by name, and what was expected and is not there."""

    tables: dict[str, ProjectTable] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    lacking: list[tuple[str, str]] = field(default_factory=list)  # (app label, sentence)

    def lying(self, pending: Iterable[str]) -> list[str]:
        """What is missing although no migration of its app waits to be applied."""
        behind = {name.partition(".")[0] for name in pending}
        return [sentence for app, sentence in self.lacking if app not in behind]


def read_models(alias: str, live: Mapping[str, Table]) -> Owned:
    """The tables of all concrete models, automatic many-to-many tables and parents of inheritance among them."""
    owned = Owned()
    folded = {name.lower(): name for name in live}
    for model in concrete_models():
        wanted = strip_quotes(model._meta.db_table)
        name = wanted if wanted in live else folded.get(wanted.lower())
        if name is None:
            note_absence(owned, model, alias)
        elif name in owned.tables:
            owned.tables[name] = merge(owned.tables[name], model_table(model, live[name], alias))
        else:
            owned.tables[name] = model_table(model, live[name], alias)
        if name is not None and live[name].kind == "table":
            note_missing_columns(owned, model, live[name], alias)
    for name, table in owned.tables.items():
        if table.action is Action.SKIP and live[name].parent and not through_a_model(name, live, owned):
            owned.tables[name] = replace(table, action=Action.COPY, reason="")
    return owned


def through_a_model(name: str, live: Mapping[str, Table], owned: Owned) -> bool:
    """Whether a partition's rows go with those of a model's table; a parent that no model knows is not copied."""
    while name := live[name].parent:
        if name in owned.tables:
            return True
    return False


def concrete_models() -> Iterator[type[models.Model]]:
    """All models that have a table of their own, but for the ledger's; a model that was swapped out has none."""
    for model in installed_apps.get_models(include_auto_created=True):
        if not model._meta.proxy and not model._meta.abstract and not model._meta.db_table.startswith(OWN_PREFIX):
            yield model


def table_of(model: type[models.Model]) -> str:
    """The name of its table; a ``db_table`` in quotes (which Oracle's users write) stands without them."""
    return strip_quotes(model._meta.db_table)


def model_label(model: type[models.Model]) -> str:
    """``social.Post``, or ``social.Post.tags (auto)`` for an automatic table between two models."""
    owner: Any = model._meta.auto_created
    if not owner:
        return model._meta.label
    for relation in owner._meta.local_many_to_many:
        if relation.remote_field.through is model:
            return f"{owner._meta.label}.{relation.name} (auto)"
    return f"{model._meta.label} (auto)"


def columns_of(model: type[models.Model]) -> Iterator[tuple[str, models.Field[Any, Any]]]:
    """The columns of the model's own table, each with its field; a composite primary key has none of its own."""
    for f in model._meta.local_concrete_fields:
        if f.column:
            yield f.column, f


def model_table(model: type[models.Model], table: Table, alias: str) -> ProjectTable:
    managed = bool(model._meta.managed)
    action, reason = what_becomes(table, managed)
    live = {c.name.lower(): c.name for c in table.columns} | {c.name: c.name for c in table.columns}
    fields = {live.get(name) or live.get(name.lower(), name): field_info(f, alias) for name, f in columns_of(model)}
    return ProjectTable(table.name, model_label(model), action, reason, managed, fields, full_name=full_name(model))


def full_name(model: type[models.Model]) -> str | None:
    """The table's name before Django shortens it for the engine; None where somebody chose a name."""
    meta = model._meta
    owner: Any = meta.auto_created
    if not owner:
        return None if "db_table" in meta.original_attrs else f"{meta.app_label}_{meta.model_name}"
    for relation in owner._meta.local_many_to_many:
        if relation.remote_field.through is model and not relation.db_table:
            return f"{full_name(owner) or strip_quotes(owner._meta.db_table)}_{relation.name}"
    return None


def what_becomes(table: Table, managed: bool) -> tuple[Action, str]:
    """What becomes of a model's table."""
    command = rebuild_command(table.name)
    if command:
        return Action.REBUILD, f"a search index made from other rows: run `manage.py {command}` on the target"
    if table.kind == "view":
        return Action.SKIP, "a view: it has no rows of its own"
    if table.kind in ("virtual", "shadow"):
        return Action.REBUILD, "made from other rows: rebuild it on the target with the app that owns it"
    if table.parent:
        return Action.SKIP, f"a partition: its rows go with those of {table.parent}"
    if not managed:
        return Action.COPY, "not managed by Django, and its table exists"
    return Action.COPY, ""


def rebuild_command(name: str) -> str | None:
    return next((command for start, command in REBUILT.items() if name == start or name.startswith(f"{start}_")), None)


def merge(one: ProjectTable, other: ProjectTable) -> ProjectTable:
    """Two models with one ``db_table``: the managed one speaks first."""
    first, second = (one, other) if one.managed or not other.managed else (other, one)
    return replace(first, model=f"{first.model}, {second.model}", fields={**second.fields, **first.fields})


def note_absence(owned: Owned, model: type[models.Model], alias: str) -> None:
    meta, label = model._meta, model_label(model)
    if not meta.managed:
        owned.notes.append(f"{label} is not managed by Django, and there is no table {meta.db_table} here")
    elif meta.can_migrate(connections[alias]) and not router.allow_migrate_model(alias, model):
        owned.elsewhere.append(label)
    elif meta.can_migrate(connections[alias]):
        owned.absent.append(label)
        owned.lacking.append((meta.app_label, f"{label}: no migration is pending, but {meta.db_table} does not exist"))


def note_missing_columns(owned: Owned, model: type[models.Model], table: Table, alias: str) -> None:
    names = {c.name.lower() for c in table.columns}
    for name, f in columns_of(model):
        if model._meta.managed and name.lower() not in names and f.db_type(connections[alias]) is not None:
            sentence = f"{model._meta.label}.{f.name}: no migration is pending, but {table.name} has no column {name}"
            owned.lacking.append((model._meta.app_label, sentence))


# -- tables without a model --------------------------------------------------------------------------------------------


def without_model(live: Mapping[str, Table], owned: Mapping[str, ProjectTable]) -> Iterator[ProjectTable]:
    """Cache tables, the engine's own, search indexes, the history, and what removed apps left behind."""
    cached = cache_tables()
    for name, table in live.items():
        if name not in owned and not name.lower().startswith(OWN_PREFIX):
            action, reason = judge_stranger(table, cached)
            if table.parent and action in (Action.ARCHIVE, Action.COPY):
                action, reason = Action.SKIP, f"a partition: its rows go with those of {table.parent}"
            yield ProjectTable(name, None, action, reason, managed=False)


def judge_stranger(table: Table, cached: Mapping[str, str]) -> tuple[Action, str]:
    """What becomes of a table that no model knows, and why."""
    if table.name == HISTORY:
        return Action.SKIP, "the migration history is never copied: the target's own migrate writes it"
    if table.name in cached:
        return Action.COPY, f"the table of the cache {cached[table.name]!r}"
    command = rebuild_command(table.name)
    if command:
        return Action.REBUILD, f"a search index made from other rows: run `manage.py {command}` on the target"
    if table.kind in ("virtual", "shadow"):
        return Action.REBUILD, "a full-text or other virtual table: rebuild it on the target with the app that made it"
    if table.name.lower().startswith(INTERNAL):
        return Action.SKIP, "the engine keeps it for itself"
    if table.kind == "view":
        return Action.SKIP, "a view: it has no rows of its own"
    return Action.ARCHIVE, "no installed app has a model for it (left behind by an app that was removed?)"


def cache_tables() -> dict[str, str]:
    """Tables of database caches: table → alias of the cache."""
    found = {}
    for alias, entry in caches.settings.items():
        if str(entry.get("BACKEND", "")).endswith("DatabaseCache") and entry.get("LOCATION"):
            found[strip_quotes(entry["LOCATION"])] = alias
    return found
