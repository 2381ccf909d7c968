"""The questions about an engine's log.

A position is a short text, at most :data:`LONGEST` characters, that only its own engine's module reads. It names the
server or timeline that it belongs to, so that one from another history is never mistaken for one that was reached.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

LONGEST = 160  # characters: a cookie holds one for each primary


class Fault(StrEnum):
    """Why a read of a replica failed, as far as the router needs to tell apart."""

    LOST = "lost"  # the connection or the server is gone
    ELSEWHERE = "elsewhere"  # the server lives, but only the primary can answer this
    QUERY = "query"  # the statement itself: it would fail on the primary as well


class Log(ABC):
    """One engine's answers. ``connection`` is Django's, and open; errors are Django's DatabaseError."""

    @abstractmethod
    def written(self, connection: Any, *, own: bool) -> str | None:
        """The position, on the primary, that holds everything committed so far; None if it cannot be had.

        ``own``: it is enough to hold what this very connection has committed.
        """

    @abstractmethod
    def replayed(self, connection: Any, position: str) -> str | None:
        """A position that this replica has reached and that covers the one asked for; None if there is none yet."""

    @abstractmethod
    def covers(self, reached: str, position: str) -> bool:
        """Whether whoever has reached the one has reached the other as well; False where that cannot be told."""

    def follows(self, connection: Any) -> bool:
        """Whether the server is still a replica, and not a primary by now."""
        return True


def row(connection: Any, sql: str, parameters: Sequence[Any] | None = None) -> tuple[Any, ...]:
    """The first row of a question, through the driver's own cursor; () if there is none."""
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return tuple(cursor.fetchone() or ())
