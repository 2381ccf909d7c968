"""Rows as the database keeps them: written by parameterised INSERTs, read back through the ORM.

No model instance is made and no signal sent, so what is stored is what the row says.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connections
from django.db.models import FloatField, Model
from django.db.models.sql import InsertQuery

from .animals.fields import ServerLowerField, engine_of

ALL = frozenset({"sqlite", "postgresql", "mysql", "mariadb"})


@dataclass(frozen=True)
class As:
    """A value given to the driver as it is, and what the ORM makes of it when it reads the row."""

    stored: Any
    read: Any


@dataclass(frozen=True)
class Computed:
    """A value that the database works out itself."""

    read: Any


@dataclass(frozen=True)
class Group:
    """Rows of one model; all on every engine, or, as extremes, on the engines named."""

    model: str
    rows: Sequence[dict[str, Any]]
    engines: frozenset[str] = ALL
    extreme: bool = False

    def lives_on(self, engine: str, extreme: bool) -> bool:
        return engine in self.engines and (extreme or not self.extreme)


def column_values(name: str, values: Iterable[Any], start: int = 1) -> list[dict[str, Any]]:
    """One row per value, numbered from `start`."""
    return [{"id": start + n, name: value} for n, value in enumerate(values)]


def insert(using: str, model: type[Model], rows: Sequence[dict[str, Any]]) -> None:
    """Store the rows exactly as they are."""
    for row in rows:
        sql, params = _statement(using, model, row)
        with connections[using].cursor() as cursor:
            cursor.execute(sql, params)


def _statement(using: str, model: type[Model], row: dict[str, Any]) -> tuple[str, list[Any]]:
    connection = connections[using]
    quote = connection.ops.quote_name
    compiler = InsertQuery(model).get_compiler(using)
    columns, marks, params = [], [], []
    for field in model._meta.local_concrete_fields:
        value = row[field.attname]
        if isinstance(value, Computed) or _is_server_made(field, connection):
            continue
        value = _driver_value(field, value, connection)
        columns.append(quote(field.column))
        marks.append(_placeholder(field, value, compiler, connection))
        params.append(value)
    names, places = ", ".join(columns), ", ".join(marks)
    return f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})", params


def _is_server_made(field, connection) -> bool:
    return isinstance(field, ServerLowerField) and connection.vendor == "postgresql"


def _driver_value(field, value: Any, connection) -> Any:
    if isinstance(value, As):
        return value.stored
    if isinstance(value, int) and getattr(field, "db_returning", False):
        return value  # Django itself refuses key 0 on MySQL
    return field.get_db_prep_save(value, connection=connection)


def _placeholder(field, value: Any, compiler, connection) -> str:
    """What stands for the value; arrays, ranges and bytes need more than %s."""
    if hasattr(field, "get_placeholder_sql"):  # Django 6.1
        return field.get_placeholder_sql(value, compiler, connection)[0]
    if hasattr(field, "get_placeholder"):
        return field.get_placeholder(value, compiler, connection)
    return "%s"


def read(using: str, model: type[Model]) -> dict[Any, dict[str, Any]]:
    """Every row through the ORM, by primary key, whatever the default manager hides."""
    names = [field.attname for field in model._meta.local_concrete_fields]
    rows = model._base_manager.using(using).order_by().values_list(*names)
    return {_key(model, row): row for row in (dict(zip(names, row, strict=True)) for row in rows)}


def expected(using: str, model: type[Model], rows: Sequence[dict[str, Any]]) -> dict[Any, Any]:
    """What `read` must return for rows that `insert` stored."""
    connection = connections[using]
    server_made = {
        field.attname: field.source for field in model._meta.local_concrete_fields if _is_server_made(field, connection)
    }
    result = {}
    for row in rows:
        seen = {n: v.read if isinstance(v, As | Computed) else v for n, v in row.items()}
        for name, source in server_made.items():
            seen[name] = seen[source] and seen[source].lower()
        result[_key(model, seen)] = seen
    return result


def _key(model: type[Model], row: dict[str, Any]) -> Any:
    fields = getattr(model._meta, "pk_fields", None) or [model._meta.pk]
    return tuple(row[field.attname] for field in fields)


def differences(using: str, model: type[Model], rows: Sequence[dict[str, Any]]) -> list[str]:
    """One sentence for each row or value that is not as it was stored."""
    wanted, found = expected(using, model, rows), read(using, model)
    label = model._meta.label
    result = [f"{label} {key}: row is missing" for key in wanted.keys() - found.keys()]
    result += [f"{label} {key}: row was never stored" for key in found.keys() - wanted.keys()]
    for key in wanted.keys() & found.keys():
        for field in model._meta.local_concrete_fields:
            want, got = wanted[key][field.attname], found[key][field.attname]
            if not alike(want, got, bits=isinstance(field, FloatField)):
                result.append(f"{label} {key} {field.attname}: {want!r:.200} became {got!r:.200}")
    return result


def alike(want: Any, got: Any, *, bits: bool = False) -> bool:
    """Equal in value and kind; floats of a FloatField bit by bit; numbers inside JSON by value."""
    if isinstance(want, bytes) and isinstance(got, bytes | memoryview):
        return want == bytes(got)
    if isinstance(want, bool) or isinstance(got, bool) or want is None or got is None:
        return want is got
    if isinstance(want, float) and isinstance(got, float) and bits:
        return struct.pack(">d", want) == struct.pack(">d", got)
    if isinstance(want, dict) and isinstance(got, dict):
        return want.keys() == got.keys() and all(alike(want[k], got[k]) for k in want)
    if isinstance(want, list) and isinstance(got, list):
        return len(want) == len(got) and all(map(alike, want, got))
    if isinstance(want, int | float) and isinstance(got, int | float):
        return Decimal(repr(want)) == Decimal(repr(got))  # 1e22 is an integer in jsonb
    if isinstance(want, Decimal) and isinstance(got, Decimal):
        return want == got or (want.is_nan() and got.is_nan())
    return type(want) is type(got) and want == got


def engine(using: str) -> str:
    """sqlite, postgresql, mysql or mariadb."""
    return engine_of(connections[using])
