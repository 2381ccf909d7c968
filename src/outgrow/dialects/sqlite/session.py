"""SQLite: one connection through the sqlite3 module, its snapshot by online backup, and its freeze by a held lock."""

from __future__ import annotations

import filecmp
import itertools
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote as url_quote

from outgrow.dialects.base import Session, Settings, Snapshot
from outgrow.dialects.sqlite.folder import PrivateFolder, sweep
from outgrow.errors import Refused, Unreachable

FETCH = 2000
BACKUP_PAGES = 50_000  # of a big file in rollback-journal mode, so that its writers wait for moments only

FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {}
"""What every connection gets besides SQLite's own functions: name → (arguments, function)."""


class SQLiteSession(Session):
    """A session on one SQLite file."""

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        self.connection = connection
        self.path = path

    @cached_property
    def is_utf8(self) -> bool:
        """Whether the file keeps its texts as UTF-8 (the other choice is UTF-16)."""
        return bool(self.value("PRAGMA encoding") == "UTF-8")

    def execute(self, sql: str) -> int:
        return max(0, self.connection.execute(sql).rowcount)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        self.connection.text_factory = str
        try:
            return self.connection.execute(sql).fetchall()
        except sqlite3.OperationalError as error:
            if "decode to UTF-8" not in str(error):
                raise
        self.connection.text_factory = lambda b: b.decode("utf-8", "surrogateescape")
        return self.connection.execute(sql).fetchall()

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        self.connection.text_factory = str
        cursor = self.connection.execute(sql)
        while rows := cursor.fetchmany(FETCH):
            yield from rows

    def as_stored(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Rows of a large result whose texts may be anything."""
        self.connection.text_factory = lambda b: b.decode("utf-8", "surrogateescape")
        cursor = self.connection.execute(sql)
        while rows := cursor.fetchmany(FETCH):
            yield from rows

    def bytes_query(self, sql: str) -> sqlite3.Cursor:
        """A cursor whose texts arrive as UTF-8 bytes, whatever the file's encoding; nothing is decoded."""
        self.connection.text_factory = bytes
        return self.connection.execute(sql)

    def begin(self) -> None:
        self.connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.connection.execute("COMMIT")

    def rollback(self) -> None:
        try:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
        except sqlite3.Error:
            pass

    def cancel(self) -> None:
        self.connection.interrupt()

    def close(self) -> None:
        self.connection.close()


def in_memory(settings: Settings) -> bool:
    """Whether the database lives in a process's memory."""
    name = str(settings.get("NAME") or "")
    return not name or name == ":memory:" or "mode=memory" in name


def file_of(settings: Settings) -> str:
    """The path of a DATABASES entry's file."""
    name = str(settings.get("NAME") or "")
    if in_memory(settings):
        raise Refused(
            "the SQLite database lives in memory only, and a move needs a file that several connections can open: "
            "name a file in DATABASES or in the URL."
        )
    if name.startswith("file:"):
        name = name[len("file:") :].partition("?")[0]
    return os.path.abspath(name)


def connect(settings: Settings, *, read_only: bool, immutable: bool = False) -> SQLiteSession:
    """Open the file; a file that is not there is made only where it is written."""
    path = file_of(settings)
    if read_only and not os.path.exists(path):
        raise Unreachable(f"there is no SQLite file {path}: check NAME in DATABASES or the path in the URL.")
    if not os.path.isdir(os.path.dirname(path)):
        raise Unreachable(f"the folder of the SQLite file {path} does not exist: create it or correct the path.")
    mode = "ro" if read_only else "rwc"
    uri = f"file:{url_quote(path)}?mode={mode}" + ("&immutable=1" if immutable else "")
    timeout = float((settings.get("OPTIONS") or {}).get("timeout", 30))
    try:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=timeout)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        raise Unreachable(
            f"the SQLite file {path} cannot be opened ({error}): see that it is a SQLite database and may be read."
        ) from error
    connection.execute("PRAGMA foreign_keys=OFF")  # the usual default; rows come and go in any order here
    for name, (arguments, function) in FUNCTIONS.items():
        connection.create_function(name, arguments, function, deterministic=True)
    _tolerate_custom_collations(connection)
    return SQLiteSession(connection, path)


