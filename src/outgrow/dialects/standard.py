"""SQL that several engines read alike: key ranges, boundaries, samples, collisions and orphans.

Each function takes the dialect that quotes names and renders keys; what an engine does differently it overrides.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Any

from outgrow.dialects.base import Column, Dialect, Key, Range, Reading, SchemaObject, Session
from outgrow.lines import Kind

_DIGITS = re.compile(r"\((\d+),(-?\d+)\)")


def _declared_scale(column: Column) -> int | None:
    """Digits after the point of a decimal column by its declaration; None where that sets no limit."""
    found = _DIGITS.search(column.declared)
    return int(found[2]) if found else None


def is_finer(column: Column) -> bool:
    """Whether a decimal column may hold more digits after the point than it is to be shown with."""
    declared = _declared_scale(column)
    return column.scale is not None and (declared is None or declared > column.scale)


def is_coarser(column: Column) -> bool:
    """Whether a decimal column has fewer digits after the point than it is to be shown with."""
    declared = _declared_scale(column)
    return column.scale is not None and declared is not None and declared < column.scale


def terms(dialect: Dialect, reading: Reading) -> list[str]:
    """The key's terms, in the order of ranges."""
    return [dialect.key_term(column, kind) for column, kind in reading.key_columns]


def row(parts: Sequence[str]) -> str:
    """One term, or a row value."""
    return parts[0] if len(parts) == 1 else "(" + ",".join(parts) + ")"


def where(dialect: Dialect, reading: Reading, span: Range) -> str:
    """The condition of a range, "1=1" for all rows."""
    if span.low is None and span.high is None:
        return "1=1"
    parts = terms(dialect, reading)
    left, conditions = row(parts), []
    if span.low is not None:
        conditions.append(f"{left}>{row([dialect.literal(v) for v in span.low])}")
    if span.high is not None:
        conditions.append(f"{left}<={row([dialect.literal(v) for v in span.high])}")
    if len(parts) > 1:
        # A row comparison alone is no index range everywhere; the first column's bound is.
        conditions += [f"{parts[0]}>={dialect.literal(span.low[0])}"] if span.low is not None else []
        conditions += [f"{parts[0]}<={dialect.literal(span.high[0])}"] if span.high is not None else []
    return " AND ".join(conditions)


