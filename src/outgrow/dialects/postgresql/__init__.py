"""PostgreSQL's answers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from outgrow.dialects import standard
from outgrow.dialects.base import (
    Column,
    Dialect,
    Key,
    Leaning,
    Limits,
    Range,
    Reading,
    SchemaObject,
    Session,
    SetAside,
    Snapshot,
    Table,
    Trouble,
)
from outgrow.dialects.exclusive import Exclusive
from outgrow.dialects.postgresql import catalog, leaving, writing
from outgrow.dialects.postgresql import reading as reading_
from outgrow.dialects.postgresql.exclusive import AdvisoryLock
from outgrow.dialects.postgresql.session import PostgreSQLSession, PostgreSQLSnapshot, connect, freeze, psycopg
from outgrow.lines import Kind

_TROUBLES = (
    (("22", "23", "54000"), Trouble.DATA),
    (("40001", "40P01", "55P03"), Trouble.BUSY),
    (("08", "57P"), Trouble.LOST),
    (("42501", "25006"), Trouble.RIGHTS),
    (("53100",), Trouble.SPACE),
    (("58", "XX001", "XX002"), Trouble.STORAGE),  # could not be written, or is corrupt
)
_CONNECTIONS = """
SELECT min(n) FROM (
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0) AS n
    UNION ALL SELECT datconnlimit FROM pg_database WHERE datname = current_database() AND datconnlimit >= 0
    UNION ALL SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user AND rolconnlimit >= 0
) AS limits
"""


class PostgreSQL(Dialect):
    """One PostgreSQL database, in its current schema."""

    name = "postgresql"
    driver = "psycopg"
    transactional_ddl = True
    keeps_instants = True

    def connect(self, *, read_only: bool = False) -> Session:
        return connect(self.settings, read_only=read_only)

    def version(self, session: Session) -> str:
        return f"PostgreSQL {str(session.value('SHOW server_version')).split(' ')[0]}"

    def identity(self, session: Session) -> tuple[str, ...]:
        facts = session.query(
            "SELECT system_identifier::text, current_database()::text, current_schema()::text FROM pg_control_system()"
        )[0]
        return ("postgresql", *map(str, facts))

    def end_sessions(self, session: Session, marks: Sequence[str]) -> None:
        for mark in marks:
            session.query(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid={int(mark)} "
                "AND pid<>pg_backend_pid() AND application_name='outgrow' AND datname=current_database()"
            )

    def exclusive(self, purpose: str) -> Exclusive:
        return AdvisoryLock(self.settings, purpose)

    def trouble(self, error: BaseException) -> Trouble:
        state = getattr(error, "sqlstate", None) or ""
        for starts, trouble in _TROUBLES:
            if state.startswith(starts):
                return trouble
        if isinstance(error, UnicodeError):
            return Trouble.DATA
        lost = psycopg is not None and isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))
        return Trouble.LOST if lost and not state else Trouble.OTHER

    def explain(self, error: BaseException) -> str:
        diagnostics = getattr(error, "diag", None)
        text = (diagnostics and diagnostics.message_primary) or str(error).strip().partition("\n")[0]
        if (getattr(error, "sqlstate", None) or "").startswith("22"):
            text = re.sub(r': ".*"$', "", text, flags=re.DOTALL)  # the value itself
        return f"PostgreSQL says: {text}" if text else f"PostgreSQL reports {type(error).__name__}"

    def quote(self, name: str) -> str:
        return catalog.quote(name)

    def literal(self, value: int | str | bytes | float | None) -> str:
        return catalog.literal(value)

    def tables(self, session: Session) -> dict[str, Table]:
        return catalog.tables(session)

    def count(self, session: Session, table: str) -> int:
        return int(session.value(f"SELECT count(*) FROM {catalog.quote(table)}"))

    def kind(self, column: Column, hint: Kind | None = None) -> Kind:
        return catalog.kind(column, hint)

    def limits(self, session: Session) -> Limits:
        return Limits(
            identifier=63,
            index_bytes=2704,
            row_bytes=None,
            packet_bytes=None,
            integers={
                "smallint": (-(2**15), 2**15 - 1),
                "integer": (-(2**31), 2**31 - 1),
                "bigint": (-(2**63), 2**63 - 1),
            },
        )

    def other_writers(self, session: Session) -> list[str]:
        return catalog.activity(session)

    def connections_allowed(self, session: Session) -> int | None:
        """The server's number without those it reserves, the database's and the role's: the smallest of them."""
        return int(session.value(_CONNECTIONS))

    def disk(self, session: Session) -> tuple[int | None, int | None]:
        return int(session.value("SELECT pg_database_size(current_database())")), None

    def snapshot(self, *, directory: Path | None = None, workers: int = 1) -> Snapshot:
        return PostgreSQLSnapshot(self.settings)

    def freeze(self) -> AbstractContextManager[str]:
        with self.connect(read_only=True) as session:
            tables = [catalog.quote(t.name) for t in self.tables(session).values() if t.kind == "table"]
        return freeze(self.settings, tables)

    def render(self, column: Column, kind: Kind) -> str:
        return reading_.render(column, kind)

    def key_term(self, column: Column, kind: Kind) -> str:
        return reading_.key_term(column, kind)

    def boundaries(self, session: Session, reading: Reading, rows: int) -> list[Key]:
        keys = standard.boundaries(self, session, reading, rows)
        return [standard.canonical_key(reading, key) for key in keys]

    def lines(self, session: Session, reading: Reading, span: Range, *, limit: int | None = None) -> Iterator[bytes]:
        return reading_.lines(session, reading, span, standard.where(self, reading, span), limit)

    def raw(self, session: Session, reading: Reading, keys: Sequence[Key]) -> dict[Key, tuple[Any, ...]]:
        shown = [reading_.shown_key(c, k) for c, k in reading.key_columns]
        assert isinstance(session, PostgreSQLSession)
        names = [
            f"{catalog.quote(c.name)}::text" if k in (Kind.JSON, Kind.NATIVE, Kind.INET) else catalog.quote(c.name)
            for c, k in reading.columns
        ]
        if session.any_bytes:
            texts = {n for n, (_, k) in enumerate(reading.columns) if k is Kind.TEXT}
            names = [f"convert_to({name},'SQL_ASCII')" if n in texts else name for n, name in enumerate(names)]
        found: dict[Key, tuple[Any, ...]] = {}
        for start in range(0, len(keys), 500):
            condition = standard.with_keys(self, reading, keys[start : start + 500])
            sql = f"SELECT {','.join(shown + names)} FROM {catalog.quote(reading.table)} WHERE {condition}"
            for row in session.query(sql):
                found[standard.as_key(row[: len(shown)])] = tuple(row[len(shown) :])
        return found

    def stored(self, session: Session, table: Table) -> Iterator[tuple[Any, ...]]:
        """Types that SQLite does not have leave as the server's own text of them."""
        plain = {"smallint", "integer", "bigint", "double precision", "bytea", "text", "numeric"}
        columns = ",".join(self.quote(c.name) + ("" if c.type in plain else "::text") for c in table.columns)
        return session.stream(f"SELECT {columns} FROM {self.quote(table.name)}")

    def sample_keys(self, session: Session, reading: Reading, rows: int, seed: int) -> list[Key]:
        keys = standard.sample_keys(self, session, reading, rows, seed, "random()")
        return [standard.canonical_key(reading, key) for key in keys]

    def write(
        self, session: Session, table: Table, columns: Sequence[tuple[Column, Kind]], pieces: Iterable[bytes]
    ) -> int:
        return writing.write(session, table, columns, pieces)

    def write_path(self, session: Session) -> str:
        return "COPY"

    def prepare_writer(self, session: Session) -> None:
        writing.prepare_writer(session)

    def set_aside(self, tables: Sequence[Table]) -> list[SetAside]:
        return writing.set_aside(tables)

    def disable_triggers(self, tables: Sequence[Table]) -> list[SetAside]:
        return writing.disable_triggers(tables)

    def respelled(self, session: Session, thing: SchemaObject) -> SchemaObject:
        return writing.respelled(session, thing)

    def impatient(self, session: Session) -> None:
        session.execute("SET lock_timeout='30s'")

    def held(self, session: Session, tables: Sequence[str]) -> AbstractContextManager[None]:
        return leaving.held(session, tables)

    def leaning(self, session: Session, tables: Collection[str]) -> list[Leaning]:
        return leaving.leaning(session, tables)

    def drop_tables(self, session: Session, tables: Sequence[str]) -> None:
        leaving.drop_tables(session, tables)

    def clear(self, session: Session, tables: Sequence[str]) -> None:
        writing.clear(session, tables)

    def reset_sequences(self, session: Session, tables: Sequence[Table]) -> list[tuple[str, str, int]]:
        return writing.reset_sequences(session, tables)

    def colliding(
        self, session: Session, unique: SchemaObject, reading: Reading, limit: int = 20
    ) -> list[tuple[Key, ...]]:
        return standard.colliding(self, session, unique, reading, limit)

    def orphans(self, session: Session, foreign: SchemaObject, reading: Reading, limit: int = 20) -> list[Key]:
        return standard.orphans(self, session, foreign, reading, limit)
