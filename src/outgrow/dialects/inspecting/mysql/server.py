"""MySQL and MariaDB: version, what the server is set to, storage, counters of keys, and whether it is a replica."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from outgrow.dialects.base import Session
from outgrow.dialects.inspecting import django, headroom, versions
from outgrow.dialects.inspecting.base import Inspection, Said, failed, good, warning
from outgrow.dialects.inspecting.clock import between
from outgrow.dialects.inspecting.mysql.lasting import lasting
from outgrow.dialects.inspecting.words import listed
from outgrow.dialects.mysql.session import MySQLSession

PACKET = 16 << 20  # bytes: the server's default since 2016, and more than a row of most projects
_NOT_TRANSACTIONAL = """
SELECT t.table_name, t.engine FROM information_schema.tables t JOIN information_schema.engines e ON e.engine = t.engine
WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' AND e.transactions = 'NO' ORDER BY 1
"""
_COUNTERS = """
SELECT c.table_name, c.column_name, c.column_type, t.auto_increment FROM information_schema.columns c
JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema = DATABASE() AND c.extra LIKE '%auto_increment%' AND t.auto_increment IS NOT NULL
"""
_MOST = {"tinyint": 2**7, "smallint": 2**15, "mediumint": 2**23, "int": 2**31, "bigint": 2**63}


class Server(Inspection):
    def connections(self, session: Session) -> tuple[str, int, int] | None:
        server, user = session.query("SELECT @@max_connections, @@max_user_connections")[0]
        in_use = session.query("SHOW GLOBAL STATUS LIKE 'Threads_connected'")[0][1]
        where = self.address()
        return (f"mysql {where}", min(int(server), int(user)) if int(user) else int(server), int(in_use))

    def version(self, session: Session) -> Iterator[Said]:
        assert isinstance(session, MySQLSession)
        name = "MariaDB" if session.mariadb else "MySQL"
        text = session.text_version.removeprefix("5.5.5-")  # what old clients were to believe
        live = tuple(int(part) for part in text.split("-")[0].split(".")[:3] if part.isdigit())
        least = django.least_version(self.settings, mariadb=session.mariadb)
        yield versions.judged(f"The server is {name}", live, least, "upgrade the server")

    def isolation(self, session: Session) -> Iterator[Said]:
        assert isinstance(session, MySQLSession)
        variable = "tx_isolation" if session.mariadb else "transaction_isolation"
        level = str(session.value(f"SELECT @@{variable}")).replace("-", " ").lower()
        if level == "read committed":
            yield good("transactions are read committed, as Django expects")
        else:
            yield warning(
                f"Transactions are {level}, and Django's own code expects read committed (its default): "
                "get_or_create() and its like may not see what another transaction has just written.",
                '"OPTIONS": {"isolation_level": "read committed"},',
            )
        if session.value("SELECT @@read_only") and self.most_lag is None:
            yield failed(
                "The server is read-only, and the settings would write to it: it is a replica, or was locked; "
                "correct HOST.",
                "SET GLOBAL read_only = 0;",
            )

    def time_zones(self, session: Session) -> Iterator[Said]:
        zone = django.time_zone()
        if session.value(f"SELECT CONVERT_TZ('2001-02-03 04:05:06','UTC','{zone}')") is None:
            assert isinstance(session, MySQLSession)
            load = "mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql -u root mysql"
            if session.mariadb:
                load = "mariadb-tzinfo-to-sql /usr/share/zoneinfo | mariadb -u root mysql"
            if zone == "UTC":  # Django converts nothing from UTC to UTC
                yield warning(
                    "The server has no time zone tables, so that CONVERT_TZ is NULL: lookups by date fail or find "
                    "nothing as soon as a request activates another zone than UTC; load them.",
                    load,
                )
            else:
                yield failed(
                    f"The server's time zone tables do not have UTC and {zone}, so that CONVERT_TZ is NULL and lookups "
                    "by date fail or find nothing: load them.",
                    load,
                )
        else:
            yield good(f"the server converts UTC to {zone}")

    def packet(self, session: Session) -> Iterator[Said]:
        size = int(session.value("SELECT @@max_allowed_packet"))
        if size < PACKET:
            yield warning(
                f"max_allowed_packet is {size / (1 << 20):.3g} MB: a row that is larger is refused ('packet bigger "
                "than'); 16 MB is the server's own default.",
                f"SET GLOBAL max_allowed_packet = {PACKET};",
            )
        else:
            yield good(f"a row may have {size >> 20} MB")

    def local_infile(self, session: Session) -> Iterator[Said]:
        if session.value("SELECT @@local_infile"):
            yield good("bulk loading (local_infile) is allowed")
        else:
            yield warning(
                "local_infile is off: nothing else needs it, but a move into this server is several times slower; "
                "switch it on while one runs.",
                "SET GLOBAL local_infile = 1;",
            )

    def storage(self, session: Session) -> Iterator[Said]:
        default = session.value("SELECT @@default_storage_engine")
        tables = session.query(_NOT_TRANSACTIONAL)
        if tables:
            yield failed(
                f"{listed([f'{table} ({engine})' for table, engine in tables])} cannot roll back and keep no foreign "
                "keys: convert them.",
                *(f"ALTER TABLE `{table}` ENGINE = InnoDB;" for table, _ in tables[:3]),
            )
        if default != "InnoDB":
            yield warning(
                f"New tables get the storage engine {default}: InnoDB is expected.",
                lasting(session, "default_storage_engine", "'InnoDB'"),
            )
        if not tables and default == "InnoDB":
            yield good("every table is InnoDB")

    def clock(self, session: Session) -> Iterator[Said]:
        def ask() -> datetime:
            micros = int(session.value("SELECT TIMESTAMPDIFF(MICROSECOND,'1970-01-01',UTC_TIMESTAMP(6))"))
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)

        yield between(ask)

    def durability(self, session: Session) -> Iterator[Said]:
        flushes, doubles = session.query("SELECT @@innodb_flush_log_at_trx_commit, @@innodb_doublewrite")[0]
        if int(flushes) != 1:
            yield warning(
                f"innodb_flush_log_at_trx_commit is {flushes}, so that a crash of the machine loses commits: 1 is "
                "expected.",
                lasting(session, "innodb_flush_log_at_trx_commit", "1"),
            )
        elif str(doubles) in ("0", "OFF"):
            yield warning(
                "innodb_doublewrite is off, so that a crash of the machine loses pages: write innodb_doublewrite = ON "
                "into [mysqld] of the server's configuration, and start it again."
            )
        else:
            yield good("a commit is on the disk when it is acknowledged")

    def headroom(self, session: Session) -> Iterator[Said]:
        yield from headroom.judge(
            (
                headroom.Counter(table, column, kind, int(following) - 1, _most(kind))
                for table, column, kind, following in session.query(_COUNTERS)
            ),
            lambda counter: f"ALTER TABLE `{counter.table}` MODIFY `{counter.column}` bigint AUTO_INCREMENT;",
        )

    def role(self, session: Session) -> Iterator[Said]:
        state = _replication(session)
        if self.most_lag is None:
            yield good(
                "this is a primary" if state is None else "this is a primary that follows another server as well"
            )
        elif state is None:
            if self._may_ask(session):
                yield failed(
                    "The settings call this a replica, and it follows nobody: it was promoted, or HOST is wrong; what "
                    "is written to the primary does not come here."
                )
            else:
                yield warning(
                    "This login may not see the replication's state, so the replica's lag is unknown: grant it.",
                    f"GRANT REPLICATION CLIENT ON *.* TO {_account(session)};",
                )
        else:
            yield _judged(state, self.most_lag)

    def _may_ask(self, session: Session) -> bool:
        try:
            session.query("SHOW REPLICA STATUS")
        except Exception:
            return False
        return True


def _account(session: Session) -> str:
    return "@".join(f"'{part}'" for part in str(session.value("SELECT CURRENT_USER()")).rsplit("@", 1))


def _replication(session: Session) -> Mapping[str, Any] | None:
    """The first row of SHOW REPLICA STATUS by column; None for a server that follows nobody, or does not tell."""
    with contextlib.suppress(Exception):
        connection = session.connection  # type: ignore[attr-defined]
        connection.query(b"SHOW REPLICA STATUS")
        result = connection.store_result()
        rows = result.fetch_row(0, 1)
        return dict(rows[0]) if rows else None
    return None


def _judged(state: Mapping[str, Any], most: float) -> Said:
    def of(*names: str) -> Any:
        return next((state[name] for name in names if name in state), None)

    reads, applies = of("Replica_IO_Running", "Slave_IO_Running"), of("Replica_SQL_Running", "Slave_SQL_Running")
    if applies != "Yes":
        return failed(
            f"The replica has stopped applying ({of('Last_SQL_Error') or 'no error is told'}): mend that, and start "
            "it.",
            "START REPLICA;",
        )
    if reads != "Yes":
        return failed(
            f"The replica does not reach its primary ({of('Last_IO_Error') or 'it was stopped'}): mend that, and "
            "start it.",
            "START REPLICA;",
        )
    lag = of("Seconds_Behind_Source", "Seconds_Behind_Master")
    if lag is not None and float(lag) > most:
        return warning(
            f"The replica is {float(lag):.0f} s behind its primary, more than the {most:g} s after which the router "
            "leaves it alone: see its load and the network."
        )
    return good("a replica that follows its primary")


def _most(kind: str) -> int:
    end = _MOST[kind.split("(")[0].split(" ")[0]]
    return end * 2 - 1 if "unsigned" in kind else end - 1
