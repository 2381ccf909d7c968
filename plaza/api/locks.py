"""Rows that stay as they are until a transaction ends, while as many others as like may hold them too.

Django's ``select_for_update`` lets in one at a time, which would make the likers of a popular author wait for each
other. Whoever takes such a lock takes it first, before counters and tables, and the lower number first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db import connections, models, router, transaction

Row = TypeVar("Row", bound=models.Model)

SHARED = {"postgresql": "FOR SHARE", "mysql": "LOCK IN SHARE MODE"}  # MariaDB as MySQL
ALONE = {"postgresql": "FOR NO KEY UPDATE", "mysql": "FOR UPDATE"}
"""SQLite has one lock for all who write, and a transaction of plaza's takes it when it begins (see settings)."""


def held(model: type[Row], keys: Iterable[int], *, alone: bool = False) -> dict[int, Row]:
    """The rows of these keys, as they are now: whoever changes one waits until this transaction ends.

    ``alone``: whoever holds one waits too.
    """
    using = router.db_for_write(model)
    connection = connections[using]
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            f"{model._meta.label} was to be locked outside of a transaction of {using}: open one around all that is "
            "written under the lock."
        )
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    how = (ALONE if alone else SHARED).get(connection.vendor, "")
    table, key = (connection.ops.quote_name(name) for name in (model._meta.db_table, model._meta.pk.column))
    places = ", ".join(["%s"] * len(wanted))
    rows = model._default_manager.using(using)
    return {
        row.pk: row for row in rows.raw(f"SELECT * FROM {table} WHERE {key} IN ({places}) ORDER BY {key} {how}", wanted)
    }
