"""What every engine must answer: one abstract class, :class:`Dialect`, and what it opens.

Engine names and SQL live in this package only. A :class:`Session` is one connection of the engine's own driver (not
Django's wrapper: no converters, no router, no signals, any thread).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from outgrow.dialects.exclusive import Exclusive
from outgrow.dialects.leaning import Leaning
from outgrow.dialects.values import (
    Column,
    Key,
    KeyValue,
    Limits,
    ObjectKind,
    Range,
    Reading,
    SchemaObject,
    SetAside,
    Settings,
    Table,
    Trouble,
)
from outgrow.lines import Kind

__all__ = [
    "Column",
    "Dialect",
    "Key",
    "KeyValue",
    "Leaning",
    "Limits",
    "ObjectKind",
    "Range",
    "Reading",
    "SchemaObject",
    "Session",
    "SetAside",
    "Settings",
    "Snapshot",
    "Table",
    "Trouble",
]


class Session(ABC):
    """One connection in the engine's own driver, autocommit off only between begin() and commit()/rollback().

    SQL is complete: names by :meth:`Dialect.quote`, values by :meth:`Dialect.literal`; ``%`` and ``?`` mean themselves.
    """

    mark: str = ""  # the server's id of this connection, for Dialect.end_sessions

    @abstractmethod
    def execute(self, sql: str) -> int:
        """Run one statement; returns the number of rows it changed (0 where the engine does not say)."""

    @abstractmethod
    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a small result, with ordinary Python values (str, int, float, bytes, Decimal, None)."""

    @abstractmethod
    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Rows of a large result, flat memory, as :meth:`query`'s values."""

    @abstractmethod
    def begin(self) -> None: ...

    @abstractmethod
    def commit(self) -> None: ...

    @abstractmethod
    def rollback(self) -> None:
        """Undo the open transaction; never raises, also on a dead connection."""

    @abstractmethod
    def cancel(self) -> None:
        """Stop the statement that another thread runs on this session (best effort)."""

    @abstractmethod
    def close(self) -> None: ...

    def value(self, sql: str) -> Any:
        """First column of the first row, or None."""
        rows = self.query(sql)
        return rows[0][0] if rows else None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class Snapshot(ABC):
    """One moment of a source, read by several sessions. Close it when done."""

    description: str = ""
    sessions: int | None = None  # how many sessions can read at once; None = as many as wanted

    @abstractmethod
    def session(self) -> Session:
        """A new session that sees this moment."""

    def same_as(self, other: Snapshot) -> bool:
        """Whether both moments are known to hold the very same bytes; False where that cannot be told."""
        return False

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class Dialect(ABC):
    """One engine's answers. Stateless but for the settings and the server's version it was opened with."""

    name: ClassVar[str]  # "sqlite", "postgresql", "mysql", "mariadb"
    driver: ClassVar[str]  # what to install, for the error message
    transactional_ddl: ClassVar[bool]
    one_writer: ClassVar[bool] = False  # writes come from one session at a time
    keeps_instants: ClassVar[bool] = False  # datetimes are stored with their zone, whatever the session's
    enforces_keys: ClassVar[bool] = True  # bringing a foreign key back checks every row
    types_bind: ClassVar[bool] = True  # a value longer or larger than its column's type is refused
    keys_in_text: ClassVar[bool] = False  # a foreign key is part of its table's text: without it the table is made anew

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    in_file: ClassVar[bool] = False  # a file, and no server that could be still starting

    @property
    def absent(self) -> bool:
        """Whether there is no database yet, and connecting would make one."""
        return False

    @property
    def file(self) -> Path | None:
        """The file that is the database, where it is one."""
        return None

    # -- connecting -----------------------------------------------------------------------------------------------
    @abstractmethod
    def connect(self, *, read_only: bool = False) -> Session:
        """A session, or Unreachable with one sentence (no secret in it)."""

    @abstractmethod
    def version(self, session: Session) -> str:
        """The live server's version, e.g. "PostgreSQL 16.9", "MariaDB 10.11.19"."""

    @abstractmethod
    def identity(self, session: Session) -> tuple[str, ...]:
        """What makes it physically this database: server identity and name, or device and inode."""

    def end_sessions(self, session: Session, marks: Sequence[str]) -> None:
        """End connections of ours by their marks: a stopped mover's open transaction would block its successor."""
        return

    @abstractmethod
    def exclusive(self, purpose: str) -> Exclusive:
        """A lock on this database for ``purpose`` (a word of small letters), or Unreachable."""

    @abstractmethod
    def trouble(self, error: BaseException) -> Trouble:
        """What kind of failure the driver's exception is."""

    @abstractmethod
    def explain(self, error: BaseException) -> str:
        """The driver's exception as one plain clause without values of rows or secrets."""

    # -- names and literals ---------------------------------------------------------------------------------------
    @abstractmethod
    def quote(self, name: str) -> str: ...

    @abstractmethod
    def literal(self, value: int | str | bytes | float | None) -> str: ...

    # -- catalog --------------------------------------------------------------------------------------------------
    @abstractmethod
    def tables(self, session: Session) -> dict[str, Table]:
        """Every table and view of the database with columns, key and objects (a few queries in all)."""

    def shapes(self, session: Session) -> dict[str, Table]:
        """As :meth:`tables`, from catalogs that every login may read: without sizes, checks and definitions."""
        return self.tables(session)

    @abstractmethod
    def count(self, session: Session, table: str) -> int: ...

    @abstractmethod
    def kind(self, column: Column, hint: Kind | None = None) -> Kind:
        """What the live column holds; ``hint`` (from the model field) settles what the type leaves open."""

    @abstractmethod
    def limits(self, session: Session) -> Limits: ...

    @abstractmethod
    def other_writers(self, session: Session) -> list[str]:
        """Other connections that can write here now, as short texts without secrets."""

    def connections_allowed(self, session: Session) -> int | None:
        """How many connections this login may have at once; None where the engine does not limit them."""
        return None

    @abstractmethod
    def disk(self, session: Session) -> tuple[int | None, int | None]:
        """(bytes used by this database, bytes free where it lies), None where it cannot be known."""

    # -- reading --------------------------------------------------------------------------------------------------
    @abstractmethod
    def snapshot(self, *, directory: Path | None = None, workers: int = 1) -> Snapshot: ...

    @abstractmethod
    def freeze(self) -> AbstractContextManager[str]:
        """Make the database refuse writes until the block ends; yields a sentence that says how."""

    @abstractmethod
    def render(self, column: Column, kind: Kind) -> str:
        """SQL expression of text type: the column's canonical text (see lines.py), NULL for NULL."""

    @abstractmethod
    def key_term(self, column: Column, kind: Kind) -> str:
        """SQL of a key column that orders as integers or as bytes of canonical text, by index if possible."""

    @abstractmethod
    def boundaries(self, session: Session, reading: Reading, rows: int) -> list[Key]:
        """Keys that cut the table into ranges of about ``rows`` rows (the last range is open); [] for one range."""

    @abstractmethod
    def lines(self, session: Session, reading: Reading, span: Range, *, limit: int | None = None) -> Iterator[bytes]:
        """The rows of a range as pieces of whole lines (about 1 MB, never much more than one row above it).

        A cell of a kind other than TEXT that cannot be rendered without loss stands as DOUBT + its raw text.
        """

    @abstractmethod
    def raw(self, session: Session, reading: Reading, keys: Sequence[Key]) -> dict[Key, tuple[Any, ...]]:
        """Rows by key as the driver's own values: verify's second path, which shares no code with lines()."""

    def stored(self, session: Session, table: Table) -> Iterator[tuple[Any, ...]]:
        """Every row as int, float, str, bytes, Decimal or None; bytes of a text that is not UTF-8 are surrogates."""
        columns = ",".join(self.quote(column.name) for column in table.columns)
        return session.stream(f"SELECT {columns} FROM {self.quote(table.name)}")

    @abstractmethod
    def sample_keys(self, session: Session, reading: Reading, rows: int, seed: int) -> list[Key]:
        """About ``rows`` random keys, all of them where the table has fewer."""

    # -- writing --------------------------------------------------------------------------------------------------
    @abstractmethod
    def write(
        self, session: Session, table: Table, columns: Sequence[tuple[Column, Kind]], pieces: Iterable[bytes]
    ) -> int:
        """Load pieces of lines inside the open transaction; returns the rows stored. Any warning is an error."""

    @abstractmethod
    def write_path(self, session: Session) -> str:
        """Which way rows go in ("COPY", "LOAD DATA LOCAL INFILE", "multi-row INSERT", …), for the report."""

    @abstractmethod
    def prepare_writer(self, session: Session) -> None:
        """Session settings for bulk loading."""

    def loads_wait(self, session: Session, tables: Sequence[Table]) -> frozenset[str]:
        """Tables into which two loads at once wait for each other."""
        return frozenset()

    # -- setting aside and restoring ------------------------------------------------------------------------------
    @abstractmethod
    def set_aside(self, tables: Sequence[Table]) -> list[SetAside]:
        """What is dropped before the copy, with the full DDL that brings exactly it back."""

    @abstractmethod
    def disable_triggers(self, tables: Sequence[Table]) -> list[SetAside]:
        """User triggers and self-updating columns of the target, as things to set aside."""

    def respelled(self, session: Session, thing: SchemaObject) -> SchemaObject:
        """The object as this engine's catalog has it once its own definition was carried out; by default the same."""
        return thing

    def cut_keys(self, session: Session, table: Table, keys: Sequence[SchemaObject]) -> list[SetAside]:
        """How these foreign keys of a table are dropped for good, and nothing else of it; what ``create`` says is kept.

        The statements may stand with the first key. They are run in one transaction where DDL can be rolled back.
        """
        return self.set_aside([replace(table, objects=tuple(keys))])

    def mend_keys(self, session: Session, table: Table, keys: Sequence[SchemaObject]) -> tuple[str, ...]:
        """The statements that bring keys back which :meth:`cut_keys` dropped, to the table as it is by now."""
        items = self.set_aside([replace(table, objects=tuple(keys))])
        return (*(s for i in items for s in i.create), *(s for i in items for s in i.validate))

    def impatient(self, session: Session) -> None:
        """Let this session give up after half a minute where others hold what its DDL has to lock."""
        return

    @abstractmethod
    def held(self, session: Session, tables: Sequence[str]) -> AbstractContextManager[None]:
        """Nobody else writes these tables until the block ends; where DDL can be rolled back an error undoes all."""

    @abstractmethod
    def leaning(self, session: Session, tables: Collection[str]) -> list[Leaning]:
        """What else asks for these tables by name: views, triggers, routines, foreign keys from elsewhere."""

    @abstractmethod
    def drop_tables(self, session: Session, tables: Sequence[str]) -> None:
        """Drop exactly these tables, which may refer to each other; what others refer to is an error, not a loss."""

    @abstractmethod
    def clear(self, session: Session, tables: Sequence[str]) -> None:
        """Empty exactly these tables inside the open transaction, never cascading to others."""

    def analyze(self, session: Session, tables: Sequence[str]) -> None:
        """Gather the planner's statistics: a server's own come a while after a bulk load, and SQLite's never.

        Until then plans are for empty tables (measured on MySQL: a page of 20 posts took 1.6 times as long).
        """
        for table in tables:
            session.execute(f"ANALYZE {self.quote(table)}")

    def delete(self, session: Session, reading: Reading, span: Range) -> int:
        """Delete the rows of a range; returns how many there were."""
        from outgrow.dialects import standard

        return session.execute(f"DELETE FROM {self.quote(reading.table)} WHERE {standard.where(self, reading, span)}")

    @abstractmethod
    def reset_sequences(self, session: Session, tables: Sequence[Table]) -> list[tuple[str, str, int]]:
        """Set identity counters above the highest key; returns (table, column, next value), checked by reading back."""

    @abstractmethod
    def colliding(
        self, session: Session, unique: SchemaObject, reading: Reading, limit: int = 20
    ) -> list[tuple[Key, ...]]:
        """Groups of keys that collide under a unique object on this server, under its real collation."""

    @abstractmethod
    def orphans(self, session: Session, foreign: SchemaObject, reading: Reading, limit: int = 20) -> list[Key]:
        """Keys of rows whose parent is missing."""
