"""Put made rows into a table: through the driver, and elsewhere than in SQLite
with Django's own value adapters.

SQLite takes rows fastest while its secondary indexes are away; its DDL is part of the
transaction, so a crash half way leaves the file as it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from django.core.management.color import no_style
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from plaza.filling.sheets import Row

BATCH = 10_000
Adapter = Callable[[Any], Any]

# How a value is read back from what SQLite stores; other fields have it as it is.
READERS: dict[type[models.Field], Adapter] = {
    models.BooleanField: bool,
    models.DateTimeField: lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC),
    models.DateField: date.fromisoformat,
    models.TimeField: time.fromisoformat,
    models.DurationField: lambda microseconds: timedelta(0, 0, microseconds),
    models.DecimalField: Decimal,
    models.UUIDField: UUID,
    models.JSONField: json.loads,
}


def insert(
    connection: BaseDatabaseWrapper,
    model: type[models.Model],
    names: tuple[str, ...],
    rows: Iterator[Row],
    wrote: Callable[[int], None],
) -> None:
    """Insert rows in batches, after each of which wrote(number of rows) is called."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    if set(fields) != set(names):
        raise ValueError(f"the columns made for {model._meta.label} are not those of the model")
    statement = insert_statement(connection, model, [fields[name].column for name in names])
    adapters = [adapter(fields[name], connection) for name in names]
    with connection.cursor() as cursor:
        # The driver's own method: Django's SQLite cursor looks at every batch for its "%s".
        run = connection.connection.executemany if is_sqlite(connection) else cursor.executemany
        while batch := list(islice(rows, BATCH)):
            run(statement, adapted(batch, adapters))
            wrote(len(batch))


def is_sqlite(connection: BaseDatabaseWrapper) -> bool:
    return connection.vendor == "sqlite"


def insert_statement(connection: BaseDatabaseWrapper, model: type[models.Model], columns: list[str]) -> str:
    quote = connection.ops.quote_name
    places = ", ".join(["?" if is_sqlite(connection) else "%s"] * len(columns))
    listed = ", ".join(map(quote, columns))
    return f"INSERT INTO {quote(model._meta.db_table)} ({listed}) VALUES ({places})"


def python_value(field: models.Field, stored: Any) -> Any:
    """What a model instance would hold for a value that was made."""
    reader = READERS.get(type(field))
    return stored if stored is None or reader is None else reader(stored)


def adapter(field: models.Field, connection: BaseDatabaseWrapper) -> Adapter | None:
    """What turns a made value into what this driver is given; None if it already is that."""
    if is_sqlite(connection) or type(field) not in READERS:
        return None
    return lambda stored: field.get_db_prep_save(python_value(field, stored), connection)


def adapted(batch: list[Row], adapters: list[Adapter | None]) -> list[Row]:
    if not any(adapters):
        return batch
    return [
        tuple(
            adapt(value) if adapt else value
            for adapt, value in zip(adapters, row, strict=True)
        )
        for row in batch
    ]  # fmt: skip


@contextmanager
def one_transaction(connection: BaseDatabaseWrapper, filled: list[type[models.Model]]) -> Iterator[None]:
    """All or nothing. On SQLite without key checks (rows are made whole) and with indexes aside."""
    if not is_sqlite(connection):
        with transaction.atomic(using=connection.alias):
            yield
            reset_sequences(connection, filled)
        return
    with connection.constraint_checks_disabled(), transaction.atomic(using=connection.alias):
        aside = drop_indexes(connection, {model._meta.db_table for model in filled})
        yield
        with connection.cursor() as cursor:
            for statement in aside:
                cursor.execute(statement)


def drop_indexes(connection: BaseDatabaseWrapper, tables: set[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY rowid"
        )
        found = [(name, sql) for name, table, sql in cursor.fetchall() if table in tables]
        for name, _ in found:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
    return [sql for _, sql in found]


def reset_sequences(connection: BaseDatabaseWrapper, filled: list[type[models.Model]]) -> None:
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), filled):
            cursor.execute(statement)


def analyze(connection: BaseDatabaseWrapper, tables: Sequence[type[models.Model]]) -> None:
    """Let the database look at what these tables hold now."""
    names = [connection.ops.quote_name(model._meta.db_table) for model in tables]
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            cursor.execute(f"ANALYZE TABLE {', '.join(names)}")
            cursor.fetchall()
        else:
            for name in names:
                cursor.execute(f"ANALYZE {name}")
