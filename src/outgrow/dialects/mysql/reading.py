"""MySQL and MariaDB: rows as lines, joined by the server; what that cannot show is read again column by column.

One unbuffered SELECT gives each row as ``CONCAT_WS(mark, …)``: 250,000 posts in 0.5 s. A value that holds a mark, or a
row that outgrew max_allowed_packet and came back as NULL with a warning, shows in the counts of marks.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Any

from outgrow.dialects.base import Column, Dialect, Key, Range, Reading, Session
from outgrow.dialects.mysql import kinds
from outgrow.dialects.mysql.catalog import literal
from outgrow.dialects.mysql.ddl import quote
from outgrow.dialects.mysql.session import FIELD_TYPE, MySQLSession
from outgrow.dialects.mysql.trouble import Warned
from outgrow.dialects.standard import canonical_key, row, terms, where
from outgrow.lines import NIL, RECORD, UNIT, Kind, escape, from_marked, join_line

PIECE = 1 << 20  # bytes that a piece aims at
LOT = 16  # rows of one fetch, so that a few large rows do not fill the memory
TOO_LARGE = 1301  # "Result of concat_ws() was larger than max_allowed_packet (…) - truncated"
_HEX = re.compile(r"[0-9a-f]{32}")
NIL_SQL, UNIT_SQL = f"_binary x'{NIL.hex()}'", f"_binary x'{UNIT.hex()}'"


# -- keys -------------------------------------------------------------------------------------------------------------
def key_term(column: Column, kind: Kind, mariadb: bool) -> str:
    name = quote(column.name)
    if kind is Kind.INTEGER:
        return name
    if kind is Kind.UUID and column.type in ("char", "varchar") and not _tells_case(column):
        return name  # hexadecimal digits order alike in every collation
    return f"CAST({kinds.render(column, kind, mariadb)} AS BINARY)"


def _tells_case(column: Column) -> bool:
    return str(column.collation).endswith(("_bin", "_cs"))


def with_keys(dialect: Dialect, reading: Reading, keys: Sequence[Key]) -> str:
    """The condition for exactly these keys; an equality that the index serves and that may hold more goes before it."""
    listed = ",".join(row([dialect.literal(v) for v in key]) for key in keys)
    condition = f"{row(terms(dialect, reading))} IN ({listed})"
    first, kind = reading.key_columns[0]
    if (kind is Kind.UUID and first.type != "binary") or (kind is Kind.TEXT and first.charset == "utf8mb4"):
        values = ",".join(sorted({literal(key[0]) for key in keys}))
        condition = f"{quote(first.name)} IN ({values}) AND {condition}"
    return condition


def _native_uuid(reading: Reading) -> str | None:
    """MariaDB's uuid as its 16 bytes, which order as the text does and are cut and compared four times faster."""
    alone = len(reading.key) == 1 and reading.key_columns[0][0].type == "uuid"
    return f"CAST({quote(reading.key[0])} AS BINARY(16))" if alone else None


def _range(dialect: Dialect, reading: Reading, span: Range) -> str:
    native = _native_uuid(reading)
    bounds = [str(key[0]) for key in (span.low, span.high) if key is not None]
    if native is None or not all(_HEX.fullmatch(bound) for bound in bounds):
        return where(dialect, reading, span)
    low = f"{native}>x'{span.low[0]}'" if span.low is not None else "1=1"
    return low if span.high is None else f"{low} AND {native}<=x'{span.high[0]}'"


# -- lines ------------------------------------------------------------------------------------------------------------
def lines(dialect: Dialect, session: Session, reading: Reading, span: Range, limit: int | None) -> Iterator[bytes]:
    assert isinstance(session, MySQLSession)
    tail = f"FROM {quote(reading.table)} WHERE {_range(dialect, reading, span)}{_order(dialect, reading, limit)}"
    bad: list[tuple[int, int]] = []
    yield from _joined(session, reading, tail + (f" LIMIT {limit}" if limit is not None else ""), bad)
    for offset, count in bad:
        yield from _by_column(session, reading, f"{tail} LIMIT {count} OFFSET {offset}")


