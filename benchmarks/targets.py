"""The servers of a run: private, alike for every competitor, and written into the results with their settings."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests import engines

ENGINES = engines.SERVERS
# LOAD DATA LOCAL needs the server's leave, which MySQL does not give by default; all else is as the server comes.
_OPTIONS: Mapping[str, Mapping[str, str]] = {
    "postgresql": {},
    "mysql": {"local_infile": "ON"},
    "mariadb": {"local_infile": "ON"},
}
_TOLD = {
    "postgresql": ("shared_buffers", "maintenance_work_mem", "max_wal_size", "fsync", "synchronous_commit",
                   "full_page_writes", "max_parallel_maintenance_workers", "io_method"),
    "mysql": ("innodb_buffer_pool_size", "innodb_redo_log_capacity", "innodb_flush_log_at_trx_commit",
              "innodb_doublewrite", "sync_binlog", "log_bin", "local_infile", "innodb_ddl_buffer_size"),
    "mariadb": ("innodb_buffer_pool_size", "innodb_log_file_size", "innodb_flush_log_at_trx_commit",
                "innodb_doublewrite", "sync_binlog", "log_bin", "local_infile", "innodb_alter_copy_bulk"),
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """One server and what a competitor needs to know of it."""

    server: engines.Server
    durable: bool

    @property
    def engine(self) -> str:
        return self.server.engine

    @contextmanager
    def fresh(self, **options: str) -> Iterator[str]:
        """The URL of an empty database, dropped afterwards."""
        url = self.server.create_database(**options)
        try:
            yield url
        finally:
            with contextlib.suppress(Exception):
                self.server.drop_database(url)

    def facts(self) -> dict[str, Any]:
        names = ",".join(f"'{name}'" for name in _TOLD[self.engine])
        if self.engine == "postgresql":
            statement = f"SELECT name, current_setting(name) FROM pg_settings WHERE name IN ({names})"
        else:
            statement = f"SHOW GLOBAL VARIABLES WHERE Variable_name IN ({names})"
        return {
            "engine": self.engine,
            "version": self.server.version,
            "origin": self.server.origin,
            "flushed to disk at each commit": self.durable,
            "settings": dict(sorted((str(a), str(b)) for a, b in self.server.sql(statement))),
        }

    def rest(self) -> None:
        """Between two measurements: what one left to be written must not slow the next one."""
        if self.engine == "postgresql":
            self.server.sql("CHECKPOINT")

    def counts(self, url: str, tables: Iterator[str] | list[str], schema: str = "") -> dict[str, int]:
        """Rows by table, counted by the server."""
        mark = '"' if self.engine == "postgresql" else "`"
        prefix = f"{mark}{schema}{mark}." if schema else ""
        with closing(self.server.connect(name_of(url))) as connection:
            cursor = connection.cursor()
            found = {}
            for table in tables:
                cursor.execute(f"SELECT count(*) FROM {prefix}{mark}{table}{mark}")
                found[table] = cursor.fetchone()[0]
        return found


def name_of(url: str) -> str:
    return urlsplit(url).path.strip("/")


@contextmanager
def started(engine: str, *, durable: bool) -> Iterator[Target]:
    """A server of our own with the same settings for all that is measured on it."""
    with engines.start_private(engine, _OPTIONS[engine], durable=durable) as server:
        yield Target(server, durable)
