"""Putting an observer onto every connection, and taking it away without a trace."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from outgrow.rehearse.observer import Observer
from outgrow.rehearse.transactions import MARK, State, state_of

_UID = "outgrow.rehearse"
_METHODS = ("on_commit", "commit", "rollback", "savepoint_rollback")


class Installation:
    """One observer at a time; starting another ends the first.

    Connections of other threads that are open already join when they connect next: Django keeps them to their threads.
    """

    def __init__(self, observer: Observer) -> None:
        self.observer = observer
        self._watched: weakref.WeakSet[BaseDatabaseWrapper] = weakref.WeakSet()
        self._originals: dict[str, Callable[..., Any]] = {}

    def start(self) -> None:
        connection_created.connect(self._connected, weak=False, dispatch_uid=_UID)
        for name in _METHODS:
            original = getattr(BaseDatabaseWrapper, name)
            self._originals[name] = original
            setattr(BaseDatabaseWrapper, name, getattr(self, f"_{name}")(original))
        for connection in connections.all(initialized_only=True):
            if connection.connection is not None:
                self._watch(connection)

    def stop(self) -> None:
        connection_created.disconnect(self._connected, dispatch_uid=_UID)
        for name, original in self._originals.items():
            setattr(BaseDatabaseWrapper, name, original)
        for connection in list(self._watched):
            state = connection.__dict__.pop(MARK, None)
            if state is not None:
                state.detach()
            if self.observer in connection.execute_wrappers:
                connection.execute_wrappers.remove(self.observer)

    def _connected(self, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
        self._watch(connection)

    def _watch(self, connection: BaseDatabaseWrapper) -> None:
        state = state_of(connection)
        if state is None:
            state = State(connection, self.observer.ended, self.observer.watch)
            connection.__dict__[MARK] = state
            # First, hence outermost: `with connection.execute_wrapper()` takes the last one away when it ends.
            connection.execute_wrappers.insert(0, self.observer)
            self._watched.add(connection)
        state.attach()

    # -- methods of Django's connections -------------------------------------------------------------------------------
    def _on_commit(self, original: Callable[..., Any]) -> Callable[..., Any]:
        observer = self.observer

        @functools.wraps(original)
        def on_commit(connection: BaseDatabaseWrapper, *args: Any, **kwargs: Any) -> Any:
            observer.commit_hook(connection)
            return original(connection, *args, **kwargs)

        return on_commit

    def _commit(self, original: Callable[..., Any], *, undone: bool = False) -> Callable[..., Any]:
        """Ends a transaction, also one that was begun by set_autocommit(False); within atomic() Django refuses it."""

        @functools.wraps(original)
        def ending(connection: BaseDatabaseWrapper, *args: Any, **kwargs: Any) -> Any:
            result = original(connection, *args, **kwargs)
            state = state_of(connection)
            if state is not None and not connection.in_atomic_block:
                state.settled(undone=undone)
            return result

        return ending

    def _rollback(self, original: Callable[..., Any]) -> Callable[..., Any]:
        return self._commit(original, undone=True)

    def _savepoint_rollback(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def ending(connection: BaseDatabaseWrapper, sid: str, *args: Any, **kwargs: Any) -> Any:
            result = original(connection, sid, *args, **kwargs)
            state = state_of(connection)
            if state is not None:
                state.undone_to(sid)
            return result

        return ending


_active: Installation | None = None


def start(observer: Observer) -> None:
    """Watch from now on, in place of whoever did."""
    global _active
    stop()
    _active = Installation(observer)
    _active.start()


def stop() -> None:
    """Watch no more; the connections are as they were."""
    global _active
    if _active is not None:
        _active.stop()
        _active = None


@contextmanager
def watching(observer: Observer) -> Iterator[None]:
    start(observer)
    try:
        yield
    finally:
        stop()