def boundaries(dialect: Dialect, session: Session, reading: Reading, rows: int) -> list[Key]:
    """Dense integer keys are cut by arithmetic, all others by one pass over the key."""
    if not reading.key:
        return []
    table = dialect.quote(reading.table)
    if len(reading.key) == 1 and reading.key_columns[0][1] is Kind.INTEGER:
        key = dialect.quote(reading.key[0])
        low, high, count = _extent(session, key, table)
        if not count or count <= rows:
            return []
        if isinstance(low, int) and isinstance(high, int) and high - low < 2 * count:
            pieces = -(-count // rows)
            return [(low + (high - low) * i // pieces,) for i in range(1, pieces)]
    parts = terms(dialect, reading)
    names = [f"k{i}" for i in range(len(parts))]
    inner = ",".join(f"{t} AS {n}" for t, n in zip(parts, names, strict=True))
    found = session.query(
        f"SELECT {','.join(names)} FROM (SELECT {inner},row_number() OVER (ORDER BY {','.join(parts)}) AS r,"
        f"count(*) OVER () AS c FROM {table}) AS t WHERE r%{rows}=0 AND r<c ORDER BY r"
    )
    return [as_key(values) for values in found]


def _extent(session: Session, key: str, table: str) -> tuple[Any, Any, int]:
    """Lowest and highest key and the number of rows, each asked by itself: together they read every row on SQLite."""
    asked = [f"(SELECT {what} FROM {table})" for what in (f"min({key})", f"max({key})", "count(*)")]
    low, high, count = session.query(f"SELECT {','.join(asked)}")[0]
    return low, high, count


def as_key(values: Sequence[object]) -> Key:
    """Driver values of key terms as a Key."""
    return tuple(v if isinstance(v, int) else v.decode() if isinstance(v, bytes) else str(v) for v in values)


def canonical_key(reading: Reading, values: Sequence[object]) -> Key:
    """The same where a uuid may come with hyphens (a driver's own type) or in upper case (text that ignores case)."""
    pairs = zip(as_key(values), reading.key_columns, strict=True)
    uuids = (isinstance(v, str) and (kind is Kind.UUID or c.type == "uuid") for v, (c, kind) in pairs)
    return tuple(str(v).replace("-", "").lower() if u else v for v, u in zip(as_key(values), uuids, strict=True))


def sample_keys(dialect: Dialect, session: Session, reading: Reading, rows: int, seed: int, shuffle: str) -> list[Key]:
    """Random keys: drawn from the range where it is dense (some may have no row), else by a shuffled scan.

    ``shuffle`` is the engine's function for that: random(), RAND().
    """
    table, parts = dialect.quote(reading.table), terms(dialect, reading)
    chosen = ",".join(parts)
    if len(parts) == 1 and reading.key_columns[0][1] is Kind.INTEGER:
        low, high, count = _extent(session, parts[0], table)
        if count > rows and high - low < 4 * count:
            span = high - low + 1
            more = 16 if span > count else 0  # some fall into gaps
            picks = random.Random(seed).sample(range(low, high + 1), min(span, rows * span // count + more))
            return [(pick,) for pick in picks]
    return [as_key(v) for v in session.query(f"SELECT {chosen} FROM {table} ORDER BY {shuffle} LIMIT {rows}")]


def with_keys(dialect: Dialect, reading: Reading, keys: Sequence[Key]) -> str:
    """The condition that picks exactly these keys."""
    parts = terms(dialect, reading)
    listed = ",".join(row([dialect.literal(v) for v in key]) for key in keys)
    return f"{row(parts)} IN ({listed})"


def colliding(
    dialect: Dialect, session: Session, unique: SchemaObject, reading: Reading, limit: int
) -> list[tuple[Key, ...]]:
    """Keys grouped by equal values of a unique's columns, equal as this server's columns compare."""
    q = dialect.quote
    names = [f"u{i}" for i in range(len(unique.columns))]
    keys = [f"k{i}" for i in range(len(reading.key))]
    shown = ",".join(f"{q(c)} AS {n}" for c, n in zip((*unique.columns, *reading.key), (*names, *keys), strict=True))
    conditions = [f"({unique.condition})"] if unique.condition else []
    if unique.nulls_distinct:
        conditions += [f"{q(c)} IS NOT NULL" for c in unique.columns]
    kept = f"SELECT {shown} FROM {q(reading.table)} WHERE {' AND '.join(conditions) or '1=1'}"
    columns = ",".join(names)
    groups = f"SELECT {columns} FROM ({kept}) AS r GROUP BY {columns} HAVING count(*)>1 LIMIT {limit}"
    numbered = f"SELECT {columns},row_number() OVER () AS n FROM ({groups}) AS d"
    same = " AND ".join(f"(t.{n}=g.{n} OR t.{n} IS NULL AND g.{n} IS NULL)" for n in names)
    if unique.nulls_distinct:
        same = " AND ".join(f"t.{n}=g.{n}" for n in names)  # which may be joined by hash
    chosen = ",".join(f"t.{k}" for k in keys)
    found: dict[object, list[Key]] = {}
    for number, *values in session.query(
        f"SELECT g.n,{chosen} FROM ({numbered}) AS g JOIN ({kept}) AS t ON {same} ORDER BY g.n"
    ):
        found.setdefault(number, []).append(as_key(values))
    return [tuple(group) for group in found.values()]


def orphans(dialect: Dialect, session: Session, foreign: SchemaObject, reading: Reading, limit: int) -> list[Key]:
    """Keys of rows whose parent is missing."""
    assert foreign.refers is not None
    q = dialect.quote
    parent, parent_columns = foreign.refers
    match = " AND ".join(
        f"p.{q(there)}=c.{q(here)}" for here, there in zip(foreign.columns, parent_columns, strict=True)
    )
    present = " AND ".join(f"c.{q(here)} IS NOT NULL" for here in foreign.columns)
    keys = ",".join(f"c.{q(column.name)}" for column, _ in reading.key_columns) or "1"
    found = session.query(
        f"SELECT {keys} FROM {q(reading.table)} AS c WHERE {present} "
        f"AND NOT EXISTS (SELECT 1 FROM {q(parent)} AS p WHERE {match}) LIMIT {limit}"
    )
    return [as_key(values) for values in found]