def _tolerate_custom_collations(connection: sqlite3.Connection) -> None:
    """Collations that the project registers in its own process: compared as bytes here (sqlite3-to-mysql#132)."""
    known = {"BINARY", "NOCASE", "RTRIM"}  # PRAGMA collation_list names those as well that the schema merely mentions
    schema = " ".join(r[0] or "" for r in connection.execute("SELECT sql FROM sqlite_master"))
    words = schema.replace(",", " ").replace(")", " ").split()
    for before, name in itertools.pairwise(words):
        name = name.strip("\"'`[]")
        if before.upper() == "COLLATE" and name.upper() not in known and name.isidentifier():
            connection.create_collation(name, lambda a, b: (a > b) - (a < b))
            known.add(name.upper())


class SQLiteSnapshot(Snapshot):
    """A backup of the file as it was at one moment, in a private folder; every worker reads it without locks.

    Two connections in WAL mode do not share a snapshot (measured), and the source's journal mode is not ours
    to change.
    """

    description = "online backup into a private temporary file"

    def __init__(self, settings: Settings, directory: Path | None) -> None:
        self.settings = settings
        path = file_of(settings)
        size = os.path.getsize(path) + (os.path.getsize(path + "-wal") if os.path.exists(path + "-wal") else 0)
        parent = directory or Path(tempfile.gettempdir())
        sweep(parent)
        free = shutil.disk_usage(parent).free
        if free < size * 1.05:
            raise Refused(
                f"the snapshot of {path} needs {size // 2**20} MB in {parent} and {free // 2**20} MB are free: "
                "make room or set TMPDIR to a larger disk."
            )
        self.folder = PrivateFolder(parent)
        self.path = os.path.join(self.folder.path, "snapshot.sqlite3")
        try:
            self._back_up(path, size)
        except BaseException:
            self.close()
            raise

    def _back_up(self, path: str, size: int) -> None:
        source = connect(self.settings, read_only=True)
        target = sqlite3.connect(self.path, isolation_level=None)
        try:
            target.execute("PRAGMA synchronous=OFF")
            target.execute("PRAGMA journal_mode=OFF")
            wal = source.value("PRAGMA journal_mode") == "wal"
            source.connection.backup(target, pages=-1 if wal or size < 2**30 else BACKUP_PAGES)
        finally:
            target.close()
            source.close()

    def session(self) -> SQLiteSession:
        return connect({**self.settings, "NAME": self.path}, read_only=True, immutable=True)

    def same_as(self, other: Snapshot) -> bool:
        """Compare the two files byte by byte (0.1 s for 145 MB)."""
        return isinstance(other, SQLiteSnapshot) and filecmp.cmp(self.path, other.path, shallow=False)

    def close(self) -> None:
        self.folder.remove()


@contextmanager
def freeze(settings: Settings) -> Iterator[str]:
    """Hold the file's write lock: readers go on, writers get "database is locked" until the block ends."""
    session = connect(settings, read_only=False)
    try:
        session.execute("BEGIN IMMEDIATE")
        yield "the file's write lock is held; writers are refused until the move ends"
    finally:
        session.rollback()
        session.close()


def lock_at_begin(wrapper: Any) -> None:
    """Django's transactions take the write lock at once: one that reads first and writes later fails without waiting
    ("database is locked") when another connection, such as the heartbeat's, writes in between.
    """
    wrapper._start_transaction_under_autocommit = lambda: wrapper.cursor().execute("BEGIN IMMEDIATE")
    wrapper.settings_dict.setdefault("OPTIONS", {}).setdefault("timeout", 60)
