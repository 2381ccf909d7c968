"""SQLite's answers."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from outgrow.dialects import standard
from outgrow.dialects.base import (
    Column,
    Dialect,
    Key,
    Leaning,
    Limits,
    Range,
    Reading,
    SchemaObject,
    Session,
    SetAside,
    Snapshot,
    Table,
    Trouble,
)
from outgrow.dialects.exclusive import Exclusive
from outgrow.dialects.sqlite import catalog, leaving, remaking, rendering, writing
from outgrow.dialects.sqlite import reading as reading_
from outgrow.dialects.sqlite.exclusive import exclusive
from outgrow.dialects.sqlite.session import SQLiteSession, SQLiteSnapshot, connect, file_of, freeze, in_memory
from outgrow.lines import Kind

_INTEGERS = [f"{name}{sign}" for name in ("smallint", "integer", "int", "bigint") for sign in ("", " unsigned")]


class SQLite(Dialect):
    """One SQLite file."""

    name = "sqlite"
    driver = "sqlite3 (part of Python)"
    transactional_ddl = True
    one_writer = True
    in_file = True
    enforces_keys = False
    types_bind = False
    keys_in_text = True

    @property
    def absent(self) -> bool:
        return not in_memory(self.settings) and not os.path.exists(file_of(self.settings))

    @property
    def file(self) -> Path | None:
        return Path(file_of(self.settings))

    def connect(self, *, read_only: bool = False) -> Session:
        return connect(self.settings, read_only=read_only)

    def version(self, session: Session) -> str:
        return f"SQLite {session.value('SELECT sqlite_version()')}"

    def identity(self, session: Session) -> tuple[str, ...]:
        facts = os.stat(os.path.realpath(file_of(self.settings)))  # two paths, links included, may be one file
        return ("sqlite", str(facts.st_dev), str(facts.st_ino))

    def exclusive(self, purpose: str) -> Exclusive:
        return exclusive(self.settings, purpose)

    def trouble(self, error: BaseException) -> Trouble:
        text = str(error).lower()
        if isinstance(error, (sqlite3.IntegrityError, sqlite3.DataError, UnicodeError, ValueError, OverflowError)):
            return Trouble.DATA
        for words, trouble in (
            (("locked", "busy"), Trouble.BUSY),
            (("full",), Trouble.SPACE),
            (("readonly", "permission", "authoriz"), Trouble.RIGHTS),
            (("too big", "datatype mismatch"), Trouble.DATA),
            (("disk i/o", "malformed", "unable to open", "not a database"), Trouble.STORAGE),
        ):
            if isinstance(error, sqlite3.Error) and any(w in text for w in words):
                return trouble
        return Trouble.OTHER

    def explain(self, error: BaseException) -> str:
        return f"SQLite says: {error}" if isinstance(error, sqlite3.Error) else f"{type(error).__name__}"

    def quote(self, name: str) -> str:
        return catalog.quote(name)

    def literal(self, value: int | str | bytes | float | None) -> str:
        return catalog.literal(value)

    def tables(self, session: Session) -> dict[str, Table]:
        return catalog.tables(session)

    def shapes(self, session: Session) -> dict[str, Table]:
        return catalog.tables(session, counted=False)

    def count(self, session: Session, table: str) -> int:
        return int(session.value(f"SELECT count(*) FROM {catalog.quote(table)}"))

    def kind(self, column: Column, hint: Kind | None = None) -> Kind:
        return catalog.kind(column, hint)

    def limits(self, session: Session) -> Limits:
        wide = (-(2**63), 2**63 - 1)
        return Limits(None, None, None, None, integers=dict.fromkeys(_INTEGERS, wide))

    def other_writers(self, session: Session) -> list[str]:
        """Somebody holds the write lock at this moment (a file lists no connections)."""
        try:
            probe = connect({**self.settings, "OPTIONS": {"timeout": 0.2}}, read_only=False)
        except Exception:
            return []
        try:
            probe.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return ["another process holds the file's write lock"]
        finally:
            probe.rollback()
            probe.close()
        return []

    def disk(self, session: Session) -> tuple[int | None, int | None]:
        path = file_of(self.settings)
        used = os.path.getsize(path) if os.path.exists(path) else 0
        return used, shutil.disk_usage(os.path.dirname(path)).free

    def snapshot(self, *, directory: Path | None = None, workers: int = 1) -> Snapshot:
        return SQLiteSnapshot(self.settings, directory)

    def freeze(self) -> AbstractContextManager[str]:
        return freeze(self.settings)

    def render(self, column: Column, kind: Kind) -> str:
        return rendering.render(column, kind)

    def key_term(self, column: Column, kind: Kind) -> str:
        return reading_.key_term(column, kind)

    def boundaries(self, session: Session, reading: Reading, rows: int) -> list[Key]:
        return standard.boundaries(self, session, reading, rows)

    def lines(self, session: Session, reading: Reading, span: Range, *, limit: int | None = None) -> Iterator[bytes]:
        return reading_.lines(session, reading, span, standard.where(self, reading, span), limit)

    def raw(self, session: Session, reading: Reading, keys: Sequence[Key]) -> dict[Key, tuple[Any, ...]]:
        found: dict[Key, tuple[Any, ...]] = {}
        terms = standard.terms(self, reading)
        for start in range(0, len(keys), 500):
            block = keys[start : start + 500]
            listed = ",".join(standard.row([self.literal(v) for v in key]) for key in block)
            listed = f"({listed})" if len(terms) == 1 else f"(VALUES {listed})"
            found |= reading_.raw(session, reading, terms, f"{standard.row(terms)} IN {listed}")
        return found

    def stored(self, session: Session, table: Table) -> Iterator[tuple[Any, ...]]:
        assert isinstance(session, SQLiteSession)
        columns = ",".join(self.quote(column.name) for column in table.columns)
        yield from session.as_stored(f"SELECT {columns} FROM {self.quote(table.name)}")

    def sample_keys(self, session: Session, reading: Reading, rows: int, seed: int) -> list[Key]:
        return standard.sample_keys(self, session, reading, rows, seed, "random()")

    def write(
        self, session: Session, table: Table, columns: Sequence[tuple[Column, Kind]], pieces: Iterable[bytes]
    ) -> int:
        return writing.write(session, table, columns, pieces)

    def write_path(self, session: Session) -> str:
        return "bound INSERT"

    def prepare_writer(self, session: Session) -> None:
        writing.prepare_writer(session)

    def set_aside(self, tables: Sequence[Table]) -> list[SetAside]:
        return writing.set_aside(tables)

    def disable_triggers(self, tables: Sequence[Table]) -> list[SetAside]:
        return writing.disable_triggers(tables)

    def cut_keys(self, session: Session, table: Table, keys: Sequence[SchemaObject]) -> list[SetAside]:
        return remaking.cut_keys(session, table, keys)

    def mend_keys(self, session: Session, table: Table, keys: Sequence[SchemaObject]) -> tuple[str, ...]:
        return remaking.mend_keys(session, table, keys)

    def held(self, session: Session, tables: Sequence[str]) -> AbstractContextManager[None]:
        return leaving.held(session)

    def leaning(self, session: Session, tables: Collection[str]) -> list[Leaning]:
        return leaving.leaning(session, tables)

    def drop_tables(self, session: Session, tables: Sequence[str]) -> None:
        leaving.drop_tables(session, tables)

    def clear(self, session: Session, tables: Sequence[str]) -> None:
        writing.clear(session, tables)

    def analyze(self, session: Session, tables: Sequence[str]) -> None:
        session.execute("PRAGMA analysis_limit=1000")  # rows of each index; all of them would be read
        super().analyze(session, tables)

    def reset_sequences(self, session: Session, tables: Sequence[Table]) -> list[tuple[str, str, int]]:
        return writing.reset_sequences(session, tables)

    def colliding(
        self, session: Session, unique: SchemaObject, reading: Reading, limit: int = 20
    ) -> list[tuple[Key, ...]]:
        return standard.colliding(self, session, unique, reading, limit)

    def orphans(self, session: Session, foreign: SchemaObject, reading: Reading, limit: int = 20) -> list[Key]:
        return standard.orphans(self, session, foreign, reading, limit)
