"""SQLite: rows as lines. Whole pieces are rendered inside SQLite's C engine; what a guard doubts is read cell by cell.

A piece is one ``group_concat`` over a few thousand rows, so that the interpreter lock is free while SQLite works
(250,000 posts: 0.32 s of CPU this way, 0.57 s value by value in Python).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Context, Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_date, parse_datetime, parse_time

from outgrow.dialects.base import Column, Key, Range, Reading, Session
from outgrow.dialects.sqlite.catalog import quote
from outgrow.dialects.sqlite.rendering import DAY, DOUBT_SQL, RECORD_SQL, SHORT, line, render
from outgrow.dialects.sqlite.session import FUNCTIONS, SQLiteSession
from outgrow.lines import DOUBT, NULL, RECORD, UNIT, Kind, from_marked, join_line

PIECE = 1 << 20  # bytes that a piece aims at
ROW_LIMIT = 16_384  # bytes; a longer row is fetched by itself, so that no piece outgrows memory
FIRST_ROWS, MOST_ROWS = 256, 20_000

# -- cell by cell -----------------------------------------------------------------------------------------------------
_FIFTEEN = Context(prec=15)  # how Django reads a decimal that SQLite stored as a double (its sqlite3/operations.py)


def _doubtful(value: Any) -> bytes:
    text = value if isinstance(value, bytes) else repr(value).encode()
    return DOUBT + text


def _text(value: bytes | float) -> bytes:
    return value if isinstance(value, bytes) else repr(value).encode()


def _cell_decimal(value: Any, column: Column) -> bytes:
    """With the column's places, or, where it has none (Django 6.1), with as many as there are."""
    try:
        number = (
            _FIFTEEN.create_decimal_from_float(value) if isinstance(value, float) else Decimal(_text(value).decode())
        )
        places = None if column.scale is None else Decimal(1).scaleb(-column.scale)
        shown = number.normalize() if places is None else number.quantize(places, context=Context(prec=200))
    except (InvalidOperation, UnicodeDecodeError):
        return _doubtful(value)
    return f"{shown if shown else abs(shown):f}".encode() if shown == number else _doubtful(value)


def _parsed(parse: Callable[[str], Any], show: Callable[[Any], str]) -> Callable[[Any, Column], bytes]:
    def cell(value: Any, column: Column) -> bytes:
        try:
            found = parse(value.decode()) if isinstance(value, bytes) else None
        except ValueError:
            found = None
        return _doubtful(value) if found is None or getattr(found, "tzinfo", None) else show(found).encode()

    return cell


def _cell_integer(value: Any, column: Column) -> bytes:
    if isinstance(value, float) and value.is_integer() and -(2**63) <= value < 2**63:  # 2.0 is 2
        value = int(value)
    return str(value).encode() if isinstance(value, int) else _doubtful(value)


def _cell_float(value: Any, column: Column) -> bytes:
    return repr(float(value)).encode() if isinstance(value, (int, float)) else _doubtful(value)


def _cell_boolean(value: Any, column: Column) -> bytes:
    return (b"1" if value else b"0") if value in (0, 1) else _doubtful(value)


def _cell_duration(value: Any, column: Column) -> bytes:
    if not isinstance(value, int):
        return _doubtful(value)
    days, rest = divmod(value, DAY)
    return f"{days} days {rest} us".encode()


def _cell_uuid(value: Any, column: Column) -> bytes:
    try:
        return UUID(value.decode()).hex.encode()
    except (ValueError, AttributeError):
        return _doubtful(value)


_CELLS: dict[Kind, Callable[[Any, Column], bytes]] = {
    Kind.INTEGER: _cell_integer,
    Kind.BOOLEAN: _cell_boolean,
    Kind.DECIMAL: _cell_decimal,
    Kind.FLOAT: _cell_float,
    Kind.TEXT: lambda v, _: _text(v),
    Kind.JSON: lambda v, _: _text(v),
    Kind.INET: lambda v, _: _text(v),
    Kind.NATIVE: lambda v, _: _text(v),
    Kind.BINARY: lambda v, _: b"\\x" + v.hex().encode() if isinstance(v, bytes) else _doubtful(v),
    Kind.DATE: _parsed(parse_date, lambda d: d.isoformat()),
    Kind.DATETIME: _parsed(parse_datetime, lambda d: d.isoformat(" ", "microseconds")),
    Kind.TIME: _parsed(parse_time, lambda t: t.isoformat("microseconds")),
    Kind.DURATION: _cell_duration,
    Kind.UUID: _cell_uuid,
}


def cells(row: Sequence[Any], columns: Sequence[tuple[Column, Kind]]) -> bytes:
    """One line from the driver's values."""
    return join_line(
        [None if v is None else _CELLS[kind](v, column) for v, (column, kind) in zip(row, columns, strict=True)]
    )


# -- ranges -----------------------------------------------------------------------------------------------------------
def key_term(column: Column, kind: Kind) -> str:
    if kind is Kind.INTEGER:
        return quote(column.name)
    if kind in (Kind.TEXT, Kind.UUID, Kind.DATE):
        plain = column.collation in (None, "BINARY")
        return quote(column.name) if plain else f"{quote(column.name)} COLLATE BINARY"
    c = quote(column.name)
    raw = f"CASE typeof({c}) WHEN 'text' THEN CAST({c} AS BLOB) ELSE {c} END"
    scale = "NULL" if column.scale is None else column.scale
    return f"coalesce(nullif({render(column, kind)},{DOUBT_SQL}),outgrow_key({raw},'{kind.value}',{scale}),'')"


