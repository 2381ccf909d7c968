"""Which rows an audit should look at: the questions, and each engine's answers as cheap SQL.

A :class:`Probe` asks one thing of one column ("more than 150 characters?"). An engine turns it into a condition that is
true for every offender and perhaps for a few others; :meth:`Suspects.hits` answers all probes of a table in one scan,
and only what hit is fetched, to be judged exactly in Python or by the target.
"""

from __future__ import annotations

import ipaddress
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, InvalidOperation
from enum import StrEnum
from importlib import import_module
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_date, parse_datetime, parse_time

from outgrow.dialects.base import Column, Dialect, Key, Reading, SchemaObject, Session
from outgrow.lines import DOUBT, Kind

ALL_DIGITS = Context(prec=200_000)
"""More than a decimal of any engine has: the usual 28 would round."""


class Test(StrEnum):
    """What a probe asks of a column."""

    __test__ = False  # not a test case

    LONGER = "longer"  # more characters than the argument
    LARGER = "larger"  # more bytes than the argument
    TOGETHER = "together"  # more bytes than the argument, with the other (column, kind) pairs of it
    NUL = "nul"  # a NUL byte in text
    BROKEN = "broken"  # text that is not UTF-8
    FOREIGN = "foreign"  # text outside of the character set that the argument names
    SPECIAL = "special"  # text that a collation may take for other text: capitals, accents, trailing blanks
    UNREADABLE = "unreadable"  # not a value of the column's kind
    OUTSIDE = "outside"  # below the first or above the second argument
    DIGITS = "digits"  # a decimal with (scale, digits) that has more digits than a double keeps
    ENDLESS = "endless"  # infinity or not a number
    NEGATIVE_ZERO = "negative zero"
    FINER = "finer"  # a time with more digits after the second than the argument
    WITHIN = "within"  # text inside one of the argument's (low, high) windows
    ABSENT = "absent"  # NULL
    PRESENT = "present"  # not NULL
    ODD_UUID = "odd uuid"  # of no variant or version that RFC 9562 describes
    ORPHAN = "orphan"  # no row of the argument's (table, column) has this value


Argument = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """One question about one column. The column carries the model's digits where the live type has none."""

    column: Column
    kind: Kind
    test: Test
    argument: Argument = ()


@dataclass(frozen=True, slots=True)
class Suspect:
    """One value to judge: its row's key, its bytes, how it is stored, and whether it can be read as its kind."""

    key: Key
    raw: bytes | None
    storage: str = ""  # SQLite's typeof(); empty elsewhere
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """What the engine can hold, each under its question."""

    holds_nul: bool = True  # in text
    enforces_length: bool = True  # of varchar(n)
    holds_infinity: bool = True
    holds_nan: bool = True
    holds_negative_zero: bool = True
    decimal_digits: int | None = None  # of a decimal that is no 64-bit integer
    json_exact_numbers: bool = True  # or as doubles and 64-bit integers
    json_duplicate_keys: bool = True
    json_depth: int | None = None  # levels
    json_nul: bool = True  # \u0000
    json_surrogates: bool = True  # a \ud83d that stands alone
    json_checked: bool = True  # refuses what is not JSON
    calendar: bool = True  # dates are checked and stored as dates
    shortens_names: bool = False  # cuts a long identifier instead of refusing it
    index_value_bytes: int | None = None  # of one value in an ordinary index
    long_durations: bool = False  # beyond 64 bits of microseconds
    keeps_time_zone: bool = False  # naive datetimes become instants when they are stored
    integers: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # by Django's internal type
    singles: frozenset[str] = frozenset()  # live types of single precision floats
    moments: Mapping[str, tuple[str, str]] = field(
        default_factory=dict
    )  # first and last of live types with short ranges
    inet_types: frozenset[str] = frozenset()  # live types that check addresses
    strict_uuids: frozenset[str] = frozenset()  # live types that refuse some UUIDs
    wide_text: str = "text"  # a text type without a limit


