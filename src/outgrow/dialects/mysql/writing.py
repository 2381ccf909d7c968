"""MySQL and MariaDB as a target: LOAD DATA LOCAL from a pipe with a name, or multi-row INSERT where that is off.

LOAD DATA LOCAL turns errors into warnings and leaves rows out without a word (62,075 of 250,000 once), so rows, skipped
rows and warnings are counted for every statement, and any warning rolls the chunk back.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Thread

from outgrow.dialects.base import Column, Session, Table
from outgrow.dialects.mysql import kinds
from outgrow.dialects.mysql.catalog import literal
from outgrow.dialects.mysql.ddl import quote
from outgrow.dialects.mysql.session import MySQLSession
from outgrow.dialects.mysql.trouble import Warned
from outgrow.lines import Kind

Columns = Sequence[tuple[Column, Kind]]

PIPE_BYTES = 1 << 20
STATEMENT_BYTES = 1 << 20
INFO = re.compile(rb"Records: (\d+)\s+(?:Deleted: (\d+)\s+Skipped: (\d+)|Duplicates: (\d+))\s+Warnings: (\d+)")


def can_load(session: Session) -> bool:
    """The server takes local files, and this machine has pipes with names."""
    return hasattr(os, "mkfifo") and str(session.value("SELECT @@GLOBAL.local_infile")) == "1"


def write_path(session: Session) -> str:
    if can_load(session):
        return "LOAD DATA LOCAL INFILE"
    return "multi-row INSERT (slower: local_infile is off on the server)"


def loads_wait(session: Session, tables: Sequence[Table]) -> frozenset[str]:
    """Tables with a counter: a load holds the AUTO-INC lock to its end where innodb_autoinc_lock_mode is not 2.

    That is MariaDB's default (1, mariadb.com/kb: AUTO_INCREMENT handling in InnoDB), although every key is given. An
    INSERT of ready values waits in the old mode 0 only.
    """
    mode = int(session.value("SELECT @@GLOBAL.innodb_autoinc_lock_mode"))
    if mode == 2 or (mode == 1 and not can_load(session)):
        return frozenset()
    return frozenset(t.name for t in tables if any(c.identity for c in t.columns))


def prepare_writer(session: Session) -> None:
    """Parallel loads of neighbouring ranges must not wait for each other's gaps."""
    session.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")


def write(session: Session, table: Table, columns: Columns, pieces: Iterable[bytes]) -> int:
    assert isinstance(session, MySQLSession)
    return (_load if can_load(session) else _insert)(session, table, columns, pieces)


# -- LOAD DATA --------------------------------------------------------------------------------------------------------
def _load(session: MySQLSession, table: Table, columns: Columns, pieces: Iterable[bytes]) -> int:
    with _pipe() as path:
        thread = _Statement(session, _load_sql(path, table, columns))
        try:
            rows = _feed(path, pieces, thread)
        except BaseException:
            thread.join()  # the pipe is closed, so the statement ends; the caller rolls back
            raise
        thread.finish()
    _check(session, rows)
    return rows


@contextmanager
def _pipe() -> Iterator[str]:
    """A pipe in a folder that nobody else can enter."""
    with tempfile.TemporaryDirectory(prefix="outgrow-") as folder:
        path = os.path.join(folder, "lines")
        os.mkfifo(path, 0o600)
        yield path


def _load_sql(path: str, table: Table, columns: Columns) -> bytes:
    """In utf8mb4 the server checks texts and converts them; ``binary`` would store 안 in latin1 as 3 letters."""
    names, sets = [], []
    for i, (column, kind) in enumerate(columns):
        change = _FROM_TEXT.get((kind, column.type)) or _FROM_TEXT.get((kind, ""))
        names.append(f"@c{i}" if change else quote(column.name))
        if change:
            sets.append(f"{quote(column.name)}={change.format(f'@c{i}')}")
    return (
        f"LOAD DATA LOCAL INFILE {literal(path)} INTO TABLE {quote(table.name)} CHARACTER SET utf8mb4 "
        f"FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' ({','.join(names)})"
        + (f" SET {','.join(sets)}" if sets else "")
    ).encode()


_DURATION = (
    f"CAST(SUBSTRING_INDEX({{0}},' ',1) AS DECIMAL(30))*{kinds.DAY}"
    "+CAST(SUBSTRING_INDEX(SUBSTRING_INDEX({0},' ',3),' ',-1) AS DECIMAL(30))"
)
_FROM_TEXT: dict[tuple[Kind, str], str] = {
    (Kind.BINARY, ""): "UNHEX(SUBSTR({0},3))",
    (Kind.NATIVE, ""): "UNHEX({0})",
    (Kind.DURATION, ""): _DURATION,
    (Kind.UUID, "binary"): "UNHEX({0})",
    (Kind.INTEGER, "bit"): "CAST({0} AS UNSIGNED)",
    (Kind.BOOLEAN, "bit"): "CAST({0} AS UNSIGNED)",
}
"""SQL from the canonical text of a kind to what a column of a type ("" is any) stores, where that is something else."""