def _order(dialect: Dialect, reading: Reading, limit: int | None) -> str:
    """By the primary key's index, or by the order of ranges where rows are cut off."""
    if not reading.key:
        return ""
    parts = [quote(name) for name in reading.key] if limit is None else terms(dialect, reading)
    return f" ORDER BY {','.join(parts)}"


def _joined(session: MySQLSession, reading: Reading, tail: str, bad: list[tuple[int, int]]) -> Iterator[bytes]:
    """Pieces of the rows that are well; the (offset, count) of the others go to ``bad``."""
    shown = [_field(c, k, session.mariadb) for c, k in reading.columns]
    shown[0] = f"CAST({shown[0]} AS BINARY)"  # one binary part makes the whole line binary
    nulls = "+".join(f"({quote(c.name)} IS NULL)" for c, _ in reading.columns if c.nullable) or "0"
    counted = f",{nulls}" if nulls != "0" else ""
    result = session.unbuffered(f"SELECT CONCAT_WS({UNIT_SQL},{','.join(shown)}){counted} {tail}")
    offset = 0
    try:
        for rows in _by_bytes(result):
            yield from _piece(rows, reading, offset, bad)
            offset += len(rows)
    finally:
        result.discard()
    if not bad and session.connection.warning_count() and any(w[1] == TOO_LARGE for w in session.warnings()):
        raise Warned(f"the server cut a row of {reading.table} that is larger than max_allowed_packet")


def _by_bytes(result: Any) -> Iterator[list[tuple[Any, ...]]]:
    """Rows for pieces of about :data:`PIECE` bytes; a lot of large rows is handed on row by row."""
    held: list[tuple[Any, ...]] = []
    size, lot = 0, LOT
    while rows := result.fetch_row(lot, 0):
        got = sum([len(r[0] or b"") for r in rows])
        lot = LOT if got < PIECE // 4 else 1
        for part, more in [(rows, got)] if lot > 1 else [((r,), len(r[0] or b"")) for r in rows]:
            held += part
            size += more
            if size >= PIECE:
                yield held
                size, held = 0, []
    if held:
        yield held


def _field(column: Column, kind: Kind, mariadb: bool) -> str:
    shown = kinds.render(column, kind, mariadb)
    # CONCAT_WS leaves NULL out, and a mark too many is always seen.
    # As binary, since MariaDB would make the mark a letter of the column's character set, and finds it is none.
    return (
        f"IFNULL(CAST({shown} AS BINARY),{NIL_SQL})" if column.nullable or kinds.may_overflow(column, kind) else shown
    )


def _piece(rows: list[tuple[Any, ...]], reading: Reading, offset: int, bad: list[tuple[int, int]]) -> Iterator[bytes]:
    """The lines of the rows; a row in which the marks do not add up is left to be read again."""
    columns = len(reading.columns)
    counted = len(rows[0]) > 1
    try:
        whole = RECORD.join([r[0] for r in rows])
    except TypeError:  # a row came back as NULL
        whole = b""
    if whole:
        nulls = sum([int(r[1]) for r in rows]) if counted else 0
        piece = from_marked(whole, len(rows), columns, nulls)
        if piece is not None:
            yield piece
            return
    good = []
    for at, values in enumerate(rows, offset):
        line = _line(values[0], columns, int(values[1]) if counted else 0)
        if line is not None:
            good.append(line)
        elif bad and sum(bad[-1]) == at:
            bad[-1] = (bad[-1][0], bad[-1][1] + 1)
        else:
            bad.append((at, 1))
    if good:
        yield b"".join(good)


def _line(raw: bytes | None, columns: int, nulls: int) -> bytes | None:
    """One row; a guard that spoke (DOUBT) stays in the cell for those who read the line."""
    if raw is None or raw.count(UNIT) != columns - 1 or raw.count(NIL) != nulls or RECORD in raw:
        return None
    return escape(raw).replace(UNIT, b"\t").replace(NIL, b"\\N") + b"\n"


