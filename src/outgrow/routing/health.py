"""The health of replicas, looked at beside the requests: one thread for each, one look in so many seconds.

A thread begins when reads ask for its replica and ends when none has asked for a while. A look that does not come back
in time is an answer too: the replica serves no more.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from django.db import DatabaseError, connections

from outgrow import conf
from outgrow.dialects.positions import log_of
from outgrow.routing.writes import in_event_loop

IDLE_SECONDS = 60.0  # without a read: then the thread and its connections end
MISSED = 64  # positions that are remembered; of more every second one
PATIENCE = 3.0  # seconds a look may take beyond its turn; also what the very first reader waits for


class Pulse:
    """The primary's position as time goes on, asked through one connection for all of its replicas."""

    def __init__(self, primary: str, options: conf.Replicas) -> None:
        self._primary, self._fresh = primary, options.check_seconds / 2
        self._lock = threading.Lock()
        self._connection: Any = None
        self._last: tuple[float, str | None] = (0.0, None)
        self._users = 0

    def position(self) -> tuple[float, str | None]:
        """(when by the monotonic clock, position); None for a primary that is away or has no positions."""
        if not self._lock.acquire(timeout=1):  # another thread waits for a primary that does not answer
            return self._last[0], None
        try:
            if time.monotonic() - self._last[0] > self._fresh:
                self._last = (time.monotonic(), self._ask())
            return self._last
        finally:
            self._lock.release()

    def join(self) -> None:
        with self._lock:
            self._users += 1

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._users and self._connection is not None:
                self._connection.close()
                self._connection = None

    def _ask(self) -> str | None:
        try:
            if self._connection is None:
                self._connection = connections.create_connection(self._primary)
                self._connection.inc_thread_sharing()  # by turns, under the lock
            self._connection.ensure_connection()
            log = log_of(self._connection)
            return None if log is None else log.written(self._connection, own=False)
        except DatabaseError:
            close(self._connection)
            return None


class Probe:
    """One replica: whether it serves, and by how many seconds it lags."""

    def __init__(self, alias: str, pulse: Pulse, options: conf.Replicas, *, same: bool) -> None:
        self.alias, self.same = alias, same  # same: the primary's own database, with nothing to look at
        self.lag: float | None = None  # seconds, as far as looks so far apart can tell; None where it cannot be told
        self._pulse, self._options = pulse, options
        self._good = same
        self._good_until = float("inf") if same else 0.0
        self._asked = 0.0
        self._missed: list[tuple[float, str]] = []  # when the primary was where this one is not yet, oldest first
        self._wake, self._looked = threading.Event(), threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def serves(self) -> bool:
        """Whether reads may go there now. Only the first ones ever, or after a long rest, wait for a look."""
        now = time.monotonic()
        self._asked = now
        if now > self._good_until:
            self._begin()
            now = time.monotonic()
        return self._good and now <= self._good_until

    def lost(self) -> None:
        """A reader has found it gone: no more reads until a look, which is taken now, says otherwise."""
        if not self.same:
            self._good = False
            self._wake.set()

    def _begin(self) -> None:
        """Start the thread if there is none, and wait for its first look, unless that would hold up an event loop."""
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._looked.clear()
                self._thread = threading.Thread(target=self._run, name=f"outgrow-{self.alias}", daemon=True)
                self._thread.start()
        if not in_event_loop():
            self._looked.wait(PATIENCE)

    def _run(self) -> None:
        connection = connections.create_connection(self.alias)
        self._pulse.join()
        self.lag, self._missed = None, []
        try:
            while time.monotonic() - self._asked < IDLE_SECONDS:
                self._wake.clear()
                self._good = self._look(connection)
                self._good_until = time.monotonic() + self._options.check_seconds + PATIENCE
                self._looked.set()
                self._wake.wait(self._options.check_seconds)
        finally:
            self._good_until = 0.0
            close(connection)
            self._pulse.leave()

    def _look(self, connection: Any) -> bool:
        try:
            connection.ensure_connection()
            log = log_of(connection)
            if log is None:
                return bool(connection.is_usable())
            if not log.follows(connection):
                return False
            self.lag = self._lag(log, connection)
        except DatabaseError:
            close(connection)
            return False
        return self.lag is None or self.lag <= self._options.max_lag

    def _lag(self, log: Any, connection: Any) -> float | None:
        """How long ago the primary was where the replica is now: no clock of theirs is trusted."""
        seen, position = self._pulse.position()
        if position is None:
            return None
        if log.replayed(connection, position) is not None or (self.lag is None and _soon(log, connection, position)):
            self._missed.clear()
            return 0.0
        if self.lag is None:  # not seen up to date yet: it may have stood still for hours
            seen = float("-inf")
        while self._missed and log.replayed(connection, self._missed[0][1]) is not None:
            self._missed.pop(0)
        self._missed.append((seen, position))
        if len(self._missed) > MISSED:
            del self._missed[1::2]
        return time.monotonic() - self._missed[0][0]


def _soon(log: Any, connection: Any, position: str) -> bool:
    """Whether a replica gets there within a second."""
    end = time.monotonic() + 1
    while time.monotonic() < end:
        time.sleep(0.02)
        if log.replayed(connection, position) is not None:
            return True
    return False


def close(connection: Any) -> None:
    """Close a connection that may be broken."""
    if connection is not None:
        try:
            connection.close()
        except DatabaseError:
            connection.connection = None
