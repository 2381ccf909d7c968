"""Triggers that write a tombstone for every key that dies, on Django's own connection of each engine.

A trigger's name holds a digest of its SQL: what stands under a wanted name is as wanted, and an older spelling is
replaced. Values come from the engine itself, so that raw SQL and the database's own cascades count.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import transaction

from outgrow.errors import Unreachable

PREFIX = "outgrow_loose_"
TOMBSTONE = "outgrow_tombstone"
LOCK_SECONDS = 5  # a trigger's creation waits for writers no longer, as new writers wait behind it


class NoSuchTable(Exception):
    """The parent's table is not in this database, or is no table."""


@dataclass(frozen=True)
class Trigger:
    """One that is wanted on ``table``: for "delete", "update", "truncate", or the "cascade" that ends at the parent."""

    name: str
    table: str
    create: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """One of ours that the catalog knows."""

    name: str
    table: str  # as the models name it, or with its schema in front
    enabled: bool
    drop: tuple[str, ...]


class Tombstones(ABC):
    """One engine's answers."""

    gaps: ClassVar[str]  # deaths that no trigger of this engine sees, as a sentence

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    @abstractmethod
    def wanted(self, table: str, column: str) -> list[Trigger]:
        """The triggers for one column that is referred to; the tombstones' table exists. Raises NoSuchTable."""

    @abstractmethod
    def standing(self) -> list[Standing]:
        """All of ours in this database."""

    @contextmanager
    def patiently(self) -> Iterator[None]:
        """Triggers are made in this block, which waits for writers no longer than LOCK_SECONDS.

        One transaction where the engine can roll triggers back; SQLite's connections bound their waiting themselves.
        """
        with transaction.atomic(using=self.connection.alias):
            yield

    def hold_writes(self, table: str) -> None:
        """First in a transaction that reads before it writes, where the engine cannot lock rows."""
        return

    def query(self, sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())

    def execute(self, statements: Sequence[str]) -> None:
        with self.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def quote(self, name: str) -> str:
        return str(self.connection.ops.quote_name(name))


def named(event: str, *parts: str) -> str:
    """A trigger's name, at most 40 characters whatever the table is called, from all that it is made of."""
    digest = hashlib.sha256("\0".join((event, *parts)).encode()).hexdigest()[:16]
    return f"{PREFIX}{event}_{digest}"


def tombstones_for(connection: Any) -> Tombstones:
    """The engine of one of Django's connections."""
    if connection.vendor == "sqlite":
        from outgrow.dialects.sqlite.tombstones import SQLiteTombstones

        return SQLiteTombstones(connection)
    if connection.vendor == "postgresql":
        from outgrow.dialects.postgresql.tombstones import PostgreSQLTombstones

        return PostgreSQLTombstones(connection)
    if connection.vendor == "mysql":
        from outgrow.dialects.mysql.tombstones import MySQLTombstones

        return MySQLTombstones(connection)
    raise Unreachable(
        f"the database {connection.alias} is of the engine {connection.vendor}, where no tombstones can be written; "
        "expected SQLite, PostgreSQL, MySQL or MariaDB: keep the parents of loose references on one of these."
    )
