"""MySQL and MariaDB: one mysqlclient connection with a fixed mode, zone and character set.

Below Django's wrapper: no converters, no router. SQL is sent as bytes, so ``%`` and ``?`` mean themselves.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping
from decimal import Decimal
from importlib import import_module
from typing import Any

from outgrow.dialects.base import Session, Settings
from outgrow.errors import Unreachable

MySQLdb: Any = None
_mysql: Any = None
CLIENT: Any = None
FIELD_TYPE: Any = None
try:
    MySQLdb = import_module("MySQLdb")
    _mysql = import_module("MySQLdb._mysql")
    CLIENT = import_module("MySQLdb.constants.CLIENT")
    FIELD_TYPE = import_module("MySQLdb.constants.FIELD_TYPE")
except ImportError:  # said by connect(), when it matters; PyMySQL's stand-in ends up here as well
    MySQLdb = None

FETCH = 1000
NO_ROWS = 2**64 - 1  # what affected_rows() says of a statement that returns rows
SQL_MODE = (
    "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_VALUE_ON_ZERO,"
    "NO_ENGINE_SUBSTITUTION"
)
_SESSION = {
    "sql_mode": f"'{SQL_MODE}'",
    "time_zone": "'+00:00'",
    "foreign_key_checks": "1",
    "unique_checks": "1",
    "sql_notes": "1",  # a note is how a cut decimal is told
    "autocommit": "1",  # a server may switch it off, and the driver trusts a greeting that does not say so
    "sql_safe_updates": "0",
    "sql_quote_show_create": "1",
    "wait_timeout": "86400",
    "net_read_timeout": "3600",  # a reader or feeder that waits for the other side is not dead
    "net_write_timeout": "3600",
}
_MYSQL = {"information_schema_stats_expiry": "0", "max_execution_time": "0"}
_MYSQL_WRITER = {
    "innodb_ddl_buffer_size": str(64 << 20)
}  # an index of 300,000 rows takes a quarter less CPU than by 1 MB
_MARIADB = {"max_statement_time": "0", "idle_transaction_timeout": "0", "idle_readonly_transaction_timeout": "0"}
_UNKNOWN_VARIABLE, _NEEDS_RIGHTS = 1193, 1227

_own: set[int] = set()
"""Connection ids of this process, which are nobody's writers."""


class MySQLSession(Session):
    """A session; ``mariadb`` and ``version`` are what the live server said."""

    def __init__(self, connection: Any, settings: Settings) -> None:
        self.connection = connection
        self.settings = settings
        self.id = int(connection.thread_id())
        self.text_version = str(connection.get_server_info())
        self.mariadb = "mariadb" in self.text_version.lower()
        _own.add(self.id)

    def __enter__(self) -> MySQLSession:
        return self

    def execute(self, sql: str) -> int:
        return self.send(sql.encode())

    def send(self, sql: bytes) -> int:
        """Run a statement of bytes; returns the rows it changed or matched."""
        self.connection.query(sql)
        result = self.connection.store_result()
        rows = int(self.connection.affected_rows())
        return 0 if result is not None or rows == NO_ROWS else rows

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        self.connection.query(sql.encode())
        result = self.connection.store_result()
        return list(result.fetch_row(0, 0)) if result is not None else []

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        self.connection.query(sql.encode())
        result = self.connection.use_result()
        try:
            while rows := result.fetch_row(FETCH, 0):
                yield from rows
        finally:
            result.discard()

    def unbuffered(self, sql: str, converters: Mapping[int, Any] | None = None) -> Any:
        """An unbuffered result; without converters every value is bytes as the server sent it."""
        self.connection.query(sql.encode())
        return _mysql.result(self.connection, 1, dict(converters or {}))

    def typed(self, sql: str, converters: Mapping[int, Any]) -> list[tuple[Any, ...]]:
        """All rows with converters of one's own."""
        self.connection.query(sql.encode())
        return list(_mysql.result(self.connection, 0, {**self.connection.converter, **converters}).fetch_row(0, 0))

    def processes(self) -> list[tuple[int, str, str, str, str, str]]:
        """(id, user, host, database, command, seconds) of each connection that this user may see.

        information_schema.processlist fails for everybody while one connection runs a statement with bytes that are
        not UTF-8 (error 3854, MySQL 9.7); SHOW sends the text of statements as it is.
        """
        rows = self.unbuffered("SHOW PROCESSLIST").fetch_row(0, 0)
        texts = ([(cell or b"").decode("utf-8", "replace") for cell in row[:6]] for row in rows)
        return sorted((int(id_), user, host, name, command, time) for id_, user, host, name, command, time in texts)

    def warnings(self) -> list[tuple[str, int, str]]:
        """(level, code, message) of the last statement; the server keeps the first 64 or 1,024 of them."""
        return [(str(a), int(b), str(c)) for a, b, c in self.query("SHOW WARNINGS")]

    def begin(self) -> None:
        self.execute("START TRANSACTION")

    def commit(self) -> None:
        self.execute("COMMIT")

    def rollback(self) -> None:
        with contextlib.suppress(Exception):
            self.execute("ROLLBACK")

    def cancel(self) -> None:
        with contextlib.suppress(Exception):
            other = connect(self.settings)
            with other:
                other.execute(f"KILL QUERY {self.id}")

    def close(self) -> None:
        _own.discard(self.id)
        with contextlib.suppress(Exception):
            self.connection.close()


