"""What one user, task or command has written, and how far a replica must be to show it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping
from typing import Any
from weakref import WeakSet

from django.db import DatabaseError, connections

from outgrow import conf
from outgrow.dialects.positions import log_of

UNKNOWN = ""  # something was written, and no position is to be had: only the primary shows it


class Writes:
    """Positions that reads need, by primary; and connections whose last write has no position yet.

    A position is taken when the next read asks, not with each write. It may be used by several threads of one user.
    """

    __slots__ = ("_forgets", "_lock", "_needs", "_outer", "_writers", "_written", "seen")

    def __init__(self, needs: Mapping[str, str] | None = None, outer: Writes | None = None) -> None:
        self._needs = dict(needs or {})
        self._writers: dict[str, WeakSet[Any]] = {}
        self._written: set[str] = set()  # all primaries that took a write, with a position by now or without
        self.seen = 0  # writes so far
        self._lock = threading.Lock()
        self._outer = outer
        self._forgets: dict[str, float] = {}  # when a write without a position is old enough

    def wrote(self, alias: str, connection: Any = None) -> None:
        """A write on this primary; without a connection it was done by somebody else on the user's behalf."""
        with self._lock:
            self.seen += 1
            self._written.add(alias)
            writers = self._writers.setdefault(alias, WeakSet())
            if connection is not None:
                writers.add(connection)
        if self._outer is not None:
            self._outer.wrote(alias, connection)

    def need(self, alias: str) -> str | None:
        """The position that a replica must have reached; None where nothing was written, UNKNOWN for none at all."""
        if alias in self._writers:
            self._settle(alias)
            if alias in self._writers:
                return UNKNOWN
        need = self._needs.get(alias)
        if need == UNKNOWN and time.monotonic() > self._forgets.setdefault(alias, _later()):
            self._needs.pop(alias, None)
            self._forgets.pop(alias, None)
            return None
        return need

    def needs(self) -> dict[str, str]:
        """All of them, taken now; UNKNOWN also for what was written in a transaction that is still open."""
        return {alias: self.need(alias) or UNKNOWN for alias in {*self._needs, *self._writers}}

    def positions(self) -> dict[str, str]:
        """Of each primary that was written its position at this moment, which may be beyond the writes; UNKNOWN for
        none. It holds whatever is committed there by now, no matter who committed it.
        """
        with self._lock:
            still_open = {alias for alias, writers in self._writers.items() if any(map(in_transaction, writers))}
            aliases = sorted(self._written)
        if in_event_loop():
            return dict.fromkeys(aliases, UNKNOWN)
        return {alias: UNKNOWN if alias in still_open else written(alias) or UNKNOWN for alias in aliases}

    def outermost(self) -> Writes:
        """Those of the context, which began with no positions."""
        return self if self._outer is None else self._outer.outermost()

    def _settle(self, alias: str) -> None:
        """Take the position after what was written, unless a transaction that wrote is still open."""
        with self._lock:
            writers, seen = set(self._writers.get(alias, ())), self.seen
        if any(map(in_transaction, writers)) or in_event_loop():
            return
        position = written(alias, own=writers == {connections[alias]})
        with self._lock:
            if seen == self.seen:  # else somebody wrote meanwhile, perhaps behind this position
                self._needs[alias] = position or UNKNOWN
                self._forgets.pop(alias, None)
                self._writers.pop(alias, None)


def both(some: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """What is needed where both are: of each primary the position that has the other one behind it."""
    found = {**some, **more}
    for alias in some.keys() & more.keys():
        found[alias] = _further(alias, some[alias], more[alias])
    return found


def _further(alias: str, one: str, other: str) -> str:
    """UNKNOWN where neither position can be told to have the other one behind it."""
    if one == other or UNKNOWN in (one, other):
        return one if one == other else UNKNOWN
    connection = connections[alias]
    log = None if connection.connection is None and connection.vendor == "mysql" else log_of(connection)
    if log is None:
        return UNKNOWN
    return one if log.covers(one, other) else other if log.covers(other, one) else UNKNOWN


def _later() -> float:
    """The end of what a thread or a task remembers of a write that has no position: as long as a cookie would."""
    return time.monotonic() + conf.replicas().max_age


def written(alias: str, *, own: bool = False) -> str | None:
    """The position of a primary, asked through this thread's connection; None if there is none to be had now."""
    connection = connections[alias]
    if in_transaction(connection):
        return None
    try:
        connection.ensure_connection()
        log = log_of(connection)
        return None if log is None else log.written(connection, own=own)
    except DatabaseError:
        return None


def in_transaction(connection: Any) -> bool:
    """Whether a statement on this connection would be part of an open transaction."""
    return connection.in_atomic_block or (connection.connection is not None and not connection.autocommit)


def in_event_loop() -> bool:
    """Whether this is code of an event loop, which must not wait for a database."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
