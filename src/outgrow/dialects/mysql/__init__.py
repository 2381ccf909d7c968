"""MySQL's and MariaDB's answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
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
    Settings,
    Snapshot,
    Table,
    Trouble,
)
from outgrow.dialects.exclusive import Exclusive
from outgrow.dialects.mysql import aside, catalog, kinds, leaving, snapshots, trouble, writing
from outgrow.dialects.mysql import reading as reading_
from outgrow.dialects.mysql.ddl import quote
from outgrow.dialects.mysql.exclusive import NamedLock
from outgrow.dialects.mysql.session import MySQLSession, connect
from outgrow.lines import Kind


def open_dialect(settings: Settings) -> MySQL:
    """The dialect that the live server turns out to be."""
    with connect(settings, read_only=True) as session:
        return MariaDB(settings) if session.mariadb else MySQL(settings)


class MySQL(Dialect):
    """One MySQL database."""

    name = "mysql"
    driver = "mysqlclient"
    transactional_ddl = False
    title = "MySQL"
    mariadb = False
    _frozen = False

    def connect(self, *, read_only: bool = False) -> MySQLSession:
        return connect(self.settings, read_only=read_only, local_infile=not read_only)

    def version(self, session: Session) -> str:
        return catalog.version(session)

    def identity(self, session: Session) -> tuple[str, ...]:
        return catalog.identity(session, self.name)

    def end_sessions(self, session: Session, marks: Sequence[str]) -> None:
        catalog.end_sessions(session, marks)

    def exclusive(self, purpose: str) -> Exclusive:
        return NamedLock(self.settings, purpose)

    def trouble(self, error: BaseException) -> Trouble:
        return trouble.trouble(error)

    def explain(self, error: BaseException) -> str:
        return trouble.explain(error, self.title)

    def quote(self, name: str) -> str:
        return quote(name)

    def literal(self, value: int | str | bytes | float | None) -> str:
        return catalog.literal(value)

    def tables(self, session: Session) -> dict[str, Table]:
        return catalog.tables(session)

    def shapes(self, session: Session) -> dict[str, Table]:
        return catalog.shapes(session)

    def count(self, session: Session, table: str) -> int:
        return int(session.value(f"SELECT COUNT(*) FROM {quote(table)}"))

    def kind(self, column: Column, hint: Kind | None = None) -> Kind:
        return kinds.kind(column, hint)

    def limits(self, session: Session) -> Limits:
        return catalog.limits(session)

    def other_writers(self, session: Session) -> list[str]:
        assert isinstance(session, MySQLSession)
        return catalog.other_writers(session)

    def disk(self, session: Session) -> tuple[int | None, int | None]:
        return catalog.disk(session)

    def snapshot(self, *, directory: Path | None = None, workers: int = 1) -> Snapshot:
        return snapshots.MySQLSnapshot(self.settings, workers, frozen=self._frozen)

    def freeze(self) -> AbstractContextManager[str]:
        return self._freeze()

    @contextmanager
    def _freeze(self) -> Iterator[str]:
        with snapshots.freeze(self.settings) as said:
            self._frozen = True
            try:
                yield said
            finally:
                self._frozen = False

    def render(self, column: Column, kind: Kind) -> str:
        return kinds.render(column, kind, self.mariadb)

    def key_term(self, column: Column, kind: Kind) -> str:
        return reading_.key_term(column, kind, self.mariadb)

    def boundaries(self, session: Session, reading: Reading, rows: int) -> list[Key]:
        return reading_.boundaries(self, session, reading, rows)

    def lines(self, session: Session, reading: Reading, span: Range, *, limit: int | None = None) -> Iterator[bytes]:
        return reading_.lines(self, session, reading, span, limit)

    def raw(self, session: Session, reading: Reading, keys: Sequence[Key]) -> dict[Key, tuple[Any, ...]]:
        return reading_.raw(self, session, reading, keys)

    def stored(self, session: Session, table: Table) -> Iterator[tuple[Any, ...]]:
        """A FLOAT is shown with six digits only; as a double it is whole."""
        columns = ",".join(f"{q}*1e0" if c.type == "float" else q for c in table.columns for q in [self.quote(c.name)])
        return session.stream(f"SELECT {columns} FROM {self.quote(table.name)}")

    def sample_keys(self, session: Session, reading: Reading, rows: int, seed: int) -> list[Key]:
        keys = standard.sample_keys(self, session, reading, rows, seed, f"RAND({seed})")
        return [standard.canonical_key(reading, key) for key in keys]

    def write(
        self, session: Session, table: Table, columns: Sequence[tuple[Column, Kind]], pieces: Iterable[bytes]
    ) -> int:
        return writing.write(session, table, columns, pieces)

    def write_path(self, session: Session) -> str:
        return writing.write_path(session)

    def loads_wait(self, session: Session, tables: Sequence[Table]) -> frozenset[str]:
        return writing.loads_wait(session, tables)

    def prepare_writer(self, session: Session) -> None:
        writing.prepare_writer(session)

    def set_aside(self, tables: Sequence[Table]) -> list[SetAside]:
        return aside.set_aside(tables)

    def disable_triggers(self, tables: Sequence[Table]) -> list[SetAside]:
        return aside.disable_triggers(tables)

    def impatient(self, session: Session) -> None:
        session.execute("SET SESSION lock_wait_timeout=30")

    def held(self, session: Session, tables: Sequence[str]) -> AbstractContextManager[None]:
        return leaving.held(session, tables)

    def leaning(self, session: Session, tables: Collection[str]) -> list[Leaning]:
        return leaving.leaning(session, tables)

    def drop_tables(self, session: Session, tables: Sequence[str]) -> None:
        leaving.drop_tables(session, tables)

    def clear(self, session: Session, tables: Sequence[str]) -> None:
        aside.clear(session, tables)

    def analyze(self, session: Session, tables: Sequence[str]) -> None:
        for table in tables:  # what it cannot do is said in its rows
            session.query(f"ANALYZE TABLE {self.quote(table)}")

    def reset_sequences(self, session: Session, tables: Sequence[Table]) -> list[tuple[str, str, int]]:
        return aside.reset_sequences(session, tables)

    def colliding(
        self, session: Session, unique: SchemaObject, reading: Reading, limit: int = 20
    ) -> list[tuple[Key, ...]]:
        return aside.colliding(self, session, unique, reading, limit)

    def orphans(self, session: Session, foreign: SchemaObject, reading: Reading, limit: int = 20) -> list[Key]:
        return aside.orphans(self, session, foreign, reading, limit)


class MariaDB(MySQL):
    """One MariaDB database."""

    name = "mariadb"
    title = "MariaDB"
    mariadb = True
