"""Builders: a few threads, each with a session, that do what the Restorer asks for.

Work arrives while it goes on (tables are finished one after another), hence not :mod:`outgrow.workers`, whose crews
know their jobs beforehand.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager

from outgrow.dialects.base import Session
from outgrow.errors import Interrupted, Unreachable

Task = Callable[[], None]


class Builders:
    """Tasks, each of one table. One whose table nobody works on goes first: two would only wait for each other."""

    def __init__(self, connect: Callable[[], Session], size: int) -> None:
        self._connect = connect
        self._pool = ThreadPoolExecutor(size, "outgrow-restore")
        self._lock = threading.Lock()
        self._waiting: list[tuple[str, Task]] = []
        self._working: list[str] = []
        self._futures: list[Future[None]] = []
        self._idle: list[Session] = []
        self._sessions: list[Session] = []
        self._closed = threading.Event()
        self._lost = False

    def add(self, table: str, task: Task) -> None:
        with self._lock:
            self._waiting.append((table, task))
            self._futures.append(self._pool.submit(self._next))

    def wait(self) -> None:
        """Wait for all that was added; with several failures the first one speaks and carries the others as notes."""
        failures: list[BaseException] = []
        while self._futures:
            try:
                error = self._futures.pop(0).exception()
            except CancelledError:
                raise _stopped() from None
            if error is not None:
                failures.append(error)
        for error in failures[1:]:
            failures[0].add_note(str(error))
        if failures:
            raise failures[0]

    def _next(self) -> None:
        with self._lock:
            if not self._waiting:
                return
            free = (n for n, (table, _) in enumerate(self._waiting) if table not in self._working)
            table, task = self._waiting.pop(next(free, 0))
            self._working.append(table)
        try:
            task()
        except Unreachable:
            with self._lock:
                self._waiting.clear()  # else each of them would wait anew for a server that is gone
            raise
        finally:
            with self._lock:
                self._working.remove(table)

    def lost(self) -> bool:
        """Whether a session ended under us so far: what was committed last may be gone with its server."""
        with self.session():  # an idle one says whether its server is still the same
            return self._lost

    def pause(self, seconds: float) -> None:
        """Let a task wait, but not beyond the end of all work."""
        if self._closed.wait(seconds):
            raise _stopped()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """An idle session or a new one; after an error it is closed, as nobody knows what state it is in.

        The server may have gone and come back while a session was idle, as the copy waits for it.
        """
        with self._lock:
            session = self._idle.pop() if self._idle else None
        if session is not None and not _lives(session):
            self._lost = True
            with self._lock:
                self._sessions.remove(session)
            session.close()
            session = None
        if session is None:
            session = self._connect()
            with self._lock:
                self._sessions.append(session)
        try:
            yield session
        except BaseException:
            self._lost = True
            with self._lock:
                self._sessions.remove(session)
            session.close()
            raise
        with self._lock:
            self._idle.append(session)

    def close(self) -> None:
        """Stop what is waiting, cancel what is running, close the sessions."""
        self._closed.set()
        with self._lock:
            self._waiting.clear()
            busy = [session for session in self._sessions if session not in self._idle]
        for session in busy:
            session.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for session in self._sessions:
            session.close()
        self._sessions.clear()


def _stopped() -> Interrupted:
    return Interrupted("the restore was stopped: rerun with --resume.")


def _lives(session: Session) -> bool:
    try:
        session.query("SELECT 1")
    except Exception:  # whatever it is, a new session will say it better
        return False
    return True
