"""MySQL and MariaDB: what a live column holds, and the SQL that shows it as canonical text (see lines.py).

The fields of a line are joined as binary strings, so that UTF-8 passes untouched. Every expression has a guard: what is
not exactly of the kind is shown as DOUBT and its raw text.
"""

from __future__ import annotations

from collections.abc import Callable

from outgrow.dialects.base import Column
from outgrow.dialects.mysql.ddl import quote
from outgrow.dialects.standard import is_coarser
from outgrow.lines import DOUBT, Kind

DAY = 86_400_000_000  # microseconds
DOUBT_SQL = f"_binary x'{DOUBT.hex()}'"

INTEGERS = ("tinyint", "smallint", "mediumint", "int", "integer", "bigint", "year")
TEXTS = ("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set")
BYTES = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob")
_NATURAL: dict[str, Kind] = {
    **dict.fromkeys(INTEGERS, Kind.INTEGER),
    **dict.fromkeys(TEXTS, Kind.TEXT),
    **dict.fromkeys(BYTES, Kind.BINARY),
    "bit": Kind.INTEGER,
    "decimal": Kind.DECIMAL,
    "float": Kind.FLOAT,
    "double": Kind.FLOAT,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
    "timestamp": Kind.DATETIME,
    "time": Kind.TIME,
    "json": Kind.JSON,
    "uuid": Kind.UUID,
    "inet4": Kind.INET,
    "inet6": Kind.INET,
}
_HINTS: tuple[tuple[tuple[str, ...], tuple[Kind, ...]], ...] = (
    ((*INTEGERS, "bit"), (Kind.INTEGER, Kind.BOOLEAN)),
    (("bigint",), (Kind.DURATION,)),
    (TEXTS, (Kind.JSON, Kind.INET)),
    (BYTES, (Kind.TEXT, Kind.JSON)),
)
SAME_BYTES = ("utf8mb4", "utf8mb3", "utf8", "ascii", "binary", None)
_SINGLE_BYTE = ("latin", "cp1", "cp8", "koi8", "greek", "hebrew", "mac", "hp8", "dec8", "swe7", "keybcs2", "armscii8")


def kind(column: Column, hint: Kind | None = None) -> Kind:
    natural = _NATURAL.get(column.type, Kind.NATIVE)
    if (column.type == "tinyint" and column.declared.startswith("tinyint(1)")) or column.declared == "bit(1)":
        natural = Kind.BOOLEAN
    if hint is None or hint is natural:
        return natural
    if hint is Kind.UUID and ((column.type in ("char", "varchar") and column.length == 32) or _uuid_bytes(column)):
        return hint
    if hint is Kind.INTEGER and column.type == "decimal" and column.scale == 0:
        return hint
    return hint if any(column.type in types and hint in kinds for types, kinds in _HINTS) else natural


def _uuid_bytes(column: Column) -> bool:
    return column.type == "binary" and column.length == 16


def text(column: Column, c: str) -> str:
    """The text as UTF-8 bytes. A cell that does not convert keeps its bytes behind 0xFF, which no valid text has."""
    if column.type in BYTES or column.charset in SAME_BYTES:
        return c
    converted = f"CONVERT({c} USING utf8mb4)"
    if str(column.charset).startswith(_SINGLE_BYTE):
        return converted
    # What has no letter becomes a question mark, so the way back tells.
    back, raw = f"CAST(CONVERT({converted} USING {column.charset}) AS BINARY)", f"CAST({c} AS BINARY)"
    return f"IF({back}={raw},CAST({converted} AS BINARY),CONCAT(_binary x'ff',{raw}))"


def _integer(column: Column, c: str) -> str:
    if column.type in ("bit", "year") or "zerofill" in column.declared:
        return f"CAST({c} AS UNSIGNED)"
    return c


