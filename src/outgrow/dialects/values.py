"""What the engines' answers are made of: the catalog's things, keys and ranges, and why a statement failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

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
