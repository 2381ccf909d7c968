"""Fills the zoo, deterministically; the same call says what must be read back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connections, transaction
from django.db.models import Model

from . import rows, store


def stock(using: str, *, extreme: bool = False) -> Iterator[tuple[type[Model], list[dict[str, Any]]]]:
    """Each installed model with the rows that `fill` stores on that engine, parents first.

    Without `extreme` the rows are those that all four engines hold unchanged.
    """
    engine = store.engine(using)
    by_model: dict[type[Model], list[dict[str, Any]]] = {}
    for group in rows.groups(using):
        if not group.lives_on(engine, extreme):
            continue
        try:
            model = apps.get_model(group.model)
        except LookupError:
            continue  # an app that this Django, engine or environment leaves out
        if model._meta.can_migrate(using) or not model._meta.managed:
            by_model.setdefault(model, []).extend(group.rows)
    yield from by_model.items()


def fill(using: str, *, extreme: bool = False) -> dict[str, int]:
    """Store everything in an empty, migrated database; returns the rows stored by table."""
    connection = connections[using]
    counts: dict[str, int] = {}
    with every_key_allowed(connection), transaction.atomic(using):
        with connection.constraint_checks_disabled():
            rows.clear_rows_of_migrations(using)
            for model, wanted in stock(using, extreme=extreme):
                store.insert(using, model, wanted)
                counts[model._meta.db_table] = len(wanted)
            counts |= rows.fill_leftovers(using)
        connection.check_constraints()
    _move_sequences_on(using)
    return counts


def check(using: str, *, extreme: bool = False) -> list[str]:
    """What differs between the rows that `fill` stored and the rows the ORM reads now."""
    result = []
    for model, wanted in stock(using, extreme=extreme):
        result += store.differences(using, model, wanted)
    return result + rows.check_leftovers(using)


@contextmanager
def every_key_allowed(connection) -> Iterator[None]:
    """MySQL and MariaDB take 0 for "next number" unless told otherwise."""
    if connection.vendor != "mysql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET @zoo_mode = @@sql_mode, sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')")
        yield
        cursor.execute("SET sql_mode = @zoo_mode")


def _move_sequences_on(using: str) -> None:
    """Rows came with their keys; PostgreSQL's next one must not collide.

    Not by `sequence_reset_sql`, which fails on an apostrophe in a table's name (Django 6.1).
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for model, _ in stock(using):
            key, table = model._meta.auto_field, quote(model._meta.db_table)
            if key is not None and key in model._meta.local_fields:
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), greatest(max(k), 1))"
                    f" FROM (SELECT {quote(key.column)} AS k FROM {table}) AS t",
                    [table, key.column],
                )
