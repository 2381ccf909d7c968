"""A right that is missing, said in one sentence: the rest can still be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from outgrow.dialects.base import Dialect, Trouble
from outgrow.errors import Unreachable


class Unreadable(Unreachable):
    """This login may not read a table."""

    def __init__(self, alias: str, table: str, reason: str) -> None:
        super().__init__(f"{table} on {alias} may not be read by this login ({reason}): grant SELECT on it.")
        self.table = table


@contextmanager
def reading(alias: str, table: str, dialect: Dialect) -> Iterator[None]:
    """Raises Unreadable where the block asks for rows of ``table`` without the right to."""
    try:
        yield
    except DatabaseError as error:
        cause = error.__cause__ or error
        if dialect.trouble(cause) is not Trouble.RIGHTS:
            raise
        raise Unreadable(alias, table, dialect.explain(cause)) from error
