"""PostgreSQL: one psycopg connection, its exported snapshot, and its freeze by share locks."""

from __future__ import annotations

import contextlib
import selectors
from collections.abc import Iterator
from typing import Any

from outgrow.dialects.base import Session, Settings, Snapshot
from outgrow.errors import Unreachable

psycopg: Any
pq: Any
try:
    import psycopg
    from psycopg import pq
except ImportError:  # said by connect(), when it matters
    psycopg = pq = None

APPLICATION = "outgrow"
_NOT_LIBPQ = {  # Django's own, and psycopg's
    "pool", "isolation_level", "assume_role", "server_side_binding", "conn_max_age",
    "autocommit", "context", "cursor_factory", "prepare_threshold", "row_factory",
}  # fmt: skip


class PostgreSQLSession(Session):
    """A session with fixed output formats, so that a value has one text."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.mark = str(connection.info.backend_pid)
        self.lent = False  # the snapshot's own session: whoever borrows it does not close it

    @property
    def any_bytes(self) -> bool:
        """Whether this database takes any bytes for text (SQL_ASCII): what is not UTF-8 must leave unconverted."""
        return bool(self.connection.info.parameter_status("server_encoding") == "SQL_ASCII")

    def execute(self, sql: str) -> int:
        return max(0, int(self.connection.execute(sql, prepare=False).rowcount))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql, prepare=False).fetchall()  # type: ignore[no-any-return]

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            yield from cursor.stream(sql)

    def copy_out(self, sql: str, piece: int) -> Iterator[bytes]:
        """COPY … TO STDOUT as pieces of about ``piece`` bytes, whole rows only.

        By libpq's own calls: psycopg's ``Copy`` runs a generator for each row, which costs 0.6 µs more of them.
        """
        connection = self.connection.pgconn
        started = connection.exec_(sql.encode())
        if started.status != pq.ExecStatus.COPY_OUT:
            raise psycopg.errors.error_from_result(started)
        held = bytearray()  # a list of libpq's memoryviews kept Python's collector at work for a third of verify's time
        state = 0
        with contextlib.ExitStack() as unfinished, selectors.DefaultSelector() as readable:
            unfinished.callback(self._abandon_copy)
            readable.register(connection.socket, selectors.EVENT_READ)
            while True:
                state, data = connection.get_copy_data(1)
                if state > 0:
                    held += data
                    if len(held) >= piece:
                        yield bytes(held)
                        held.clear()
                elif not state:
                    readable.select()
                    connection.consume_input()
                else:
                    break
            unfinished.pop_all()
        while (result := connection.get_result()) is not None:
            if result.status == pq.ExecStatus.FATAL_ERROR:
                raise psycopg.errors.error_from_result(result)
        if held:
            yield bytes(held)

    def _abandon_copy(self) -> None:
        """Nobody reads on: bring the connection back to idle, if it still lives."""
        self.cancel()
        connection = self.connection.pgconn
        with contextlib.suppress(psycopg.Error):
            while connection.get_copy_data(0)[0] >= 0:
                pass
            while connection.get_result() is not None:
                pass

    def begin(self) -> None:
        self.execute("BEGIN")

    def commit(self) -> None:
        self.execute("COMMIT")

    def rollback(self) -> None:
        with contextlib.suppress(Exception):
            if self.connection.info.transaction_status:  # 0 is idle
                self.execute("ROLLBACK")

    def cancel(self) -> None:
        with contextlib.suppress(Exception):
            self.connection.cancel_safe(timeout=5)

    def close(self) -> None:
        if not self.lent:
            with contextlib.suppress(Exception):
                self.connection.close()


def parameters(settings: Settings) -> dict[str, Any]:
    """libpq's parameters from a DATABASES entry."""
    options = dict(settings.get("OPTIONS") or {})
    found = {k: v for k, v in options.items() if k not in _NOT_LIBPQ}
    for key, name in (
        ("NAME", "dbname"),
        ("USER", "user"),
        ("PASSWORD", "password"),
        ("HOST", "host"),
        ("PORT", "port"),
    ):
        if settings.get(key):
            found[name] = str(settings[key])
    if not found.get("dbname") and "service" not in found:
        found["dbname"] = "postgres"
    found.setdefault("connect_timeout", 8)
    found["application_name"] = APPLICATION
    found["client_encoding"] = "UTF8"
    return found