# -- connecting -------------------------------------------------------------------------------------------------------
_FROM_OPTIONS = (
    "host", "user", "password", "database", "port", "unix_socket", "ssl", "ssl_mode", "read_default_file",
    "read_default_group", "connect_timeout", "auth_plugin", "server_public_key_path", "compress", "init_command",
)  # fmt: skip
_ALIASES = {"db": "database", "passwd": "password"}


def parameters(settings: Settings) -> dict[str, Any]:
    """mysqlclient's arguments from a DATABASES entry; what Django adds for its own sake is left out."""
    options = {_ALIASES.get(k, k): v for k, v in (settings.get("OPTIONS") or {}).items()}
    found = {k: options[k] for k in _FROM_OPTIONS if k in options}
    host = str(settings.get("HOST") or "")
    for key, name in (("NAME", "database"), ("USER", "user"), ("PASSWORD", "password")):
        if settings.get(key):
            found[name] = str(settings[key])
    if host:
        found["unix_socket" if host.startswith("/") else "host"] = host
    if settings.get("PORT"):
        found["port"] = int(settings["PORT"])
    found.setdefault("connect_timeout", 5)
    return found


def connect(settings: Settings, *, read_only: bool = False, local_infile: bool = False) -> MySQLSession:
    if MySQLdb is None:
        raise Unreachable(
            "the driver mysqlclient is not installed (PyMySQL's stand-in cannot load files), and it is needed to reach "
            "MySQL and MariaDB: run pip install 'django-outgrow[mysql]'."
        )
    try:
        connection = MySQLdb.connect(
            **parameters(settings), conv=_converters(), charset="utf8mb4", use_unicode=True, autocommit=True,
            client_flag=CLIENT.FOUND_ROWS, multi_statements=False, local_infile=int(local_infile),
        )  # fmt: skip
    except (MySQLdb.Error, TypeError, ValueError) as error:
        passing = bool(error.args) and error.args[0] in _PASSING
        raise Unreachable(_sentence(settings, error), passing=passing) from None
    session = MySQLSession(connection, settings)
    _prepare(session, read_only)
    return session


def _converters() -> dict[int, Any]:
    """Numbers as numbers; dates as the text that the server sent; texts and bytes are told apart by mysqlclient."""
    numbers = dict.fromkeys(
        (FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG, FIELD_TYPE.YEAR),
        int,
    )
    dates = dict.fromkeys((FIELD_TYPE.DATE, FIELD_TYPE.TIME, FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP), str)
    return {
        **numbers,
        **dates,
        FIELD_TYPE.FLOAT: float,
        FIELD_TYPE.DOUBLE: float,
        FIELD_TYPE.DECIMAL: Decimal,
        FIELD_TYPE.NEWDECIMAL: Decimal,
    }


