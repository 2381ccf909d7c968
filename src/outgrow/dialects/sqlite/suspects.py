"""SQLite: a column holds any type, text is checked by nobody, dates are text. Every test here runs inside its C engine.

Whether text is UTF-8, and whether it holds NUL, no cheap SQL can tell: texts leave as joined pieces of a megabyte,
and Python's decoder runs over each (20 MB of text: 0.1 s; the same by instr() and per-value checks: 0.5 s).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from outgrow.dialects.base import Column, Dialect, Reading, Session
from outgrow.dialects.sqlite.catalog import literal, quote
from outgrow.dialects.sqlite.reading import _CELLS as CELLS
from outgrow.dialects.sqlite.session import SQLiteSession
from outgrow.dialects.suspects import Facts, Probe, Suspect, Suspects, Test, fits, is_doubt, is_readable
from outgrow.lines import Kind

PIECE = 1 << 20
ROW_LIMIT = 8192  # bytes; a longer row is read by itself
FIRST_ROWS, MOST_ROWS = 256, 20_000
BY_PIECE = (Test.NUL, Test.BROKEN, Test.FOREIGN)
WIDE = (-(2**63), 2**63 - 1)

FACTS = Facts(
    enforces_length=False,
    holds_nan=False,
    holds_negative_zero=False,
    decimal_digits=15,
    json_depth=2000,
    json_checked=True,  # Django's JSONField adds CHECK (JSON_VALID(…))
    calendar=False,
    integers={
        **dict.fromkeys(("SmallIntegerField", "IntegerField", "BigIntegerField"), WIDE),
        **dict.fromkeys(("SmallAutoField", "AutoField", "BigAutoField"), WIDE),
        **dict.fromkeys(("PositiveSmallIntegerField", "PositiveIntegerField", "PositiveBigIntegerField"), (0, WIDE[1])),
    },
)


def _non_ascii(c: str) -> str:
    return f"{c} GLOB '*[^'||char(1)||'-'||char(127)||']*'"


def _longer(c: str, most: int) -> str:
    size = f"length(CAST({c} AS BLOB))>{most}"
    return f"{size} AND (length({c})>{most} OR instr(CAST({c} AS BLOB),x'00'))"


def _digits(c: str, scale: int) -> str:
    """A rounded decimal whose fraction is gone is stored as an integer; abs() would fail at the smallest one."""
    whole = f" OR (typeof({c})='integer' AND ({c}>=1000000000000000 OR {c}<=-1000000000000000))" if scale else ""
    return f"(typeof({c})='real' AND abs({c})>=1e{15 - scale}){whole}"


def _within(c: str, windows: Sequence[tuple[str, str]]) -> str:
    return " OR ".join(f"({c}>={literal(low)} AND {c}<={literal(high)})" for low, high in windows) or "0"


def _not_moment(c: str) -> str:
    """Not ``2026-01-31 23:59:59``, six more digits or none; datetime() takes far more than Django writes.

    To add no days makes SQLite count: the 30th of February is another day then, and so is 24:00:00.
    """
    return (
        f"ifnull(datetime({c},'+0 days'),'')<>substr({c},1,19) OR +{c}<'0001' OR substr({c},26)>'9' "
        f"OR ({c} NOT LIKE '____-__-__ __:__:__.______' AND length({c})<>19)"
    )


def _no_such_day(c: str) -> str:
    """The 30th of February: date() alone gives it back."""
    return f"(substr({c},9,2)>'28' AND date({c},'+0 days') IS NOT substr({c},1,10))"


def _not_time(c: str) -> str:
    return (
        f"time({c},'+0 days') IS NOT substr({c},1,8) OR length({c}) NOT IN (8,15) "
        f"OR (length({c})=15 AND (substr({c},9,1)<>'.' OR substr({c},15)>'9'))"
    )


def _not_decimal(c: str, column: Column) -> str:
    if column.scale is None:
        return f"typeof({c})='text' OR typeof({c})='blob'"
    shown = f"CAST(printf('%.{column.scale}f',{c}) AS REAL)"
    return f"typeof({c}) NOT IN ('integer','null') AND (typeof({c})<>'real' OR {shown}<>{c})"


UNREADABLE: dict[Kind, Callable[[str, Column], str]] = {
    Kind.INTEGER: lambda c, _: f"{c}<>CAST({c} AS INTEGER)",
    Kind.BOOLEAN: lambda c, _: f"{c}<>0 AND {c}<>1",
    Kind.DECIMAL: _not_decimal,
    Kind.FLOAT: lambda c, _: f"typeof({c}) IN ('text','blob')",
    Kind.TEXT: lambda c, _: f"typeof({c})='blob'",
    Kind.BINARY: lambda c, _: f"typeof({c})<>'blob' AND {c} IS NOT NULL",
    Kind.DATE: lambda c, _: f"{c} IS NOT NULL AND (date({c}) IS NOT {c} OR +{c}<'0001' OR {_no_such_day(c)})",
    Kind.TIME: lambda c, _: f"{c} IS NOT NULL AND ({_not_time(c)})",
    Kind.DATETIME: lambda c, _: f"{c} IS NOT NULL AND ({_not_moment(c)})",
    Kind.DURATION: lambda c, _: f"{c}<>CAST({c} AS INTEGER)",
    Kind.UUID: lambda c, _: f"length({c})<>32 OR {c} GLOB '*[^0-9a-f]*' OR typeof({c})='blob'",
    Kind.INET: lambda c, _: f"{c} IS NOT NULL",
}

_CONDITIONS: dict[Test, Callable[[str, Probe], str]] = {
    Test.LONGER: lambda c, p: _longer(c, p.argument[0]),
    Test.LARGER: lambda c, p: f"length(CAST({c} AS BLOB))>{p.argument[0]}",
    Test.NUL: lambda c, p: f"instr(CAST({c} AS BLOB),x'00')",
    Test.BROKEN: lambda c, p: _non_ascii(c),
    Test.FOREIGN: lambda c, p: _non_ascii(c),
    Test.SPECIAL: lambda c, p: f"{c} GLOB '*[^ -@[-~]*' OR {c} GLOB '* '",
    Test.OUTSIDE: lambda c, p: f"{c} NOT BETWEEN {_literal(p.argument[0])} AND {_literal(p.argument[1])}",
    Test.DIGITS: lambda c, p: _digits(c, p.argument[0]),
    Test.ENDLESS: lambda c, p: f"{c} IN (9e999,-9e999)",
    Test.FINER: lambda c, p: f"substr({c},{(21 if p.kind is Kind.DATETIME else 10) + p.argument[0]}) GLOB '*[1-9]*'",
    Test.WITHIN: lambda c, p: _within(c, p.argument),
    Test.ODD_UUID: lambda c, p: f"{c} NOT GLOB '????????????[1-8]???[89abAB]*'",
    Test.ABSENT: lambda c, p: f"{c} IS NULL",
    Test.PRESENT: lambda c, p: f"{c} IS NOT NULL",
}


def _literal(value: Any) -> str:
    """Integers beyond 64 bits would turn into doubles: nothing stored here can be beyond them anyway."""
    if isinstance(value, int):
        return str(min(max(value, WIDE[0]), WIDE[1]))
    return literal(value) if isinstance(value, str | float) else str(value)


class SQLiteSuspects(Suspects):
    """Suspects in one SQLite file."""

    temporary = "temp."

    @property
    def facts(self) -> Facts:
        return FACTS

    def condition(self, probe: Probe) -> str | None:
        column, c = probe.column, quote(probe.column.name)
        if column.identity and probe.test is Test.UNREADABLE:
            return None  # the rowid is an integer, always
        if probe.test is Test.ORPHAN:
            return self.orphan(probe)
        if probe.test is Test.TOGETHER:
            return self.together(probe)
        if probe.test is Test.NEGATIVE_ZERO:
            return None  # stored as 0
        if probe.test is Test.UNREADABLE:
            find = UNREADABLE.get(probe.kind)
            return find(c, column) if find else None
        return _CONDITIONS[probe.test](c, probe)

    def text(self, column: Column, kind: Kind) -> str:
        return quote(column.name)

    def octets(self, column: Column, kind: Kind) -> str:
        return f"length(CAST({quote(column.name)} AS BLOB))"

    def trial_table(self, name: str, columns: Sequence[Column]) -> str:
        parts = [
            f"{quote(c.name)} {c.declared}" + (f" COLLATE {quote(c.collation)}" if c.collation else "") for c in columns
        ]
        return f"CREATE TEMPORARY TABLE {quote(name)} ({','.join(parts)})"

    def default_charset(self, session: Session) -> str | None:
        return None

    def is_exact(self, column: Column) -> bool:
        return column.collation in (None, "BINARY")

    def hits(self, session: Session, table: str, probes: Sequence[Probe]) -> list[Probe]:
        assert isinstance(session, SQLiteSession)
        apart = (*BY_PIECE, Test.ORPHAN)
        found = super().hits(session, table, [p for p in probes if p.test not in apart])
        found += [p for p in probes if p.test is Test.ORPHAN and self._has_orphans(session, table, p)]
        read = [p for p in probes if p.test in BY_PIECE]
        return found + (_hits_by_piece(session, table, read) if read else [])

    def _has_orphans(self, session: Session, table: str, probe: Probe) -> bool:
        """One key at a time: it is read in the order of its index, so that parents lie together (16 times faster).

        Where the parents' integer keys have no gap, their first and last tell all.
        """
        _, parent, column = probe.argument
        c, key = quote(probe.column.name), quote(column)
        low, high, count = session.query(f"SELECT min({key}),max({key}),count(*) FROM {quote(parent)}")[0]
        dense = isinstance(low, int) and isinstance(high, int) and high - low + 1 == count
        where = f"{c} NOT BETWEEN {low} AND {high} OR {c}<>CAST({c} AS INTEGER)" if dense else self.orphan(probe)
        return bool(session.query(f"SELECT 1 FROM {quote(table)} WHERE {where} LIMIT 1"))

    def fetch(self, session: Session, reading: Reading, probes: Sequence[Probe]) -> Iterator[Suspect]:
        assert isinstance(session, SQLiteSession)
        column, kind = probes[0].column, probes[0].kind
        c = quote(column.name)
        keys = ",".join(f"{quote(k.name)}," for k, _ in reading.key_columns).replace(",,", ",")
        where = " OR ".join(f"({found})" for found in dict.fromkeys(map(self.condition, probes)) if found)
        sql = f"SELECT {keys}{c},typeof({c}) FROM {quote(reading.table)} WHERE {where}"
        cursor = session.bytes_query(sql)
        while rows := cursor.fetchmany(500):
            for row in rows:
                yield _suspect(row, reading, column, kind)
            session.connection.text_factory = bytes  # another query may have changed it


def _suspect(row: Sequence[Any], reading: Reading, column: Column, kind: Kind) -> Suspect:
    *key, value, storage = row
    storage = storage.decode()
    raw = value if value is None or isinstance(value, bytes) else repr(value).encode()
    return Suspect(
        tuple(_key(v, c, k) for v, (c, k) in zip(key, reading.key_columns, strict=True)),
        raw,
        storage,
        value is None or _readable(value, storage, column, kind),
    )


def _key(value: Any, column: Column, kind: Kind) -> int | str:
    if isinstance(value, int) or value is None:
        return value if value is not None else ""
    cell = CELLS[kind](value, column)
    shown = (value if isinstance(value, bytes) else repr(value).encode()) if is_doubt(cell) else cell
    return shown.decode("utf-8", "surrogateescape")


def _readable(value: Any, storage: str, column: Column, kind: Kind) -> bool:
    if (storage == "blob") != (kind is Kind.BINARY) and (storage == "blob" or kind is Kind.BINARY):
        return False
    if kind is Kind.INET:
        return isinstance(value, bytes) and is_readable(column, kind, value)
    return not is_doubt(CELLS[kind](value, column))


# -- texts by the piece -----------------------------------------------------------------------------------------------


def _hits_by_piece(session: SQLiteSession, table: str, probes: Sequence[Probe]) -> list[Probe]:
    """Which of NUL, BROKEN and FOREIGN speak for the columns of these probes; all columns are read together."""
    left = {(p.test, p.argument) for p in probes}
    for piece in _pieces(session, table, list(dict.fromkeys(quote(p.column.name) for p in probes))):
        left -= {(test, argument) for test, argument in left if _speaks(test, argument, piece)}
        if not left:
            break
    spoken = {(p.test, p.argument) for p in probes} - left
    return [p for p in probes if (p.test, p.argument) in spoken and _any(session, table, p)]


def _any(session: SQLiteSession, table: str, probe: Probe) -> bool:
    """Whether it is this column that spoke."""
    c = quote(probe.column.name)
    where = _CONDITIONS[probe.test](c, probe)
    cursor = session.bytes_query(f"SELECT {c} FROM {quote(table)} WHERE {where}")
    return any(isinstance(v, bytes) and _speaks(probe.test, probe.argument, v) for (v,) in cursor)


def _speaks(test: Test, argument: tuple[Any, ...], text: bytes) -> bool:
    if test is Test.NUL:
        return b"\0" in text
    if text.isascii():
        return False
    try:
        decoded = text.decode()
    except UnicodeDecodeError:
        return test is Test.BROKEN
    return test is Test.FOREIGN and not fits(decoded, argument[0])


def _pieces(session: SQLiteSession, table: str, columns: Sequence[str]) -> Iterator[bytes]:
    """The text of these columns, row after row, in pieces."""
    line = "||char(31)||".join(f"ifnull({c},'')" for c in columns)
    rowid = _rowid(session, table)
    if rowid is None:
        cursor = session.bytes_query(f"SELECT {line} FROM {quote(table)}")
        while block := cursor.fetchmany(500):
            yield b"\x1f".join(r[0] for r in block)
        return
    size = "length(CAST(l AS BLOB))"
    short = f"group_concat(CASE WHEN {size}<{ROW_LIMIT} THEN l END,char(30)),total({size}>={ROW_LIMIT})"
    last, rows = -(2**63), FIRST_ROWS
    while True:
        inner = (
            f"SELECT {line} AS l,{rowid} AS k FROM {quote(table)} WHERE {rowid}>{last} ORDER BY {rowid} LIMIT {rows}"
        )
        count, high, data, long = session.bytes_query(f"SELECT count(*),max(k),{short} FROM ({inner})").fetchone()
        if not count:
            return
        yield data or b""
        if long:
            where = f"{rowid}>{last} AND {rowid}<={high}"
            cursor = session.bytes_query(
                f"SELECT l FROM (SELECT {line} AS l FROM {quote(table)} WHERE {where}) WHERE {size}>={ROW_LIMIT}"
            )
            for (text,) in cursor:
                yield text
        last = high
        rows = max(16, min(MOST_ROWS, rows * 4, PIECE * int(count) // max(1, len(data or b""))))


def _rowid(session: SQLiteSession, table: str) -> str | None:
    """A name of the table's rowid that no column took; None in a WITHOUT ROWID table."""
    taken = {str(row[1]).lower() for row in session.query(f"PRAGMA table_xinfo({quote(table)})")}
    for name in ("_rowid_", "rowid", "oid"):
        if name not in taken:
            try:
                session.query(f"SELECT {name} FROM {quote(table)} LIMIT 1")
            except sqlite3.OperationalError:
                return None
            return name
    return None


def open_suspects(dialect: Dialect) -> Suspects:
    return SQLiteSuspects(dialect)
