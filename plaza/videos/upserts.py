"""Many rows in one statement: new ones are inserted, and known ones take what is newer than what they hold.

Django's own ``bulk_create(update_conflicts=True)`` has no condition, and what two processes write of one row may come
to the database in the wrong order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connections, models, router


def newest(
    model: type[models.Model],
    rows: Sequence[tuple[Any, ...]],
    names: tuple[str, ...],
    *,
    key: tuple[str, ...],
    moment: str,
    kept: tuple[str, ...] = (),
) -> None:
    """Write rows of these fields. Where there is one of the same key (which is unique), it is changed if ``moment`` is
    not older than what it has, but for the fields that are ``kept`` from the first.
    """
    connection = connections[router.db_for_write(model)]
    quote, table = connection.ops.quote_name, connection.ops.quote_name(model._meta.db_table)
    fields = [model._meta.get_field(name) for name in names]
    columns = {name: quote(field.column) for name, field in zip(names, fields, strict=True)}  # type: ignore[union-attr]
    changed = [columns[name] for name in names if name not in (*key, *kept, moment)]
    at = columns[moment]
    if connection.vendor == "mysql":  # assignments are carried out in their order: the moment is the last
        sets = [
            f"{column} = IF(VALUES({at}) >= {table}.{at}, VALUES({column}), {table}.{column})" for column in changed
        ]
        sets.append(f"{at} = GREATEST(VALUES({at}), {table}.{at})")
        tail = f"ON DUPLICATE KEY UPDATE {', '.join(sets)}"
    else:
        sets = [f"{column} = excluded.{column}" for column in (*changed, at)]
        conflict = ", ".join(columns[name] for name in key)
        tail = f"ON CONFLICT ({conflict}) DO UPDATE SET {', '.join(sets)} WHERE excluded.{at} >= {table}.{at}"
    places = f"({', '.join(['%s'] * len(names))})"
    values = [
        field.get_db_prep_save(value, connection)  # type: ignore[union-attr]
        for row in rows
        for field, value in zip(fields, row, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns.values())}) VALUES {', '.join([places] * len(rows))} {tail}",
            values,
        )
