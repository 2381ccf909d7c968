"""A primary and its replica, both private: a test may pause the replay, kill either and look at what is read.

PostgreSQL streams (pg_basebackup), MySQL and MariaDB replicate by GTID. A pair starts in a few seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.engines import private
from tests.engines.server import PrivateServer

_GTID = {
    "mysql": {"gtid-mode": "ON", "enforce-gtid-consistency": "ON", "log-bin": "1"},
    "mariadb": {"log-bin": "1", "binlog-format": "ROW", "gtid-strict-mode": "1"},
}
_PAUSE = {
    "postgresql": ("SELECT pg_wal_replay_pause()", "SELECT pg_wal_replay_resume()"),
    "mysql": ("STOP REPLICA SQL_THREAD", "START REPLICA SQL_THREAD"),
    "mariadb": ("STOP SLAVE SQL_THREAD", "START SLAVE SQL_THREAD"),
}


@dataclass
class Pair:
    """Two servers of one engine; the second follows the first."""

    engine: str
    primary: PrivateServer
    replica: PrivateServer

    def pause(self) -> None:
        """The replica takes in the log and replays none of it: it serves the past."""
        self.replica.sql(_PAUSE[self.engine][0])
        if self.engine == "postgresql":  # the request is one thing, the pause another
            self._until(lambda: self.replica.sql("SELECT pg_get_wal_replay_pause_state()")[0][0] == "paused")

    def go_on(self) -> None:
        """The replica catches up."""
        self.replica.sql(_PAUSE[self.engine][1])

    def wait(self) -> None:
        """Until the replica holds what the primary holds now."""
        self.primary.sql("CREATE TABLE IF NOT EXISTS outgrow_mark (moment bigint)", self.database)
        mark = time.monotonic_ns()
        self.primary.sql(f"INSERT INTO outgrow_mark VALUES ({mark})", self.database)

        def arrived() -> bool:
            try:
                return bool(self.replica.sql(f"SELECT 1 FROM outgrow_mark WHERE moment={mark}", self.database))
            except Exception:  # the database or the table is still to come
                return False

        self._until(arrived)

    @property
    def database(self) -> str:
        """A database that is there from the beginning."""
        return "app"

    @property
    def urls(self) -> tuple[str, str]:
        """Of the application's database: the primary's and the replica's."""
        return self.primary.url(self.database), self.replica.url(self.database)

    def _until(self, true: Callable[[], bool], seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                raise RuntimeError(f"the {self.engine} replica does not follow: {self.replica.log()[-2000:]}")
            time.sleep(0.01)


@contextmanager
def pair(engine: str) -> Iterator[Pair]:
    """Start both, with an empty database "app"; they end with the block."""
    with private.start(engine, _options(engine, 1), durable=False) as primary:
        primary.create_database("app")
        with _follower(primary) as replica:
            made = Pair(engine, primary, replica)
            made.wait()
            yield made


def _follower(primary: PrivateServer) -> PrivateServer:
    if primary.engine == "postgresql":
        return private.start("postgresql", {}, durable=False, of=primary)
    replica = private.start(primary.engine, _options(primary.engine, 2), durable=False)
    login = (primary.host, primary.port, primary.user, primary.password)
    if primary.engine == "mysql":
        replica.sql(
            "CHANGE REPLICATION SOURCE TO SOURCE_HOST='{}', SOURCE_PORT={}, SOURCE_USER='{}', SOURCE_PASSWORD='{}', "
            "SOURCE_AUTO_POSITION=1, SOURCE_CONNECT_RETRY=1, GET_SOURCE_PUBLIC_KEY=1".format(*login)
        )
        replica.sql("START REPLICA")
        replica.sql("SET GLOBAL super_read_only=ON")
    else:
        replica.sql(
            "CHANGE MASTER TO MASTER_HOST='{}', MASTER_PORT={}, MASTER_USER='{}', MASTER_PASSWORD='{}', "
            "MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1".format(*login)
        )
        replica.sql("START SLAVE")
        replica.sql("SET GLOBAL read_only=ON")
    return replica


def _options(engine: str, number: int) -> dict[str, str]:
    return {**_GTID[engine], "server-id": str(number)} if engine in _GTID else {}
