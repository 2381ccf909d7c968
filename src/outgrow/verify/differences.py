"""From a chunk whose digests differ to the rows and values that do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from outgrow.lines import normalise_line, split_line
from outgrow.masks import mask
from outgrow.plan import TablePlan


@dataclass(frozen=True, slots=True)
class Difference:
    """One value, or one row (``column`` empty), that differs. Values are masked unless they were asked for."""

    table: str
    key: str
    column: str
    source: str
    target: str

    def __str__(self) -> str:
        place = f"{self.table} {self.key}" + (f" column {self.column}" if self.column else "")
        return f"{place}: source has {self.source}, target has {self.target}"


def shown(value: bytes | str | None, show: bool) -> str:
    """A value for people: masked by default."""
    if value is None:
        return "NULL"
    text = value if isinstance(value, str) else value.decode("utf-8", "replace")
    return text if show else mask(text)


def _lines(pieces: Iterable[bytes], functions: Sequence[tuple[int, Any]]) -> Counter[bytes]:
    found: Counter[bytes] = Counter()
    for piece in pieces:
        lines = piece.split(b"\n")
        lines.pop()
        found.update(normalise_line(line, functions) for line in lines)
    return found


def compare_chunk(
    table: TablePlan,
    source: Iterable[bytes],
    target: Iterable[bytes],
    functions: Sequence[tuple[int, Any]],
    limit: int,
    show: bool,
) -> list[Difference]:
    """The rows of one chunk that differ, at most ``limit``."""
    one, other = _lines(source, functions), _lines(target, functions)
    here, there = one - other, other - one
    names = [column.name for column, _ in table.compared[0].columns]
    places = [names.index(k) for k in table.source.key]
    if not places:
        return _without_key(table, here, there, limit)
    left, right = _by_key(here, places), _by_key(there, places)
    found: list[Difference] = []
    for key in sorted(left.keys() | right.keys()):
        found += _row(table, names, key, left.get(key), right.get(key), show)
        if len(found) >= limit:
            break
    return found[:limit]


def _by_key(lines: Counter[bytes], places: Sequence[int]) -> dict[tuple[bytes, ...], bytes]:
    keyed = {}
    for line in lines:
        fields = line.split(b"\t")
        keyed[tuple(fields[i] for i in places)] = line
    return keyed


def _row(
    table: TablePlan, names: Sequence[str], key: tuple[bytes, ...], here: bytes | None, there: bytes | None, show: bool
) -> list[Difference]:
    label = ", ".join(f"{k}={v.decode('utf-8', 'replace')}" for k, v in zip(table.source.key, key, strict=True))
    if here is None or there is None:
        return [
            Difference(
                table.name, label, "", "no row" if here is None else "a row", "no row" if there is None else "a row"
            )
        ]
    if here == there:
        return [Difference(table.name, label, "", "the row once", "the row a different number of times")]
    pairs = zip(names, split_line(here), split_line(there), strict=True)
    return [Difference(table.name, label, n, shown(a, show), shown(b, show)) for n, a, b in pairs if a != b]


def _without_key(table: TablePlan, here: Counter[bytes], there: Counter[bytes], limit: int) -> list[Difference]:
    found = []
    if count := here.total():
        found.append(Difference(table.name, "(no key)", "", f"{count} rows that the target lacks", "no such rows"))
    if count := there.total():
        found.append(Difference(table.name, "(no key)", "", "no such rows", f"{count} rows that the source lacks"))
    return found[:limit]