def _by_column(session: MySQLSession, reading: Reading, tail: str) -> Iterator[bytes]:
    """Each column by itself: a plain column is sent whatever its size, and no mark is needed."""
    plain = [_plain(c, k) for c, k in reading.columns]
    shown = [
        quote(c.name) if p else f"CAST({kinds.render(c, k, session.mariadb)} AS BINARY)"
        for (c, k), p in zip(reading.columns, plain, strict=True)
    ]
    hexed = [i for i, (_, kind) in enumerate(reading.columns) if kind is Kind.BINARY]
    result = session.unbuffered(f"SELECT {','.join(shown)} {tail}")
    try:
        while rows := result.fetch_row(1, 0):
            values = list(rows[0])
            for i in hexed:
                values[i] = None if values[i] is None else b"\\x" + values[i].hex().encode()
            yield join_line(values) + b"\n"
    finally:
        result.discard()
    if session.connection.warning_count() and any(w[1] == TOO_LARGE for w in session.warnings()):
        raise Warned(f"a value of {reading.table} is larger than the server's max_allowed_packet: raise it")


def _plain(column: Column, kind: Kind) -> bool:
    same = kind in (Kind.TEXT, Kind.JSON) and (column.charset in kinds.SAME_BYTES or column.type == "json")
    return same or kind is Kind.BINARY


# -- boundaries and samples -------------------------------------------------------------------------------------------
def boundaries(dialect: Dialect, session: Session, reading: Reading, rows: int) -> list[Key]:
    """Dense integers are cut by arithmetic; other keys are numbered in one pass, in the order of ranges."""
    if not reading.key:
        return []
    table = quote(reading.table)
    count = int(session.value(f"SELECT COUNT(*) FROM {table}"))
    if count <= rows:
        return []
    native = _native_uuid(reading)
    parts = [native] if native else terms(dialect, reading)
    if len(parts) == 1 and reading.key_columns[0][1] is Kind.INTEGER:
        low, high = map(int, session.query(f"SELECT MIN({parts[0]}),MAX({parts[0]}) FROM {table}")[0])
        if high - low < 2 * count:
            pieces = -(-count // rows)
            return [(low + (high - low) * i // pieces,) for i in range(1, pieces)]
    names = [f"k{i}" for i in range(len(parts))]
    inner = ",".join(f"{t} AS {n}" for t, n in zip(parts, names, strict=True))
    found = session.query(
        f"SELECT {','.join(names)} FROM (SELECT {inner},ROW_NUMBER() OVER (ORDER BY {','.join(parts)}) AS r "
        f"FROM {table}) AS numbered WHERE r MOD {rows}=0 AND r<{count} ORDER BY r"
    )
    if native:
        return [(values[0].hex(),) for values in found]
    return [canonical_key(reading, values) for values in found]


# -- the second path --------------------------------------------------------------------------------------------------
def raw(dialect: Dialect, session: Session, reading: Reading, keys: Sequence[Key]) -> dict[Key, tuple[Any, ...]]:
    """Driver values: int, float, Decimal, str, bytes, date, datetime, time (what none of these can hold stays text)."""
    assert isinstance(session, MySQLSession)
    shown = terms(dialect, reading)
    names = [f"CAST({quote(c.name)} AS DOUBLE)" if c.type == "float" else quote(c.name) for c, _ in reading.columns]
    found: dict[Key, tuple[Any, ...]] = {}
    for start in range(0, len(keys), 500):
        condition = with_keys(dialect, reading, keys[start : start + 500])
        sql = f"SELECT {','.join(shown + names)} FROM {quote(reading.table)} WHERE {condition}"
        for values in session.typed(sql, _typed()):
            key = canonical_key(reading, values[: len(shown)])
            found[key] = values[len(shown) :]
    return found


def _typed() -> dict[int, Any]:
    return {
        FIELD_TYPE.DATE: _parsed(dt.date.fromisoformat),
        FIELD_TYPE.DATETIME: _parsed(dt.datetime.fromisoformat),
        FIELD_TYPE.TIMESTAMP: _parsed(dt.datetime.fromisoformat),
        FIELD_TYPE.TIME: _parsed(dt.time.fromisoformat),
        FIELD_TYPE.BIT: lambda value: int.from_bytes(value, "big"),
    }


def _parsed(parse: Any) -> Any:
    def value(text: str | bytes) -> Any:
        text = text.decode() if isinstance(text, bytes) else text
        try:
            return parse(text)
        except ValueError:
            return text

    return value
