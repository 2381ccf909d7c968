"""SQLite as a target: lines become bound values, stored as Django would have stored them; one writer at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from outgrow.dialects.base import Column, ObjectKind, Session, SetAside, Table
from outgrow.dialects.sqlite.catalog import literal, quote
from outgrow.dialects.sqlite.rendering import DAY
from outgrow.dialects.sqlite.session import SQLiteSession
from outgrow.lines import NULL, Kind, unescape

BATCH = 500


def _duration(text: str) -> int:
    days, _, micros, _ = text.split(" ")
    return int(days) * DAY + int(micros)


def _without_zero_micros(text: str) -> str:
    """Django stores str(datetime) and str(time): without a fraction where it is zero."""
    return text[:-7] if text.endswith(".000000") else text


_STORE: dict[Kind, Callable[[str], Any]] = {
    Kind.INTEGER: int,
    Kind.BOOLEAN: int,
    Kind.FLOAT: float,
    Kind.BINARY: lambda v: bytes.fromhex(v[2:]),
    Kind.DATETIME: _without_zero_micros,
    Kind.TIME: _without_zero_micros,
    Kind.DURATION: _duration,
}


def _same(text: str) -> str:
    return text


def write(session: Session, table: Table, columns: Sequence[tuple[Column, Kind]], pieces: Iterable[bytes]) -> int:
    assert isinstance(session, SQLiteSession)
    names = ",".join(quote(c.name) for c, _ in columns)
    marks = ",".join("?" * len(columns))
    sql = f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})"
    stores = [_STORE.get(kind, _same) for _, kind in columns]
    written = 0
    for piece in pieces:
        lines = piece.split(b"\n")
        lines.pop()
        for start in range(0, len(lines), BATCH):
            batch = [
                [None if f == NULL else s(unescape(f).decode()) for f, s in zip(line.split(b"\t"), stores, strict=True)]
                for line in lines[start : start + BATCH]
            ]
            session.connection.executemany(sql, batch)
            written += len(batch)
    return written


def prepare_writer(session: Session) -> None:
    session.execute("PRAGMA synchronous=NORMAL")
    session.execute("PRAGMA cache_size=-16000")


def set_aside(tables: Sequence[Table]) -> list[SetAside]:
    """Only indexes made by CREATE INDEX; what the table's own text declares stays."""
    return [
        SetAside(o, (f"DROP INDEX {quote(o.name)}",), (o.definition,))
        for table in tables
        for o in table.objects
        if o.kind in (ObjectKind.INDEX, ObjectKind.UNIQUE) and o.definition
    ]


def disable_triggers(tables: Sequence[Table]) -> list[SetAside]:
    return [
        SetAside(o, (f"DROP TRIGGER {quote(o.name)}",), (o.definition,), order=9)
        for table in tables
        for o in table.objects
        if o.kind is ObjectKind.TRIGGER
    ]


def clear(session: Session, tables: Sequence[str]) -> None:
    """In any order: foreign keys are not enforced on our connections; verify searches for orphans."""
    for table in tables:
        session.execute(f"DELETE FROM {quote(table)}")


def reset_sequences(session: Session, tables: Sequence[Table]) -> list[tuple[str, str, int]]:
    if not session.value("SELECT 1 FROM sqlite_master WHERE name='sqlite_sequence'"):
        return []
    done = []
    for table in tables:
        column = next((c for c in table.columns if c.identity), None)
        sql = session.value(f"SELECT sql FROM sqlite_master WHERE type='table' AND name={literal(table.name)}") or ""
        if column is None or "autoincrement" not in sql.lower():
            continue
        highest = int(session.value(f"SELECT max({quote(column.name)}) FROM {quote(table.name)}") or 0)
        name = literal(table.name)
        session.begin()
        session.execute(f"DELETE FROM sqlite_sequence WHERE name={name}")
        session.execute(f"INSERT INTO sqlite_sequence(name,seq) VALUES({name},{max(0, highest)})")
        session.commit()
        stored = int(session.value(f"SELECT seq FROM sqlite_sequence WHERE name={name}"))
        done.append((table.name, column.name, stored + 1))
    return done