def connect(settings: Settings, *, read_only: bool) -> PostgreSQLSession:
    if psycopg is None:
        raise Unreachable(
            "the PostgreSQL driver psycopg 3 is not installed, and it is needed to reach this database: "
            "run pip install 'django-outgrow[postgresql]'."
        )
    try:
        connection = psycopg.connect(**parameters(settings), autocommit=True, prepare_threshold=None)
    except (psycopg.Error, ValueError) as error:
        passing = any(word in str(error).lower() for word in _PASSING)
        raise Unreachable(_sentence(settings, str(error)), passing=passing) from None
    connection.add_notice_handler(lambda notice: None)
    session = PostgreSQLSession(connection)
    zone = str(settings.get("TIME_ZONE") or "UTC").replace("'", "")
    session.execute(
        "SET standard_conforming_strings=on;SET DateStyle='ISO, YMD';SET IntervalStyle='postgres';"
        f"SET TimeZone='{zone}';SET extra_float_digits=1;SET bytea_output='hex';SET statement_timeout=0;"
        "SET idle_in_transaction_session_timeout=0;SET lock_timeout=0;SET synchronize_seqscans=off;"
        "SET default_transaction_isolation='read committed';SET default_transaction_deferrable=off;"
        "SET row_security=off;SET jit=off"  # a chunk's query is too short to repay its compilation
    )
    role = (settings.get("OPTIONS") or {}).get("assume_role")
    if role:
        session.execute('SET ROLE "' + str(role).replace('"', '""') + '"')
    if read_only:
        session.execute("SET default_transaction_read_only=on")
    return session


_REASONS = (
    (
        ("password authentication failed", "no password supplied", "fe_sendauth"),
        "refused the password or the user name: check USER and PASSWORD",
    ),
    (("does not exist",), "has no such database or user: create it or correct the name"),
    (
        ("could not translate host", "name or service", "nodename", "resolve", "getaddrinfo"),
        "has a host name that does not resolve: correct HOST",
    ),
    (
        ("connection refused", "no such file or directory"),
        "does not answer, nothing listens there: start the server or correct HOST and PORT",
    ),
    (
        ("timeout", "timed out"),
        "does not answer in time, a firewall may drop the port: open the way or correct HOST and PORT",
    ),
    (("pg_hba.conf", "ssl"), "refuses this client by its access rules: allow it in pg_hba.conf or set sslmode"),
    (("too many clients", "connection slots"), "has no free connection: raise max_connections or close some"),
    (("starting up", "not yet accepting", "recovery mode"), "is still starting: wait until it answers"),
    (("shutting down",), "is shutting down: start it again"),
)
_PASSING = (
    "starting up", "not yet accepting", "recovery mode", "shutting down", "connection refused", "no such file",
    "could not translate host", "name or service", "nodename", "resolve", "getaddrinfo", "timeout", "timed out",
    "too many clients", "connection slots", "closed the connection", "network is unreachable", "no route to host",
)  # fmt: skip


def _sentence(settings: Settings, text: str) -> str:
    where = f"PostgreSQL database {settings.get('NAME') or '(default)'} on {settings.get('HOST') or 'the local socket'}"
    where += f":{settings['PORT']}" if settings.get("PORT") else ""
    for words, sentence in _REASONS:
        if any(word in text.lower() for word in words):
            return f"{where} {sentence}."
    return f"{where} cannot be opened ({text.strip().splitlines()[0]}): check the DATABASES entry or the URL."


class PostgreSQLSnapshot(Snapshot):
    """One exported snapshot that every session adopts."""

    description = "one exported snapshot for all sessions"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.owner = connect(settings, read_only=True)
        self.owner.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self.token: str | None = None
        try:
            self.token = str(self.owner.value("SELECT pg_export_snapshot()"))
        except psycopg.Error:  # a standby cannot export one
            self.owner.rollback()
            self.owner.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            self.sessions = 1
            self.owner.lent = True
            self.description = "one transaction feeds all workers (this server exports no snapshot)"

    def session(self) -> PostgreSQLSession:
        if self.token is None:
            return self.owner
        session = connect(self.settings, read_only=True)
        session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        session.execute(f"SET TRANSACTION SNAPSHOT '{self.token}'")
        return session

    def close(self) -> None:
        self.owner.lent = False
        self.owner.rollback()
        self.owner.close()


@contextlib.contextmanager
def freeze(settings: Settings, tables: list[str]) -> Iterator[str]:
    """Share locks on every table: readers go on, writers wait; the locks go with the connection, whatever happens."""
    session = connect(settings, read_only=False)
    try:
        session.begin()
        session.execute("SET LOCAL lock_timeout='30s'")
        if tables:
            session.execute(f"LOCK TABLE {','.join(tables)} IN SHARE MODE")
        yield "share locks are held on every table; writers wait until the move ends"
    finally:
        session.rollback()
        session.close()