def django_integers(positive_small: int, positive: int, positive_big: int) -> dict[str, tuple[int, int]]:
    """Ranges of Django's integer fields on an engine with 16, 32 and 64 bit integers."""
    small, whole, big = (-(2**15), 2**15 - 1), (-(2**31), 2**31 - 1), (-(2**63), 2**63 - 1)
    return {
        "SmallIntegerField": small,
        "SmallAutoField": small,
        "IntegerField": whole,
        "AutoField": whole,
        "BigIntegerField": big,
        "BigAutoField": big,
        "PositiveSmallIntegerField": (0, positive_small),
        "PositiveIntegerField": (0, positive),
        "PositiveBigIntegerField": (0, positive_big),
    }


class Suspects(ABC):
    """One engine's way of finding suspects. ``dialect`` quotes and names."""

    temporary = ""  # what stands before the name of an index on a temporary table

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    @property
    @abstractmethod
    def facts(self) -> Facts: ...

    @abstractmethod
    def condition(self, probe: Probe) -> str | None:
        """SQL that is true for every offender; None where the engine cannot hold one."""

    @abstractmethod
    def text(self, column: Column, kind: Kind) -> str:
        """SQL of the column's text (hex of bytes), for judging."""

    @abstractmethod
    def octets(self, column: Column, kind: Kind) -> str:
        """SQL of the number of bytes of a text or binary value; NULL for NULL."""

    def together(self, probe: Probe) -> str:
        limit, *others = probe.argument
        sizes = (f"coalesce({self.octets(c, k)},0)" for c, k in ((probe.column, probe.kind), *others))
        return f"{'+'.join(sizes)}>{limit}"

    @abstractmethod
    def trial_table(self, name: str, columns: Sequence[Column]) -> str:
        """DDL of a temporary table with these columns: types and collations, no constraint."""

    @abstractmethod
    def default_charset(self, session: Session) -> str | None:
        """Character set of a text column that names none; None where it is all of Unicode."""

    def default_collation(self, session: Session) -> str | None:
        """Collation of a text column that names none; None where only equal bytes are equal."""
        return None

    def knows_zone(self, session: Session, zone: str) -> bool:
        """The server can compute with a time zone of the IANA database."""
        return True

    def charset(self, column: Column) -> str | None:
        """Character set of the column where it is less than all of Unicode."""
        return None

    def is_exact(self, column: Column) -> bool:
        """Text of the column is equal only when its bytes are."""
        return True

    def check_condition(self, check: SchemaObject) -> str | None:
        """The condition of a check constraint, None where it cannot be had."""
        return None

    def trial_index(self, unique: SchemaObject, table: str) -> str | None:
        """DDL of the same unique key, over an expression, on a temporary table."""
        if not unique.definition.upper().startswith("CREATE UNIQUE INDEX "):
            return None
        quote = self.dialect.quote
        rest = re.sub(r"(?is)^CREATE UNIQUE INDEX .*? ON .*?(?=( USING |\())", "", unique.definition, count=1)
        return f"CREATE UNIQUE INDEX {self.temporary}{quote(table + '_key')} ON {quote(table)}{rest}"

    def hits(self, session: Session, table: str, probes: Sequence[Probe]) -> list[Probe]:
        """The probes that have a suspect, by one scan where there is none."""
        conditions = {p: c for p in probes if (c := self.condition(p)) is not None}
        if not conditions:
            return []
        source = self.dialect.quote(table)
        anything = " OR ".join(f"({c})" for c in dict.fromkeys(conditions.values()))
        if not session.query(f"SELECT 1 FROM {source} WHERE {anything} LIMIT 1"):
            return []
        counts = ",".join(f"sum(CASE WHEN {c} THEN 1 ELSE 0 END)" for c in conditions.values())
        found = session.query(f"SELECT {counts} FROM {source}")[0]
        return [probe for probe, count in zip(conditions, found, strict=True) if count]

    def fetch(self, session: Session, reading: Reading, probes: Sequence[Probe]) -> Iterator[Suspect]:
        """The suspects of one column, by all of its probes that hit."""
        column, kind = probes[0].column, probes[0].kind
        quote, render = self.dialect.quote, self.dialect.render
        keys = [quote(c.name) if k is Kind.INTEGER else render(c, k) for c, k in reading.key_columns]
        chosen = ",".join([*keys, self.text(column, kind)])
        where = " OR ".join(f"({c})" for c in dict.fromkeys(self.condition(p) for p in probes) if c)
        checks = any(p.test is Test.UNREADABLE for p in probes)
        for row in session.stream(f"SELECT {chosen} FROM {quote(reading.table)} WHERE {where}"):
            raw = as_bytes(row[-1])
            readable = raw is None or not checks or is_readable(column, kind, raw)
            yield Suspect(tuple(map(as_key, row[:-1])), raw, readable=readable)

    def orphan(self, probe: Probe) -> str:
        """The condition of an orphan key; the argument is (child table, parent table, parent column)."""
        child, parent, column = map(self.dialect.quote, probe.argument)
        here = f"{child}.{self.dialect.quote(probe.column.name)}"
        return (
            f"{here} IS NOT NULL AND NOT EXISTS "
            f"(SELECT 1 FROM {parent} AS outgrow_parent WHERE outgrow_parent.{column}={here})"
        )


