"""Rows that stay as they are until a transaction ends, while as many others as like may hold them too.

Django's ``select_for_update`` lets in one at a time, which would make the likers of a popular author wait for each
other. Whoever takes such a lock takes it first, before counters and tables, and the lower number first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db import connections, models, router, transaction

Row = TypeVar("Row", bound=models.Model)

SHARED = {"postgresql": "FOR KEY SHARE", "mysql": "LOCK IN SHARE MODE"}  # MariaDB as MySQL
ALONE = {"postgresql": "FOR NO KEY UPDATE", "mysql": "FOR UPDATE"}
"""PostgreSQL lets those who share a row go before one who waits to change it, so that a stream of them keeps him
waiting for ever (seen): a key share lets him change it, and makes wait who takes it FOR UPDATE (``outlasted``). In
InnoDB who waits comes before who asks later. SQLite has one lock for all who write, and a transaction of plaza's takes
it when it begins (see settings)."""


def outlasted(model: type[models.Model], key: int) -> None:
    """Wait until every transaction has ended that held the row when this was called."""
    with transaction.atomic(using=router.db_for_write(model)):
        list(model._default_manager.select_for_update().filter(pk=key))


def held(model: type[Row], keys: Iterable[int], *, alone: bool = False) -> dict[int, Row]:
    """The rows of these keys, as they are now: whoever changes one and then waits until it is ``outlasted`` waits for
    the end of this transaction.

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
