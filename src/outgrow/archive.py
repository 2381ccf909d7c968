"""The archive: rows of tables that have no place on the target, kept without loss in a SQLite file of their own.

Nothing is converted: what the source's driver gives is what the file holds. Its columns have no type, so SQLite alters
no value, and the table ``outgrow_archive`` says what the columns were. The file is its owner's only.
"""

from __future__ import annotations

import json
import math
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from outgrow.dialects.base import Column, Dialect, Session, Table
from outgrow.errors import OutgrowError
from outgrow.events import Event, Watch

BATCH = 500
INTEGERS = range(-(2**63), 2**63)
CONTENTS = "outgrow_archive"


@dataclass(frozen=True, slots=True)
class Archived:
    """What the archive holds of one table."""

    table: str
    rows: int


def archive(
    dialect: Dialect, open_source: Callable[[], Session], tables: Sequence[Table], path: Path, watch: Watch
) -> list[Archived]:
    """Write all rows of these tables into a new file; it gets its name only when it is whole."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(partial, isolation_level=None)) as file, open_source() as session:
            file.execute("PRAGMA journal_mode=OFF")  # an unfinished file is thrown away
            file.execute(f"CREATE TABLE {CONTENTS} (name TEXT, stored_as TEXT, columns TEXT, rows INTEGER, made TEXT)")
            found = [_one(dialect, session, table, file, watch) for table in tables]
        os.replace(partial, path)
    except (OSError, sqlite3.Error) as error:
        raise OutgrowError(
            f"The archive {path.name} cannot be written ({error}): make room, or run the command in a folder "
            "that may be written to, and go on with --resume."
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return found


def free_name(folder: Path, run: int) -> Path:
    """A name that no earlier archive has: every target numbers its runs from 1."""
    names = (f"outgrow-archive-{run}{f'-{n}' if n > 1 else ''}.sqlite3" for n in range(1, 10_000))
    return next(path for name in names if not (path := folder / name).exists())


def _one(dialect: Dialect, session: Session, table: Table, file: sqlite3.Connection, watch: Watch) -> Archived:
    taken = {row[0].lower() for row in file.execute("SELECT name FROM sqlite_master")}
    stored_as = _distinct(table.name, taken)
    names = _names(table.columns)
    file.execute(f"CREATE TABLE {_quote(stored_as)} ({', '.join(map(_quote, names))})")
    file.execute("BEGIN")
    rows = 0
    for batch in _batches(dialect.stored(session, table)):
        _insert(file, stored_as, batch)
        rows += len(batch)
        watch(Event("progress", "archive", table.name, rows=len(batch)))
    columns = json.dumps([{"name": c.name, "type": c.declared} for c in table.columns], ensure_ascii=False)
    made = datetime.now(UTC).isoformat(timespec="seconds")
    file.execute(f"INSERT INTO {CONTENTS} VALUES (?, ?, ?, ?, ?)", (table.name, stored_as, columns, rows, made))
    file.execute("COMMIT")
    held = file.execute(f"SELECT count(*) FROM {_quote(stored_as)}").fetchone()[0]
    if held != rows:
        raise OutgrowError(f"The archive holds {held} of {rows} rows of {table.name}: check the disk and rerun.")
    return Archived(table.name, rows)


def _insert(file: sqlite3.Connection, name: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Text that is not UTF-8 goes in as bytes that SQLite is told to take for text."""
    for row in rows:
        values = [storable(value) for value in row]
        marks = ["CAST(? AS TEXT)" if isinstance(v, NotUtf8) else "?" for v in values]
        file.execute(f"INSERT INTO {_quote(name)} VALUES ({', '.join(marks)})", values)


class NotUtf8(bytes):
    """The bytes of a text that is not UTF-8."""


def storable(value: Any) -> Any:
    """The value as SQLite holds it unchanged; as text where it has no such type."""
    if value is None or isinstance(value, str | bytes | bool):
        return _text(value) if isinstance(value, str) else value
    if isinstance(value, int):
        return value if value in INTEGERS else str(value)
    if isinstance(value, float):
        return repr(value) if math.isnan(value) else value  # SQLite makes NULL of it
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    return str(value)


def _text(value: str) -> str | NotUtf8:
    try:
        value.encode()
    except UnicodeEncodeError:
        return NotUtf8(value.encode("utf-8", "surrogateescape"))
    return value


def _batches(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _names(columns: Sequence[Column]) -> list[str]:
    """SQLite takes "Name" and "name" for one."""
    taken: set[str] = set()
    return [_distinct(column.name, taken) for column in columns]


def _distinct(name: str, taken: set[str]) -> str:
    wanted = name if not name.lower().startswith("sqlite_") else f"_{name}"
    candidates = (wanted if n == 1 else f"{wanted}_{n}" for n in range(1, len(taken) + 2))
    chosen = next(c for c in candidates if c.lower() not in taken)
    taken.add(chosen.lower())
    return chosen


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
