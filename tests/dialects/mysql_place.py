"""A fresh database on MySQL or MariaDB, with the dialect that opened it. Imported by the test_mysql_* modules."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import dj_database_url
import MySQLdb
import pytest

from outgrow.dialects.base import Column, Range, Reading, Table
from outgrow.dialects.mysql import MySQL, open_dialect, writing
from outgrow.dialects.mysql.session import MySQLSession
from outgrow.lines import Digest, Kind, digest, normalisers
from tests import engines
from tests.conftest import require

_OWN: dict[str, engines.PrivateServer] = {}


@cache
def own_server(engine: str) -> engines.PrivateServer:
    """A server of this process, whose global variables a test may set; local files are let in."""
    require(engine)
    _OWN[engine] = engines.start_private(engine, {"local_infile": "ON"})
    return _OWN[engine]


@dataclass
class Place:
    """One database of its own."""

    engine: str
    server: engines.PrivateServer
    url: str
    dialect: MySQL
    session: MySQLSession
    opened: list[Any] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, Any]:
        return dict(self.dialect.settings)

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.session.execute(statement)

    def insert(self, table: str, rows: Iterable[tuple[Any, ...]], mode: str = "STRICT_ALL_TABLES") -> None:
        """Rows by the driver's own parameters, as an application writes them."""
        connection = self.driver()
        cursor = connection.cursor()
        cursor.execute(f"SET SESSION sql_mode='{mode}', time_zone='+00:00'")
        rows = list(rows)
        cursor.executemany(f"INSERT INTO `{table}` VALUES ({','.join(['%s'] * len(rows[0]))})", rows)
        connection.commit()

    def driver(self) -> Any:
        server = self.server
        connection = MySQLdb.connect(
            host=server.host, port=server.port, user=server.user, password=server.password,
            database=self.url.rpartition("/")[2], charset="utf8mb4",
        )  # fmt: skip
        self.opened.append(connection)
        return connection

    def another(self, *, read_only: bool = False) -> MySQLSession:
        session = self.dialect.connect(read_only=read_only)
        self.opened.append(session)
        return session

    def table(self, name: str = "t") -> Table:
        return self.dialect.tables(self.session)[name]

    def reading(self, name: str = "t", **hints: Kind) -> Reading:
        table = self.table(name)
        return Reading(name, tuple((c, self.dialect.kind(c, hints.get(c.name))) for c in table.columns), table.key)

    def lines(self, reading: Reading, span: Range | None = None, **options: Any) -> bytes:
        return b"".join(self.dialect.lines(self.session, reading, span or Range(), **options))

    def cells(self, column: str, hint: Kind | None = None, name: str = "t") -> list[bytes]:
        """The rendered cells of one column, in the order of the key."""
        table = self.table(name)
        chosen = table.column(column)
        assert chosen is not None
        key = next(c for c in table.columns if c.name == table.key[0])
        kind = self.dialect.kind(chosen, hint)
        reading = Reading(name, ((key, Kind.INTEGER), (chosen, kind)), table.key)
        found = [line.split(b"\t") for line in self.lines(reading).split(b"\n")[:-1]]
        return [cell for _, cell in sorted((int(k), v) for k, v in found)]

    def digest(self, reading: Reading, span: Range | None = None) -> Digest:
        return digest(self.lines(reading, span), normalisers(reading.kinds))

    def write(self, reading: Reading, pieces: Iterable[bytes], *, path: str = "load", session: Any = None) -> int:
        """Load and commit; a failure rolls back."""
        session = session or self.session
        columns: list[tuple[Column, Kind]] = list(reading.columns)
        way = {"load": writing._load, "insert": writing._insert}[path]
        session.begin()
        try:
            rows = way(session, self.table(reading.table), columns, pieces)
            session.commit()
        except BaseException:
            session.rollback()
            raise
        return rows


@contextlib.contextmanager
def made(engine: str, **options: str) -> Iterator[Place]:
    server = own_server(engine)
    url = server.create_database(**options)
    settings = dj_database_url.parse(url)
    dialect = open_dialect(settings)
    session = dialect.connect()
    place = Place(engine, server, url, dialect, session)
    try:
        yield place
    finally:
        for thing in [*place.opened, session]:
            with contextlib.suppress(Exception):
                thing.close()
        server.drop_database(url)


@pytest.fixture(params=["mysql", "mariadb"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with made(request.param) as fresh:
        yield fresh


@pytest.fixture
def mysql_place() -> Iterator[Place]:
    with made("mysql") as fresh:
        yield fresh


@pytest.fixture
def mariadb_place() -> Iterator[Place]:
    with made("mariadb") as fresh:
        yield fresh
