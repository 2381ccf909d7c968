"""Which indexes and unique keys a model declares, and which of them its table lacks; by columns, for names say nothing.

In doubt nothing is lacking: what a server makes by itself, expressions and the classes of other packages are left out,
and a longer index that begins with the columns serves as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Field, Index, Model, UniqueConstraint

from outgrow.dialects.base import ObjectKind, SchemaObject, Table

_UNIQUE = frozenset({ObjectKind.PRIMARY, ObjectKind.UNIQUE})
_INDEXES = _UNIQUE | {ObjectKind.INDEX}


@dataclass(frozen=True, slots=True)
class Declared:
    """``partial``: of some rows only, which is not looked at further."""

    columns: tuple[str, ...]
    unique: bool = False
    partial: bool = False

    def is_served_by(self, thing: SchemaObject) -> bool:
        if thing.expression or not thing.columns or not thing.valid or (thing.condition and not self.partial):
            return False
        there, wanted = ([c.lower() for c in columns] for columns in (thing.columns, self.columns))
        if self.unique:
            return thing.kind in _UNIQUE and set(there) <= set(wanted)
        return thing.kind in _INDEXES and there[: len(wanted)] == wanted


def lacking(model: type[Model], live: Table, connection: Any) -> Iterator[Declared]:
    """What is declared and not there, each once; where a column is missing already, that is enough."""
    there = {column.name.lower() for column in live.columns}
    for want in dict.fromkeys(declared(model, connection)):
        if {c.lower() for c in want.columns} <= there and not any(map(want.is_served_by, live.objects)):
            yield want


def declared(model: type[Model], connection: Any) -> Iterator[Declared]:
    """What Django makes on this connection's engine for the model's own table."""
    meta: Any = model._meta
    editor = connection.schema_editor()  # only asked: it makes nothing before it is entered
    local = {field.name: field for field in meta.local_concrete_fields if field.column}
    key = [field for field in getattr(meta, "pk_fields", [meta.pk]) if field.name in local]
    if key:
        yield Declared(_columns(key), unique=True)
    for field in local.values():
        if field.unique and not field.primary_key:
            yield Declared((field.column,), unique=True)
        elif editor._field_should_be_indexed(model, field):  # none where the engine makes it with the foreign key
            yield Declared((field.column,))
    groups = [(names, True) for names in meta.unique_together]
    groups += [(names, False) for names in getattr(meta, "index_together", ())]  # up to Django 5.0
    for names, unique in groups:
        if all(name in local for name in names):
            yield Declared(_columns([local[name] for name in names]), unique)
    for thing in (*meta.indexes, *meta.constraints):
        if type(thing) not in (Index, UniqueConstraint) or not _is_made(thing, connection.features):
            continue
        names = [name.removeprefix("-") for name in thing.fields]
        if names and all(name in local for name in names):
            columns = _columns([local[name] for name in names])
            yield Declared(columns, isinstance(thing, UniqueConstraint), thing.condition is not None)


def _columns(fields: Sequence[Field[Any, Any]]) -> tuple[str, ...]:
    return tuple(str(field.column) for field in fields)


def _is_made(thing: Any, features: Any) -> bool:
    """Whether the engine can have it: elsewhere Django leaves it out, and says so in its own checks."""
    if thing.condition is not None and not features.supports_partial_indexes:
        return False
    if isinstance(thing, Index):
        return True
    asked = {
        "supports_deferrable_unique_constraints": thing.deferrable is not None,
        "supports_covering_indexes": bool(thing.include),
        "supports_nulls_distinct_unique_constraints": getattr(thing, "nulls_distinct", None) is not None,
    }
    return all(getattr(features, feature, False) for feature, used in asked.items() if used)
