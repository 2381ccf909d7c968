"""What every engine must answer: the questions as dataclasses and one abstract class, :class:`Dialect`.

Engine names and SQL live in this package only. A :class:`Session` is one connection of the engine's own driver (not
Django's wrapper: no converters, no router, no signals, any thread).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

from outgrow.dialects.exclusive import Exclusive
from outgrow.lines import Kind

KeyValue = int | str  # one column of a key: an int for INTEGER columns, canonical text for every other kind
Key = tuple[KeyValue, ...]
Settings = Mapping[str, Any]  # one entry of Django's DATABASES


class Trouble(StrEnum):
    """Why a statement failed, as far as the steps above need to tell apart."""

    DATA = "data"  # the row itself: too long, out of range, bad encoding, a key or check
    LOST = "lost"  # the connection or the server went away; try again later
    BUSY = "busy"  # a lock or a deadlock; try again
    RIGHTS = "rights"  # not permitted
    SPACE = "space"  # disk full
    STORAGE = "storage"  # the disk or the file failed, which waiting does not mend
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Column:
    """One live column, as the database describes it (never as a model hopes it to be)."""

    name: str
    type: str  # lower case, no arguments: "varchar", "timestamp with time zone", "decimal"
    declared: str  # the whole type as text: "varchar(150)", "decimal(10,2) unsigned"
    nullable: bool = True
    length: int | None = None  # characters (bytes for binary types)
    precision: int | None = None
    scale: int | None = None
    unsigned: bool = False
    generated: bool = False  # GENERATED ALWAYS AS (expression)
    identity: bool = False  # auto-increment, serial or identity
    collation: str | None = None
    charset: str | None = None
    updates_itself: bool = False  # ON UPDATE CURRENT_TIMESTAMP
    default: str | None = None


class ObjectKind(StrEnum):
    PRIMARY = "primary"
    UNIQUE = "unique"
    INDEX = "index"
    FOREIGN = "foreign"
    CHECK = "check"
    EXCLUDE = "exclude"
    TRIGGER = "trigger"


@dataclass(frozen=True, slots=True)
class SchemaObject:
    """An index, constraint or trigger of a table.

    ``definition`` is the engine's normalised text of it; two catalogs are equal when their objects are. ``columns`` are
    plain names in order; an expression index has ``expression`` set. A foreign key ``refers`` to (table, columns).
    """

    table: str
    name: str
    kind: ObjectKind
    columns: tuple[str, ...] = ()
    definition: str = ""
    expression: bool = False
    condition: str | None = None
    refers: tuple[str, tuple[str, ...]] | None = None
    valid: bool = True
    nulls_distinct: bool = True
    stays: bool = False  # a view, a partition or the table's own settings lean on it, so that it cannot be dropped
    tablespace: str = ""  # where it lies, if not at the database's own place
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One live table. ``key`` is its primary key, empty where there is none."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    kind: str = "table"  # "table", "view", "virtual" (full-text and the like), "shadow" (belongs to a virtual table)
    storage: str = ""  # "innodb", "myisam", "heap", …
    rows: int = 0  # the engine's estimate (exact where it is cheap)
    bytes: int = 0  # data without indexes, estimate
    objects: tuple[SchemaObject, ...] = ()
    referred: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (child table, columns here) of foreign keys to this table
    parent: str = ""  # the table through which its rows are read as well: it is a partition of that

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name == name), None)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read of one table: the columns in the order of the line, each with its kind, and the key."""

    table: str
    columns: tuple[tuple[Column, Kind], ...]
    key: tuple[str, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(kind for _, kind in self.columns)

    @property
    def key_columns(self) -> tuple[tuple[Column, Kind], ...]:
        by_name = {c.name: (c, k) for c, k in self.columns}
        return tuple(by_name[name] for name in self.key)


@dataclass(frozen=True, slots=True)
class Range:
    """Rows with low < key <= high; None is open. Keys compare as integers or as bytes of canonical text."""

    low: Key | None = None
    high: Key | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """One object that is dropped before the copy and restored after it.

    ``create`` may hold several statements, run in order; ``validate`` is run last (PostgreSQL's VALIDATE CONSTRAINT).
    ``order`` groups restores: all of a lower order are done before any of a higher one.
    """

    object: SchemaObject
    drop: tuple[str, ...]
    create: tuple[str, ...]
    validate: tuple[str, ...] = ()
    order: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What the engine's live server can hold. None: no limit that a Django project meets."""

    identifier: int | None  # characters
    index_bytes: int | None  # bytes of one index key
    row_bytes: int | None
    packet_bytes: int | None  # max_allowed_packet
    integers: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # by live type (with " unsigned")
    text_bytes: Mapping[str, int] = field(default_factory=dict)  # by live type


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
    def drop_tables(self, session: Session, tables: Sequence[str]) -> None:
        """Drop exactly these tables, which may refer to each other; what others refer to is an error, not a loss."""

    @abstractmethod
    def clear(self, session: Session, tables: Sequence[str]) -> None:
        """Empty exactly these tables inside the open transaction, never cascading to others."""

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