class _Statement(Thread):
    """The statement waits for the file in a thread; lines are fed by the caller's, which Ctrl-C can reach."""

    def __init__(self, session: MySQLSession, sql: bytes) -> None:
        super().__init__(name="outgrow-load", daemon=True)
        self.session, self.sql = session, sql
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self.session.connection.query(self.sql)
            self.session.connection.store_result()
        except BaseException as error:
            self.error = error

    def finish(self) -> None:
        """Wait for the server's answer; raise what it refused."""
        self.join()
        if self.error is not None:
            raise self.error


def _feed(path: str, pieces: Iterable[bytes], statement: _Statement) -> int:
    """Write the pieces; returns their lines. Ends early when the statement has ended: its error says why."""
    rows = 0
    pipe = _open(path, statement)
    if pipe is None:
        return 0
    try:
        for piece in pieces:
            rows += piece.count(b"\n")
            view = memoryview(piece)
            while view:
                view = view[os.write(pipe, view) :]
    except BrokenPipeError:
        pass  # the server or the connection is gone, and finish() tells
    finally:
        os.close(pipe)
    return rows


def _open(path: str, statement: _Statement) -> int | None:
    """The writing end, once the driver has opened the other; None when the server refused the statement before that."""
    while statement.is_alive():
        try:
            pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:  # nobody reads yet
                raise
            time.sleep(0.0005)
            continue
        os.set_blocking(pipe, True)
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with suppress(OSError):  # more than this user may have; the usual 64 kB will do
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        return pipe
    return None


def _check(session: MySQLSession, rows: int) -> None:
    """Every row fed is stored, none is left out or replaced, and the server has nothing to remark."""
    info = session.connection.info()
    match = INFO.search(info.encode() if isinstance(info, str) else info or b"")
    stored, deleted, skipped, doubled, warned = (int(g or 0) for g in match.groups()) if match else (0, 0, 0, 0, 0)
    changed = int(session.connection.affected_rows())
    if match is None and rows == 1:  # a single row says nothing but the number of rows
        stored, warned = changed, int(session.connection.warning_count())
    if stored == rows == changed and not (deleted or skipped or doubled or warned):
        return
    raise Warned(
        f"{rows} rows were sent, {changed} stored, {max(skipped, doubled)} left out, with {warned} warnings",
        session.warnings(),
    )


# -- INSERT -----------------------------------------------------------------------------------------------------------
def _insert(session: MySQLSession, table: Table, columns: Columns, pieces: Iterable[bytes]) -> int:
    """The escapes of a line are those of a literal, so whole pieces become VALUES at the speed of memory."""
    head = f"INSERT INTO {quote(table.name)} ({','.join(quote(c.name) for c, _ in columns)}) VALUES ".encode()
    most = min(STATEMENT_BYTES, int(session.value("SELECT @@max_allowed_packet")) // 4)
    changes = [(i, _LITERALS[k, t]) for i, (c, k) in enumerate(columns) for t in ("", c.type) if (k, t) in _LITERALS]
    total = 0
    for block in _blocks(pieces, most):
        rows = block.count(b"\n")
        session.connection.query(head + (_changed_values(block, changes) if changes else _values(block)))
        session.connection.store_result()
        _check(session, rows)
        total += rows
    return total


def _values(block: bytes) -> bytes:
    """Lines as VALUES. In a line ``\\N`` between separators is NULL only: a text's own backslash is doubled."""
    block = block[:-1].replace(b"'", b"''").replace(b"\t", b"','").replace(b"\n", b"'),('")
    return (b"('" + block + b"')").replace(b"'\\N'", b"NULL")


def _changed_values(block: bytes, changes: Sequence[tuple[int, Callable[[bytes], bytes]]]) -> bytes:
    """Lines as VALUES where some columns are no texts. A text may be the word NULL."""
    rows = []
    for line in block[:-1].split(b"\n"):
        fields = line.split(b"\t")
        shown = [b"NULL" if f == b"\\N" else b"'" + f.replace(b"'", b"''") + b"'" for f in fields]
        for i, change in changes:
            if fields[i] != b"\\N":
                shown[i] = change(fields[i])
        rows.append(b"(" + b",".join(shown) + b")")
    return b",".join(rows)


def _micros(text: bytes) -> bytes:
    days, _, micros, _ = text.split(b" ")
    return str(int(days) * kinds.DAY + int(micros)).encode()


def _hex(text: bytes) -> bytes:
    return b"x'" + text.removeprefix(b"\\\\x") + b"'"


_LITERALS: dict[tuple[Kind, str], Callable[[bytes], bytes]] = {
    (Kind.BINARY, ""): _hex,
    (Kind.NATIVE, ""): _hex,
    (Kind.DURATION, ""): _micros,
    (Kind.UUID, "binary"): _hex,
    (Kind.INTEGER, "bit"): bytes,
    (Kind.BOOLEAN, "bit"): bytes,
}


def _blocks(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Whole lines, as many as fit; a line larger than that goes alone."""
    for piece in pieces:
        start = 0
        while start < len(piece):
            end = len(piece)
            if end - start > most:
                end = piece.rfind(b"\n", start, start + most) + 1 or piece.index(b"\n", start + most) + 1
            yield piece[start:end]
            start = end