def fits(text: str, codec: str) -> bool:
    """Whether a character set can hold the text; "ucs2" is all of Unicode up to U+FFFF."""
    if codec == "ucs2":
        return len(text.encode("utf-16-le", "surrogatepass")) == 2 * len(text)
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    except LookupError:
        return text.isascii()
    return True


def as_bytes(value: Any) -> bytes | None:
    """A driver's text or bytes; numbers by their text."""
    if value is None or isinstance(value, bytes):
        return value
    return str(value).encode("utf-8", "surrogateescape")


def as_key(value: Any) -> int | str:
    """One column of a key."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return value if isinstance(value, int) else str(value)


# -- is it a value of its kind? ---------------------------------------------------------------------------------------


def _naive(parse: Callable[[str], Any]) -> Callable[[str, Column], bool]:
    def reads(text: str, column: Column) -> bool:
        found = parse(text)
        return found is not None and getattr(found, "tzinfo", None) is None

    return reads


def _moment(text: str, column: Column) -> bool:
    if column.type == "timestamp with time zone":
        text = re.sub(r"[+-]\d\d(:\d\d){0,2}$", "", text)
    return _naive(parse_datetime)(text, column)


def _decimal(text: str, column: Column) -> bool:
    number = Decimal(text)
    if not number.is_finite():
        return False
    exponent = number.normalize(ALL_DIGITS).as_tuple().exponent
    return column.scale is None or not isinstance(exponent, int) or -exponent <= column.scale


_READERS: Mapping[Kind, Callable[[str, Column], bool]] = {
    Kind.INTEGER: lambda t, _: re.fullmatch(r"-?\d+", t) is not None,
    Kind.BOOLEAN: lambda t, _: t in ("0", "1", "true", "false", "t", "f"),
    Kind.DECIMAL: _decimal,
    Kind.DATE: _naive(parse_date),
    Kind.TIME: _naive(parse_time),
    Kind.DATETIME: _moment,
    Kind.DURATION: lambda t, _: not re.search(r"year|mon", t),
    Kind.UUID: lambda t, _: bool(UUID(t)),
    Kind.INET: lambda t, _: bool(ipaddress.ip_interface(t)) and ("/" not in t),
}


def is_readable(column: Column, kind: Kind, raw: bytes) -> bool:
    """Whether the engine's text of a value is a value of the kind."""
    reader = _READERS.get(kind)
    if reader is None:
        return True
    try:
        return reader(raw.decode(), column)
    except (ValueError, InvalidOperation):
        return False


def is_doubt(cell: bytes | None) -> bool:
    return cell is not None and cell.startswith(DOUBT)


_ROOMS = {"sqlite": "sqlite", "postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}


def suspects_of(dialect: Dialect) -> Suspects:
    """The engine's room of suspects."""
    room: Any = import_module(f"outgrow.dialects.{_ROOMS[dialect.name]}.suspects")
    found: Suspects = room.open_suspects(dialect)
    return found