def _decimal(column: Column, c: str) -> str:
    if is_coarser(column) and "zerofill" not in column.declared:
        known = int(column.declared.partition(",")[2].partition(")")[0])
        return f"CONCAT({c},'{'' if known else '.'}{'0' * ((column.scale or 0) - known)}')"
    return f"CAST({c} AS DECIMAL({column.precision},{column.scale}))" if "zerofill" in column.declared else c


def _moment(column: Column, c: str) -> str:
    day = c if column.type == "date" else f"DATE({c})"
    shown = c if column.type == "date" or column.precision == 6 else f"CAST({c} AS DATETIME(6))"
    # LAST_DAY is NULL for a month or day of zero, and tells the 31st of February.
    return f"IF({c}>='0001-01-01' AND LAST_DAY({c})>={day},{shown},CONCAT({DOUBT_SQL},{c}))"


def _time(column: Column, c: str) -> str:
    shown = c if column.precision == 6 else f"CAST({c} AS TIME(6))"
    return f"IF({c}>='00:00:00' AND {c}<'24:00:00',{shown},CONCAT({DOUBT_SQL},{c}))"


def _duration(column: Column, c: str) -> str:
    # Days are floored; every step stays within 64 bits.
    return f"CONCAT({c} DIV {DAY}-({c} MOD {DAY}<0),' days ',{c} MOD {DAY}+IF({c} MOD {DAY}<0,{DAY},0),' us')"


def _uuid(column: Column, c: str) -> str:
    if _uuid_bytes(column):
        return f"LOWER(HEX({c}))"
    if column.type == "uuid":
        return f"REPLACE({c},'-','')"
    return f"IF({c} REGEXP '^[0-9a-fA-F]{{32}}$',LOWER({c}),CONCAT({DOUBT_SQL},{text(column, c)}))"


def _boolean(column: Column, c: str) -> str:
    c = f"CAST({c} AS UNSIGNED)" if column.type == "bit" else c
    return f"IF({c} IN (0,1),CAST({c} AS UNSIGNED),CONCAT({DOUBT_SQL},{c}))"


def _json(column: Column, c: str) -> str:
    return f"CAST({c} AS CHAR CHARACTER SET utf8mb4)" if column.type == "json" else text(column, c)


def _native(column: Column, c: str) -> str:
    return f"LOWER(HEX({c}))"


def _inet(column: Column, c: str) -> str:
    return f"CAST({c} AS CHAR)" if column.type in ("inet4", "inet6") else text(column, c)


_EXPRESSIONS: dict[Kind, Callable[[Column, str], str]] = {
    Kind.INTEGER: _integer,
    Kind.BOOLEAN: _boolean,
    Kind.DECIMAL: _decimal,
    Kind.FLOAT: lambda column, c: c,
    Kind.TEXT: text,
    Kind.BINARY: lambda column, c: f"CONCAT('\\\\x',LOWER(HEX({c})))",
    Kind.DATE: _moment,
    Kind.TIME: _time,
    Kind.DATETIME: _moment,
    Kind.DURATION: _duration,
    Kind.UUID: _uuid,
    Kind.JSON: _json,
    Kind.INET: _inet,
    Kind.NATIVE: _native,
}


def render(column: Column, kind: Kind, mariadb: bool) -> str:
    c = quote(column.name)
    if kind is Kind.FLOAT and (column.type == "float" or column.scale is not None):
        # A single is shown with 6 digits, and MySQL cuts a computed double at 22 letters unless JSON shows it.
        double = f"CAST({c} AS DOUBLE)"
        return double if mariadb else f"CAST(CAST({double} AS JSON) AS CHAR)"
    return _EXPRESSIONS[kind](column, c)


def may_overflow(column: Column, kind: Kind) -> bool:
    """A function over this column may outgrow max_allowed_packet, which makes it NULL with no more than a warning."""
    return kind in (Kind.BINARY, Kind.NATIVE, Kind.JSON) or (kind is Kind.TEXT and column.charset not in SAME_BYTES)