def _prepare(session: MySQLSession, read_only: bool) -> None:
    wanted = {**_SESSION, **(_MARIADB if session.mariadb else _MYSQL)}
    if not (read_only or session.mariadb):
        wanted |= _MYSQL_WRITER
    try:
        session.execute("SET SESSION " + ",".join(f"{name}={value}" for name, value in wanted.items()))
    except MySQLdb.Error:
        for name, value in wanted.items():  # an old or restricted server lacks some
            try:
                session.execute(f"SET SESSION {name}={value}")
            except MySQLdb.Error as error:
                if error.args[0] not in (_UNKNOWN_VARIABLE, _NEEDS_RIGHTS):
                    raise
    session.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    if read_only:
        session.execute("SET SESSION TRANSACTION READ ONLY")
    # A lock's holder can be looked up by name, and a name is never used twice (a connection's id is, after a restart).
    session.mark = f"outgrow-{secrets.token_hex(12)}"
    session.value(f"SELECT GET_LOCK('{session.mark}',0)")


_REASONS: dict[int, tuple[str, str]] = {
    1045: ("refused the password or the user name", "check USER and PASSWORD"),
    1698: ("refused the password or the user name", "check USER and PASSWORD"),
    1044: ("does not let this user into the database", "grant the user rights on it"),
    1049: ("has no such database", "create it or correct NAME"),
    1040: ("has no free connection", "raise max_connections or close some"),
    1203: ("has no free connection for this user", "raise max_user_connections or close some"),
    1129: ("has blocked this host after many connection errors", "run FLUSH HOSTS on the server"),
    1130: ("does not let this host in", "grant the user access from this host"),
    1251: ("asks for a login that this client does not know", "install a newer client library"),
    2059: ("asks for a login that this client does not know", "install a newer client library"),
    2061: ("asks for an encrypted login", 'add "ssl_mode": "REQUIRED" or server_public_key_path to OPTIONS'),
    2005: ("has a host name that does not resolve", "correct HOST"),
    2026: ("cannot agree with this client on encryption", "check ssl and ssl_mode in OPTIONS"),
    2013: ("does not answer in time", "open the way through firewalls or correct HOST and PORT"),
    1227: ("refuses this login", "check the user's rights"),
}
_PASSING = (1040, 1053, 1203, 2002, 2003, 2005, 2006, 2013)  # 1053: it is shutting down
_NO_ANSWER = (
    (("unknown host", "unknown mysql server host", "unknown server host"), _REASONS[2005]),
    (("timed out", "timeout", "(110", "(4)"), _REASONS[2013]),
    (("refused", "(111", "(115", "(2)", "no such file"),  # 115 is how libmariadb passes a refusal on
     ("does not answer, nothing listens there", "start the server or correct HOST and PORT")),
)  # fmt: skip


def where(settings: Settings) -> str:
    """The database in words, without a secret."""
    found = parameters(settings)
    place = found.get("unix_socket") or found.get("host") or "the default host"
    return f"the database {found.get('database') or '(default)'} on {place}" + (
        f":{found['port']}" if "port" in found and "unix_socket" not in found else ""
    )


def _sentence(settings: Settings, error: BaseException) -> str:
    code = error.args[0] if error.args else 0
    text = str(error.args[1]) if len(error.args) > 1 else str(error)
    reason = _REASONS.get(code) if isinstance(code, int) else None
    if code in (2002, 2003, 2005):
        reason = next((r for words, r in _NO_ANSWER if any(w in text.lower() for w in words)), reason)
    if reason is None:
        secret = str(parameters(settings).get("password") or "")
        reason = (f"cannot be opened ({text.replace(secret, '***') if secret else text})", "check the DATABASES entry")
    return f"{where(settings)} {reason[0]}: {reason[1]}."


def own_ids() -> frozenset[int]:
    return frozenset(_own)
