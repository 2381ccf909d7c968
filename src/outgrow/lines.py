"""The Line: one row as one line of PostgreSQL COPY text, and the Digest of many lines.

A line holds the canonical text of each column, separated by tabs; NULL is ``\\N``; backslash, tab, newline and carriage
return are escaped with a backslash and nothing else is (MySQL's LOAD DATA reads ``\\f`` and ``\\v`` as letters).

Canonical text by kind, the same on every engine and accepted by PostgreSQL's input functions as it stands:

    INTEGER   -12               BOOLEAN   0 | 1             DECIMAL   12.50 (the column's scale)
    FLOAT     repr of the double DATE     2026-01-31        TIME      23:59:59.000001
    DATETIME  2026-01-31 23:59:59.000001 (UTC where the field is aware)
    DURATION  -1 days 86399999999 us (days floored, 0 ≤ us < one day)
    UUID      32 lower-case hex digits      BINARY  \\x and lower-case hex     INET  text, no netmask
    JSON      the stored text when piped; sorted, Decimal-normalised text when hashed
    TEXT      as it is                      NATIVE  the engine's own text (same engine only)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from xxhash import xxh3_128_intdigest

MODULUS = 1 << 128
NULL = b"\\N"

# Bytes that readers put between fields so that a whole piece is escaped at once (bytes.translate and replace run at
# memory speed; nested SQL REPLACE costs 0.4 s per 250,000 texts on SQLite and is quadratic on MariaDB). They are never
# part of UTF-8; should a text hold them all the same, the counts in from_marked() tell.
UNIT, RECORD, NIL = b"\xff", b"\xfe", b"\xfd"
_TO_LINES = bytes.maketrans(UNIT + RECORD, b"\t\n")

DOUBT = b"\x1c\x01"
"""Before the raw text of a cell that could not be rendered without loss; in lines, where all is UTF-8."""


class Kind(StrEnum):
    """What a column's values mean, independent of engine and storage."""

    INTEGER = "integer"
    BOOLEAN = "boolean"
    DECIMAL = "decimal"
    FLOAT = "float"
    TEXT = "text"
    BINARY = "binary"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    DURATION = "duration"
    UUID = "uuid"
    JSON = "json"
    INET = "inet"
    NATIVE = "native"


def escape(text: bytes) -> bytes:
    """Escape one value for a line; without anything to escape the same object comes back."""
    if b"\\" in text:
        text = text.replace(b"\\", b"\\\\")
    if b"\t" in text:
        text = text.replace(b"\t", b"\\t")
    if b"\n" in text:
        text = text.replace(b"\n", b"\\n")
    if b"\r" in text:
        text = text.replace(b"\r", b"\\r")
    return text


_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_UNESCAPE = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
_COPY_ONLY = re.compile(rb"\\([bfv\\])")
_COPY_PLAIN = {b"b": b"\b", b"f": b"\f", b"v": b"\v", b"\\": b"\\\\"}


def unescape(text: bytes) -> bytes:
    """Undo :func:`escape`; also understands the escapes that PostgreSQL writes."""
    if b"\\" not in text:
        return text
    return _ESCAPED.sub(lambda m: _UNESCAPE.get(m[1], m[1]), text)


def normalise_copy(data: bytes) -> bytes:
    """Turn PostgreSQL's COPY output into lines: ``\\b``, ``\\f`` and ``\\v`` become the bytes they stand for."""
    if b"\\b" in data or b"\\f" in data or b"\\v" in data:
        return _COPY_ONLY.sub(lambda m: _COPY_PLAIN[m[1]], data)
    return data


def from_marked(raw: bytes, rows: int, columns: int, nulls: int) -> bytes | None:
    """Turn a marked piece (UNIT between fields, RECORD between rows, NIL for NULL) into lines.

    ``nulls`` is the number of NULLs that the engine counted. None means that some value holds a mark itself or that a
    guard spoke (DOUBT): the caller then reads these rows cell by cell.
    """
    if b"\x1c" in raw and DOUBT in raw:
        return None
    if raw.count(UNIT) != rows * (columns - 1) or raw.count(RECORD) != rows - 1 or raw.count(NIL) != nulls:
        return None
    data = escape(raw).translate(_TO_LINES)
    return (data.replace(NIL, NULL) if nulls else data) + b"\n"


def join_line(values: Iterable[bytes | None]) -> bytes:
    """One line (without its newline) from canonical values."""
    return b"\t".join([NULL if v is None else escape(v) for v in values])


def split_line(line: bytes) -> list[bytes | None]:
    """The canonical values of one line."""
    return [None if v == NULL else unescape(v) for v in line.split(b"\t")]


