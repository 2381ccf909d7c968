"""What is read of one database, once for all the checks."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

from outgrow.checks.facts import Facts
from outgrow.checks.fault import Fault
from outgrow.dialects import dialect_for
from outgrow.dialects.base import Dialect, Session
from outgrow.dialects.where import in_memory
from outgrow.errors import OutgrowError

NOT_JUDGED = Fault("W060", "A database could not be looked at.")


@dataclass(frozen=True)
class Look:
    """One alias of ``--database``. ``session``: the engine's own; None for SQLite in memory or before it has a file."""

    facts: Facts
    alias: str
    dialect: Dialect | None
    session: Session | None
    is_empty: bool = False  # a SQLite file that is not there, which Django would make by connecting

    @property
    def connection(self) -> Any:
        return connections[self.alias]

    @property
    def is_replica(self) -> bool:
        return self.alias in self.facts.owners.primaries

    @cached_property
    def tables(self) -> dict[str, str]:
        """Tables and views of the database: in lower case → as they are spelt."""
        if self.is_empty:
            return {}
        return {name.lower(): name for name in self.connection.introspection.table_names(include_views=True)}

    def has(self, table: str) -> bool:
        return table.lower() in self.tables

    def holds_rows(self, table: str) -> bool:
        name = self.connection.ops.quote_name(self.tables[table.lower()])
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {name} LIMIT 1")
            return cursor.fetchone() is not None

    @cached_property
    def identity(self) -> tuple[str, ...] | None:
        """What the server says that it is; None where it does not say."""
        if self.dialect is None or self.session is None:
            return None
        try:
            return self.dialect.identity(self.session)
        except Exception:  # the driver's own, of a server that keeps it to itself
            return None

    def owns(self, error: BaseException) -> bool:
        """Whether the error is of this database's driver."""
        drivers = type(error.__cause__ or error).__module__.partition(".")[0]
        return bool(self.connection.Database.__name__.partition(".")[0] == drivers)

    def not_judged(self, error: BaseException) -> CheckMessage:
        return not_judged(self.alias, self.dialect.explain(error.__cause__ or error) if self.dialect else str(error))

    def unread(self, why: str) -> CheckMessage:
        return not_judged(self.alias, why)


Looks = Sequence[Look]


def not_judged(alias: str, why: str) -> CheckMessage:
    return NOT_JUDGED(
        f'The database "{alias}" could not be looked at: {why.rstrip(".")}.',
        "Correct that, or do not name it with --database: nothing is known of its tables.",
    )


@contextmanager
def looking(facts: Facts, databases: Sequence[str], found: list[CheckMessage]) -> Iterator[Looks]:
    """The databases, each with a session; one that does not answer is told in ``found`` and left out."""
    with ExitStack() as open_:
        looks = []
        for alias in databases:
            if alias not in facts.aliases:
                continue
            settings = connections[alias].settings_dict
            if in_memory(connections[alias].vendor, settings):
                looks.append(Look(facts, alias, None, None))
                continue
            try:
                dialect = dialect_for(settings)
                if dialect.file is not None and not os.path.exists(dialect.file):
                    looks.append(Look(facts, alias, dialect, None, is_empty=True))
                    continue
                session = open_.enter_context(dialect.connect(read_only=True))
                connections[alias].ensure_connection()
            except (OutgrowError, DatabaseError, ImproperlyConfigured) as error:
                found.append(not_judged(alias, str(error)))
            else:
                looks.append(Look(facts, alias, dialect, session))
        yield looks


@contextmanager
def broken_off(looks: Looks, found: list[CheckMessage]) -> Iterator[None]:
    """A check that a database breaks off (a table that this login may not read) is told in ``found``, not raised."""
    try:
        yield
    except DatabaseError as error:
        cause = error.__cause__ or error
        said = [look.dialect.explain(cause) for look in looks if look.dialect is not None and look.owns(error)]
        found.append(not_judged(", ".join(look.alias for look in looks), said[0] if said else type(error).__name__))