def _canonical_key(value: Any, kind: str, scale: int | None) -> str | None:
    """A key that SQLite itself could not render: an old "12:00:00.5", a decimal of more digits than printf keeps."""
    if value is None:
        return None
    return _CELLS[Kind(kind)](value, Column("", "", "", scale=scale)).decode("utf-8", "replace")


FUNCTIONS["outgrow_key"] = (3, _canonical_key)


def _rowid_key(reading: Reading) -> str | None:
    """The key's name where it is the rowid itself: rows then lie in its order."""
    if len(reading.key) == 1 and reading.key_columns[0][0].identity:
        return quote(reading.key[0])
    return None


def lines(session: Session, reading: Reading, span: Range, condition: str, limit: int | None) -> Iterator[bytes]:
    assert isinstance(session, SQLiteSession)
    key = _rowid_key(reading)
    if key is None or limit is not None or Kind.FLOAT in reading.kinds or not session.is_utf8:
        yield from _by_cell(session, reading, condition, limit)
        return
    yield from _by_piece(session, reading, key, span)


def _by_cell(session: SQLiteSession, reading: Reading, condition: str, limit: int | None = None) -> Iterator[bytes]:
    names = ",".join(quote(c.name) for c, _ in reading.columns)
    tail = f" LIMIT {limit}" if limit is not None else ""
    cursor = session.bytes_query(f"SELECT {names} FROM {quote(reading.table)} WHERE {condition}{tail}")
    pending: list[bytes] = []
    size = 0
    while rows := cursor.fetchmany(200):
        for row in rows:
            line = cells(row, reading.columns)
            pending.append(line)
            size += len(line) + 1
            if size >= PIECE:
                yield b"\n".join(pending) + b"\n"
                pending, size = [], 0
        session.connection.text_factory = bytes  # another query of this session may have changed it
    if pending:
        yield b"\n".join(pending) + b"\n"


def _by_piece(session: SQLiteSession, reading: Reading, key: str, span: Range) -> Iterator[bytes]:
    nulls = "+".join(f"({quote(c.name)} IS NULL)" for c, _ in reading.columns if c.nullable)
    inner = f"SELECT {line(reading.columns)} AS l,{key} AS k,{nulls or '0'} AS n FROM {quote(reading.table)}"
    shown = "l"
    if not all(kind in SHORT or (column.length or ROW_LIMIT) < ROW_LIMIT for column, kind in reading.columns):
        shown = f"CASE WHEN length(CAST(l AS BLOB))<{ROW_LIMIT} THEN l ELSE {DOUBT_SQL}||k END"
    outer = f"SELECT group_concat({shown},{RECORD_SQL}),count(*),max(k),total(n)"
    low = span.low[0] if span.low is not None else None
    high = f" AND {key}<={span.high[0]}" if span.high is not None else ""
    rows = FIRST_ROWS
    while True:
        after = f"{key}>{low}" if low is not None else "1"
        sql = f"{outer} FROM ({inner} WHERE {after}{high} ORDER BY {key} LIMIT {rows})"
        raw, count, last, null_count = session.bytes_query(sql).fetchone()
        if not count:
            return
        data = from_marked(raw, count, len(reading.columns), int(null_count))
        if data is not None:
            yield data
        else:
            yield from _mend(session, reading, key, f"{after} AND {key}<={last}", raw, count, int(null_count))
        if count < rows:
            return
        low = last
        rows = max(16, min(MOST_ROWS, rows * 4, PIECE * count // max(1, len(raw))))


def _mend(
    session: SQLiteSession, reading: Reading, key: str, condition: str, raw: bytes, count: int, nulls: int
) -> Iterator[bytes]:
    """A piece in which some rows are doubtful or long: those alone are read cell by cell, if they can be told apart."""
    rows, width = raw.split(RECORD), len(reading.columns)
    place = [column.name for column, _ in reading.columns].index(reading.key[0])
    good = [row for row in rows if DOUBT not in row]
    bad = [row for row in rows if DOUBT in row] if len(good) < len(rows) else []
    if bad and len(rows) == count and len(bad) < count // 2 and not place:
        first = [row.removeprefix(DOUBT).partition(UNIT)[0] for row in bad]
        listed = ",".join(str(int(k)) for k in first)
        apart = list(_by_cell(session, reading, f"{key} IN ({listed})"))
        marked = RECORD.join(good)
        absent = sum(line.split(b"\t").count(NULL) for piece in apart for line in piece.split(b"\n"))
        data = from_marked(marked, len(good), width, nulls - absent) if good else b""
        if data is not None:
            yield from (data, *apart)
            return
    yield from _by_cell(session, reading, condition)


def raw(session: Session, reading: Reading, terms: Sequence[str], condition: str) -> dict[Key, tuple[Any, ...]]:
    """The driver's own values: int, float, str, bytes, None (bytes that are not UTF-8 stay visible as surrogates)."""
    assert isinstance(session, SQLiteSession)
    names = ",".join(quote(c.name) for c, _ in reading.columns)
    rows = session.query(f"SELECT {','.join([*terms, names])} FROM {quote(reading.table)} WHERE {condition}")
    return {tuple(row[: len(terms)]): tuple(row[len(terms) :]) for row in rows}
