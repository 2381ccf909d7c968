"""Points at which a mover ends or stops itself: run inside the mover's own process, before its command starts.

Each is a real signal of the kernel, at a place that no timer could hit twice.
"""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from outgrow.dialects.base import Session
from outgrow.dialects.mysql.session import MySQLSession
from outgrow.dialects.postgresql.session import PostgreSQLSession
from outgrow.dialects.sqlite.session import SQLiteSession
from outgrow.transfer import Transfer

DDL = re.compile(r"\s*(CREATE|DROP|ALTER|TRUNCATE)\b(?!\s+TEMP)", re.IGNORECASE)
SESSIONS: tuple[type[Session], ...] = (PostgreSQLSession, MySQLSession, SQLiteSession)
_lock = threading.Lock()


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def wait_for(file: str) -> Callable[[], None]:
    """Say that the point is reached by making FILE.here, and go on when FILE is there."""

    def wait() -> None:
        Path(f"{file}.here").touch()
        while not os.path.exists(file):
            time.sleep(0.005)

    return wait


def before(owner: Any, name: str, action: Callable[[], None], *, at: int = 1) -> None:
    """Act before the ``at``-th call of owner.name."""
    original, calls = getattr(owner, name), [0]

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        with _lock:
            calls[0] += 1
            now = calls[0] == at
        if now:
            action()
        return original(*args, **kwargs)

    setattr(owner, name, wrapped)


def in_chunk(number: int, action: Callable[[], None]) -> None:
    """Act in the middle of the number-th chunk: its rows are on their way, its transaction is open."""
    original, begun = Transfer._counted, [0]

    def wrapped(self: Transfer, *args: Any) -> Iterator[bytes]:
        with _lock:
            begun[0] += 1
            now = begun[0] == number
        for piece in original(self, *args):
            half = piece.index(b"\n", len(piece) // 2) + 1
            yield piece[:half]
            if now:
                action()
                now = False
            if piece[half:]:
                yield piece[half:]

    Transfer._counted = wrapped  # type: ignore[method-assign]


def at_statement(pattern: str, action: Callable[[], None], *, at: int = 1, after: bool = False) -> None:
    """Act before (or after) the ``at``-th statement that matches; a transaction it belongs to is open."""
    wanted, met = re.compile(pattern, re.IGNORECASE), [0]

    def watch(kind: type[Session], name: str) -> None:
        original = getattr(kind, name)

        def wrapped(self: Session, sql: str) -> Any:
            with _lock:
                met[0] += bool(wanted.match(sql))
                now = met[0] == at and bool(wanted.match(sql))
            if now and not after:
                action()
            result = original(self, sql)
            if now and after:
                action()
            return result

        setattr(kind, name, wrapped)

    for kind in SESSIONS:
        watch(kind, "execute")


def at_new_ddl(memory: str, action: Callable[[], None]) -> None:
    """Act before the first DDL statement that is not in the memory yet: run after run, before each of them."""

    def watch(kind: type[Session], name: str) -> None:
        original = getattr(kind, name)

        def wrapped(self: Session, sql: Any) -> Any:
            text = sql.decode() if isinstance(sql, bytes) else sql
            if DDL.match(text):
                meet(text)
            return original(self, sql)

        setattr(kind, name, wrapped)

    def meet(text: str) -> None:
        with _lock:
            met = Path(memory).read_text() if os.path.exists(memory) else ""
            shown = repr(text)
            if shown not in met.split("\n"):
                Path(memory).write_text(f"{met}{shown}\n")
                action()

    for kind in SESSIONS:
        watch(kind, "execute")


def slow_pieces(seconds: float) -> None:
    """Let the copy take its time."""
    original = Transfer._counted

    def wrapped(self: Transfer, *args: Any) -> Iterator[bytes]:
        for piece in original(self, *args):
            time.sleep(seconds)
            yield piece

    Transfer._counted = wrapped  # type: ignore[method-assign]
