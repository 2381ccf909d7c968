"""Renderings broken on purpose, inside the process that verifies or moves: one kind of value at a time, or all.

What a broken expression would show is made from what the right one shows, for the columns of shop_sample. Each way is
idempotent, so that a value spoilt by the copy looks whole to the same broken rendering.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from outgrow.dialects.base import Dialect, Reading
from outgrow.events import silent
from outgrow.lines import NULL, Kind, join_line, split_line
from outgrow.options import Options
from outgrow.pipeline import looking, moving, proving

TABLE = "shop_sample"


def _without_key(text: bytes) -> bytes:
    value = json.loads(text)
    value.pop("n", None)
    return json.dumps(value).encode()


def _micros(text: bytes) -> bytes:
    return text[:-6] + b"000000"


def _whole_seconds(text: bytes) -> bytes:
    days, _, micros, _ = text.split(b" ")
    return b"%b days %d us" % (days, int(micros) // 10**6 * 10**6)


SPOIL: dict[str, tuple[Kind, Callable[[bytes], bytes]]] = {
    "an integer loses its last digit": (Kind.INTEGER, lambda v: v[:-1] + b"0"),
    "a boolean is always true": (Kind.BOOLEAN, lambda v: b"1"),
    "a decimal is rounded": (Kind.DECIMAL, lambda v: v[:-2] + b"00"),
    "a float is rounded": (Kind.FLOAT, lambda v: repr(round(float(v), 6)).encode()),
    "a text is trimmed": (Kind.TEXT, bytes.strip),
    "bytes are cut": (Kind.BINARY, lambda v: v[:6]),
    "a date is the first of its month": (Kind.DATE, lambda v: v[:8] + b"01"),
    "a time loses microseconds": (Kind.TIME, _micros),
    "a moment loses microseconds": (Kind.DATETIME, _micros),
    "a duration loses microseconds": (Kind.DURATION, _whole_seconds),
    "a uuid ends in zero": (Kind.UUID, lambda v: v[:-1] + b"0"),
    "a document loses a key": (Kind.JSON, _without_key),
    "an address is another": (Kind.INET, lambda v: b"2001:db8::ffff"),
}
NULL_IS_EMPTY = "NULL becomes empty"
ALL = "everything"
MUTATIONS = [*SPOIL, NULL_IS_EMPTY]


def spoilt(line: bytes, reading: Reading, mutation: str) -> bytes:
    """The line as the broken rendering shows it; keys stay whole."""
    values = split_line(line)
    for place, (column, kind) in enumerate(reading.columns):
        value = values[place]
        if column.name in reading.key:
            continue
        if value is None:
            if mutation == NULL_IS_EMPTY and kind is Kind.TEXT:
                values[place] = b""
            continue
        for name, (wanted, spoil) in SPOIL.items():
            if kind is wanted and mutation in (name, ALL):
                values[place] = spoil(value)
    assert NULL not in values
    return join_line(values)


def break_dialect(dialect: Dialect, mutation: str) -> None:
    """This side's lines from now on."""
    whole = type(dialect).lines

    def lines(session: Any, reading: Reading, span: Any, *, limit: int | None = None) -> Iterator[bytes]:
        for piece in whole(dialect, session, reading, span, limit=limit):
            if reading.table != TABLE:
                yield piece
                continue
            yield b"".join(spoilt(line, reading, mutation) + b"\n" for line in piece.split(b"\n")[:-1])

    dialect.lines = lines  # type: ignore[method-assign]


def break_lines(mutation: str, *sides: str) -> None:
    """Break one rendering on these sides ("source", "target") in every command of this process."""
    for module in (looking, moving, proving):

        def opened(*arguments: Any, _original: Any = module.open_ends) -> Any:
            ends = _original(*arguments)
            for side in sides:
                break_dialect(getattr(ends, side), mutation)
            return ends

        module.open_ends = opened  # type: ignore[attr-defined]


def verify_each(*sides: str) -> None:
    """Verify once for each mutation, and once with none; prints {mutation: equal} as the last line."""
    options = replace(Options(target="env:TARGET", jobs=1), tables=(TABLE,))
    whole = {module: module.open_ends for module in (looking, moving, proving)}
    found = {}
    for mutation in [*MUTATIONS, "none"]:
        if mutation != "none":
            break_lines(mutation, *sides)
        found[mutation] = proving.verify(options, silent).equal
        for module, original in whole.items():
            module.open_ends = original  # type: ignore[attr-defined]
    print(json.dumps(found))
    raise SystemExit(0)