@dataclass(frozen=True, slots=True)
class Digest:
    """Count and sum modulo 2^128 of the lines' xxh3-128 hashes: order-free, and a doubled row counts twice."""

    rows: int = 0
    total: int = 0

    def __add__(self, other: Digest) -> Digest:
        return Digest(self.rows + other.rows, (self.total + other.total) % MODULUS)

    def __str__(self) -> str:
        return f"{self.rows}:{self.total:032x}"

    @classmethod
    def parse(cls, text: str) -> Digest:
        rows, _, total = text.partition(":")
        return cls(int(rows), int(total, 16))


def digest(data: bytes, normalisers: Sequence[tuple[int, Any]] = ()) -> Digest:
    """Digest of a piece of lines; ``normalisers`` are (field index, function) pairs for floats and JSON."""
    if not data:
        return Digest()
    lines: list[bytes] = data.split(b"\n")
    lines.pop()
    if normalisers:
        lines = [normalise_line(line, normalisers) for line in lines]
    return Digest(len(lines), sum(map(xxh3_128_intdigest, lines)) % MODULUS)


def normalise_line(line: bytes, normalisers: Sequence[tuple[int, Any]]) -> bytes:
    """Put the fields that have no common SQL rendering into canonical text."""
    fields = line.split(b"\t")
    for index, normalise in normalisers:
        if fields[index] != NULL:
            fields[index] = escape(normalise(unescape(fields[index])))
    return b"\t".join(fields)


def canonical_float(text: bytes) -> bytes:
    """The shortest text that reads back as the same double: no engine pair agrees on one (1e+22, 1e22, 1.0e+22)."""
    try:
        return repr(float(text)).encode()
    except ValueError:  # a cell that could not be rendered
        return text


_PLAIN_DIGITS = 4300  # as many as Python reads as an integer; longer ones are written with an exponent


def _canonical_number(text: str) -> str:
    """One text for 10, 10.0 and 1e1: an integer as digits, everything else as digits and exponent."""
    value = Decimal(text)
    if not value:
        return "0"
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    shown = "".join(map(str, digits)).rstrip("0")
    exponent += len(digits) - len(shown)
    minus = "-" if sign else ""
    if exponent >= 0 and exponent + len(shown) <= _PLAIN_DIGITS:
        return minus + shown + "0" * exponent
    return f"{minus}{shown}e{exponent}"


class _Number(str):
    """A JSON number in canonical text, kept apart from strings."""


class _NotPlain(Exception):
    """There is something that the standard library's encoder would not write in canonical text."""


def _encode(value: Any) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{_encode(v)}" for k, v in sorted(value.items())) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_encode, value)) + "]"
    return json.dumps(value)


@lru_cache(4096)
def _number(text: str) -> _Number:
    return _Number(_canonical_number(text))


_HEAD, _TAIL = "\ufdd0", "\ufdd1"  # noncharacters: they mark a number that is carried through the encoder as a text
_MARKED = re.compile(r"[\ufdd0\ufdd1]|\\u[fF][dD][dD][01]")


@lru_cache(4096)
def _carried(text: str) -> str:
    return f"{_HEAD}{_canonical_number(text)}{_TAIL}"


def _not_plain(text: str) -> None:
    raise _NotPlain


# Made once: json.loads() with hooks builds a decoder for every call.
_plain = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_read_plain = json.JSONDecoder(parse_float=_carried, parse_constant=_not_plain).decode
_read_numbers = json.JSONDecoder(parse_int=_number, parse_float=_number, parse_constant=_Number).decode


def canonical_json(text: bytes) -> bytes:
    """JSON by value: keys sorted, numbers as decimals (1, 1.0 and 10e-1 are one number).

    The standard library's C code does nearly all of it, which takes a tenth of the time.
    """
    try:
        read = text.decode()
        try:
            if _MARKED.search(read):
                raise _NotPlain
            written = _plain(_read_plain(read))
            if "\\ufdd" in written:
                written = written.replace('"\\ufdd0', "").replace('\\ufdd1"', "")
            return written.encode()
        except (_NotPlain, ValueError):  # NaN, marks of its own, or an integer of thousands of digits
            return _encode(_read_numbers(read)).encode()
    except (ValueError, ArithmeticError, RecursionError):
        return b"not json: " + text


def canonical_inet(text: bytes) -> bytes:
    """An address in its shortest form, as PostgreSQL's inet prints it; what is no address stays as it is."""
    if b":" not in text:  # an IPv4 address has one form
        return text
    try:
        return str(ip_address(text.decode("ascii"))).encode()
    except ValueError:
        return text


NORMALISERS = {Kind.FLOAT: canonical_float, Kind.JSON: canonical_json, Kind.INET: canonical_inet}


def normalisers(kinds: Sequence[Kind]) -> tuple[tuple[int, Any], ...]:
    """The (field index, function) pairs that :func:`digest` needs for columns of these kinds."""
    return tuple((i, NORMALISERS[kind]) for i, kind in enumerate(kinds) if kind in NORMALISERS)
