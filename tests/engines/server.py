"""A running server: its address, its databases and, if it is ours alone, its process."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import psutil

from tests.engines import mysql, postgresql
from tests.engines.warden import Warden


def driver_of(engine: str) -> ModuleType:
    """The module that knows how to speak to this engine and how to start it."""
    return postgresql if engine == "postgresql" else mysql


@dataclass
class Server:
    """A server somebody keeps running for us; `origin` says in words where it came from."""

    engine: str
    host: str
    port: int
    user: str
    password: str
    origin: str
    home: str = ""  # the database that is always there
    pid: int | None = None

    @classmethod
    def at(cls, engine: str, url: str) -> Server:
        """A server that the environment names by an administrator's URL."""
        parts = urlsplit(url)
        return cls(
            engine,
            parts.hostname or "127.0.0.1",
            parts.port or {"postgresql": 5432}.get(engine, 3306),
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            f"OUTGROW_TEST_{engine.upper()}_URL",
            home=parts.path.strip("/"),
        )

    @cached_property
    def version(self) -> str:
        """What the server says of itself, e.g. '18.4', '9.7.4-2' or '10.11.19-MariaDB'."""
        return str(self.sql(driver_of(self.engine).VERSION)[0][0])

    def url(self, database: str = "") -> str:
        """The administrator's URL of one database, as dj-database-url reads it."""
        scheme = driver_of(self.engine).SCHEME
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return f"{scheme}://{login}@{self.host}:{self.port}/{database or self.home}"

    def connect(self, database: str = "") -> Any:
        """A DB-API connection of the administrator in autocommit mode."""
        return driver_of(self.engine).connect(self, database)

    def sql(self, statement: str, database: str = "") -> list[tuple[Any, ...]]:
        """Run one statement as administrator and return its rows."""
        connection = self.connect(database)
        try:
            cursor = connection.cursor()
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def create_database(self, name: str | None = None, **options: str) -> str:
        """Make a database and return its URL.

        Options: `charset`, `collation` (MySQL, MariaDB), `encoding`, `locale` (PostgreSQL).
        """
        name = name or f"outgrow_{secrets.token_hex(6)}"
        self.sql(driver_of(self.engine).create_statement(name, **options))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, by its name or URL, even while somebody is connected to it."""
        name = urlsplit(name).path.strip("/") if "://" in name else name
        self.sql(driver_of(self.engine).drop_statement(name))


@dataclass
class PrivateServer(Server):
    """A server that belongs to its caller, who may kill, pause, stop and start it again."""

    warden: Warden | None = None

    def __enter__(self) -> PrivateServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.destroy()

    @property
    def _warden(self) -> Warden:
        if self.warden is None:
            raise RuntimeError("this server was destroyed; start a new one with start_private()")
        return self.warden

    def start(self) -> None:
        """Start again on the same data directory and port, and wait until it answers."""
        self.pid = self._warden.start()
        driver_of(self.engine).wait_until_ready(self, self._warden)

    def stop(self) -> None:
        """Shut down in order; the data stay, and `start()` brings the server back."""
        self._send(driver_of(self.engine).STOP_SIGNAL)
        self._warden.wait(60)
        self.pid = None

    def kill(self) -> None:
        """kill -9 of the server and of every process it made, then wait until all are gone."""
        family = self._family()
        for process in family:
            _signal(process, signal.SIGKILL)
        self._warden.wait(30)
        psutil.wait_procs(family, timeout=30)
        self.pid = None

    def pause(self) -> None:
        """SIGSTOP: the port still takes connections, and nobody answers."""
        family = self._family()
        for process in family:
            _signal(process, signal.SIGSTOP)
        _until_stopped(family)

    def resume(self) -> None:
        """SIGCONT after `pause()`."""
        for process in reversed(self._family()):
            _signal(process, signal.SIGCONT)

    def destroy(self) -> None:
        """Kill the server and remove its files; safe to call twice."""
        if self.warden is not None:
            self.warden.end()
            self.warden = self.pid = None

    def log(self) -> str:
        """What the server has written to its log."""
        return self._warden.log()

    def _family(self) -> list[psutil.Process]:
        if self.pid is None:
            raise RuntimeError(f"this {self.engine} server is not running; call start() first")
        head = psutil.Process(self.pid)
        return [head, *head.children(recursive=True)]

    def _send(self, signum: int) -> None:
        os.kill(self._family()[0].pid, signum)


def _signal(process: psutil.Process, signum: int) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signum)


def _until_stopped(processes: Sequence[psutil.Process]) -> None:
    """SIGSTOP takes effect a moment after it was sent."""
    end = time.monotonic() + 10
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            while process.status() != psutil.STATUS_STOPPED and time.monotonic() < end:
                time.sleep(0.005)
