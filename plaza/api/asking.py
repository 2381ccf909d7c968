"""Rows of a statement whose text stays the same: PostgreSQL plans it once for each connection.

Django writes the parameters into the text, and PostgreSQL takes longer to plan such a page of posts than to read it.
Here they go beside it, and psycopg has what it asked five times prepared on the server (``prepare_threshold``; None
switches that off, for poolers that lend a connection for one transaction). The other databases are asked as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import NotSupportedError
from django.db.backends.base.base import BaseDatabaseWrapper


def rows(connection: BaseDatabaseWrapper, sql: str, parameters: Sequence[Any]) -> list[Any]:
    """All rows of ``sql``. A column that a migration changed meanwhile makes PostgreSQL refuse what it had prepared:
    it is forgotten, and asked anew."""
    try:
        return _asked(connection, sql, parameters)
    except NotSupportedError:  # "cached plan must not change result type"
        if connection.vendor != "postgresql" or connection.in_atomic_block:
            raise
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")  # psycopg forgets its own list by it
        return _asked(connection, sql, parameters)


def _asked(connection: BaseDatabaseWrapper, sql: str, parameters: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # In a transaction a refusal could not be mended, so that nothing is prepared there.
            cursor.cursor = _beside()(connection.connection, prepares=not connection.in_atomic_block)
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


@cache
def _beside() -> Any:
    """A cursor that sends parameters beside the text; the module is there where PostgreSQL is used."""
    import psycopg
    from psycopg.types.numeric import Int8

    class Beside(psycopg.Cursor[Any]):
        def __init__(self, connection: Any, *, prepares: bool) -> None:
            super().__init__(connection)
            self._prepares = None if prepares else False

        def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
            return super().execute(query, [sized(one) for one in params], prepare=self._prepares, **more)

    def sized(one: Any) -> Any:
        """A number's type would follow from its size, and each type be a statement of its own."""
        if type(one) is int:
            return Int8(one)
        return [sized(part) for part in one] if type(one) is list else one

    return Beside
