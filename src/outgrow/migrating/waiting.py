"""Waiting, bounded and said aloud: for a server that is still starting, and for the lock that another process has."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from outgrow.dialects import dialect_for
from outgrow.dialects.base import Dialect
from outgrow.dialects.exclusive import Exclusive
from outgrow.errors import LostOwnership, Refused, Unreachable
from outgrow.events import Event, Watch

PURPOSE = "migrate"
SAY_EVERY = 15.0  # seconds between two lines about the same thing
PULSE = 20.0  # seconds between signs of life on the lock's connection, which firewalls and servers end when idle


def reach(alias: str, wait: float, watch: Watch) -> Dialect:
    """The dialect of an alias whose server answers; Unreachable after ``wait`` seconds, or at once if none helps."""
    settings = connections[alias].settings_dict
    end, told = time.monotonic() + wait, float("-inf")
    while True:
        try:
            dialect = dialect_for(settings)
            if not dialect.in_file:
                dialect.connect(read_only=True).close()
            return dialect
        except Unreachable as error:
            if error.passing and wait and time.monotonic() - told > SAY_EVERY:
                left = wait if told < 0 else end - time.monotonic()
                told = time.monotonic()
                watch(Event("note", alias, text=f"waiting up to {max(0.0, left):.0f} s for the server: {error}"))
            left = end - time.monotonic()
            if not error.passing or left <= 0:
                after = f" (after {wait:.0f} s of waiting)" if error.passing and wait else ""
                raise Unreachable(f"{alias}: {str(error).rstrip('.')}{after}.", passing=error.passing) from error
        time.sleep(min(0.5, max(0.05, left)))


@contextmanager
def alone(alias: str, dialect: Dialect, wait: float, watch: Watch) -> Iterator[Lock]:
    """Hold the database's lock for the block. Raises Refused when another process keeps it for ``wait`` seconds."""
    exclusive = dialect.exclusive(PURPOSE)
    try:
        if exclusive.warning:
            watch(Event("warning", alias, text=f"{alias}: {exclusive.warning}"))
        _take(alias, exclusive, wait, watch)
        lock = Lock(alias, exclusive)
        with lock:
            yield lock
    finally:
        exclusive.close()


def _take(alias: str, exclusive: Exclusive, wait: float, watch: Watch) -> None:
    end, told, pause = time.monotonic() + wait, float("-inf"), 0.05
    while not exclusive.take():
        who = exclusive.holder() or "another process"
        left = end - time.monotonic()
        if left <= 0:
            raise Refused(
                f"{alias} is being migrated by {who}, which has not ended within {wait:.0f} s: wait for it and run "
                "this again, or give --wait more seconds."
            )
        if time.monotonic() - told > SAY_EVERY:
            told = time.monotonic()
            watch(Event("note", alias, text=f"{alias} is being migrated by {who}; waiting up to {left:.0f} s"))
        time.sleep(min(pause, left))
        pause = min(1.0, pause * 1.5)


class Lock:
    """A lock that is held, and looked after from a thread of its own."""

    def __init__(self, alias: str, exclusive: Exclusive) -> None:
        self.alias = alias
        self._exclusive = exclusive
        self._over = threading.Event()
        self._lost = False
        self._one_at_a_time = threading.Lock()
        self._thread = threading.Thread(target=self._pulse, name=f"outgrow-lock-{alias}", daemon=True)

    def confirm(self) -> None:
        """Raises LostOwnership if the lock is gone: another process may be migrating by now."""
        with self._one_at_a_time:
            self._lost = self._lost or not self._exclusive.held()
        if self._lost:
            raise LostOwnership(
                f"the connection that held the lock of {self.alias} was ended, so another process may be migrating "
                "it: run this again, it goes on where the history stands."
            )

    def _pulse(self) -> None:
        while not self._over.wait(PULSE):
            with self._one_at_a_time:
                self._lost = self._lost or not self._exclusive.held()

    def __enter__(self) -> Lock:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._thread.join(timeout=5)  # it may be waiting for a server that is gone
