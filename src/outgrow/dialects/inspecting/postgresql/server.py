"""PostgreSQL: version, encodings, what the server is set to, sequences, and whether it is a replica."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime

from outgrow.dialects.base import Session
from outgrow.dialects.inspecting import django, headroom, versions
from outgrow.dialects.inspecting.base import Inspection, Said, failed, good, warning
from outgrow.dialects.inspecting.clock import between
from outgrow.dialects.inspecting.words import listed
from outgrow.dialects.postgresql import PostgreSQL

_ENCRYPTED = "SELECT ssl, version, cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
_COLLATION = """
SELECT datcollate, datcollversion, pg_database_collation_actual_version(oid) FROM pg_database
WHERE datname = current_database()
"""
_PUBLIC = """
SELECT has_schema_privilege('public', 'public', 'CREATE') FROM pg_namespace WHERE nspname = 'public'
"""
_SEQUENCES = """
SELECT t.relname, a.attname, format_type(a.atttypid, NULL), s.last_value,
       least(s.max_value, CASE format_type(a.atttypid, NULL)
             WHEN 'smallint' THEN 32767 WHEN 'integer' THEN 2147483647 ELSE s.max_value END)
FROM pg_depend d
JOIN pg_class q ON q.oid = d.objid AND q.relkind = 'S'
JOIN pg_class t ON t.oid = d.refobjid
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
JOIN pg_namespace n ON n.oid = q.relnamespace AND n.nspname = current_schema()
JOIN pg_sequences s ON s.schemaname = n.nspname AND s.sequencename = q.relname
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
  AND s.last_value IS NOT NULL
"""
_RECEIVER = "SELECT pg_is_in_recovery(), (SELECT status FROM pg_stat_wal_receiver)"
_LAG = """
SELECT extract(epoch FROM now() - pg_last_xact_replay_timestamp()), pg_is_wal_replay_paused(),
       pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()
"""


class Server(Inspection):
    def encrypted(self, session: Session) -> bool | None:
        if isinstance(self.address(), str):
            return None
        return bool(session.value(_ENCRYPTED))

    def connections(self, session: Session) -> tuple[str, int, int] | None:
        allowed = PostgreSQL(self.settings).connections_allowed(session)
        in_use = session.value("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
        where = self.address()
        return (f"postgresql {where}", int(allowed or 0), int(in_use))

    def version(self, session: Session) -> Iterator[Said]:
        number = int(session.value("SHOW server_version_num"))
        live, least = (number // 10000, number % 10000), django.least_version(self.settings)
        yield versions.judged("The server is PostgreSQL", live, least, "upgrade the server (pg_upgrade, or a move)")

    def encoding(self, session: Session) -> Iterator[Said]:
        encoding = session.value("SHOW server_encoding")
        name = session.value("SELECT current_database()")
        if encoding != "UTF8":
            what = "takes any bytes for text" if encoding == "SQL_ASCII" else "lacks most of the world's characters"
            yield failed(
                f"The database {name} has the encoding {encoding}, which {what}: UTF8 is expected, and an encoding "
                "cannot be changed, so make a new database and move the rows.",
                f"CREATE DATABASE \"{name}_utf8\" ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' TEMPLATE "
                "template0;",
                f"outgrow move --to postgres://…/{name}_utf8",
            )
            return
        with contextlib.suppress(Exception):  # the columns are of PostgreSQL 15
            collation, made_for, is_now = session.query(_COLLATION)[0]
            if made_for and is_now and made_for != is_now:
                yield warning(
                    f"The database's indexes of text were sorted by version {made_for} of the collation {collation}, "
                    f"and the system now has {is_now}: rows may not be found and doubles may get in until they are "
                    "rebuilt.",
                    f'REINDEX DATABASE "{name}";',
                    f'ALTER DATABASE "{name}" REFRESH COLLATION VERSION;',
                )
                return
        yield good(f"{name} has the encoding UTF8")

    def connection_encoding(self, session: Session) -> Iterator[Said]:
        encoding = session.value("SHOW client_encoding")
        if encoding != "UTF8":
            yield failed(
                f"The project's connections speak {encoding}, and Django sends UTF8: remove client_encoding from "
                "OPTIONS or from the role."
            )
        else:
            yield good("the connection speaks UTF8")

    def isolation(self, session: Session) -> Iterator[Said]:
        read_only = session.value("SHOW default_transaction_read_only") == "on"
        if read_only and not session.value("SELECT pg_is_in_recovery()"):
            is_primary = self.alias is not None and self.most_lag is None
            yield (failed if is_primary else warning)(
                "The project's transactions are read-only by default (default_transaction_read_only), and writes will "
                "fail: remove it, unless this is the login of a replica."
            )
        level = session.value("SHOW transaction_isolation")
        if level == "read committed":
            yield good("transactions are read committed, as Django expects")
        else:
            yield warning(
                f"Transactions are {level}, and Django's own code expects read committed: whoever writes must be ready "
                "to try again after a serialization failure."
            )

    def time_zones(self, session: Session) -> Iterator[Said]:
        zone = django.time_zone()
        try:
            session.query(f"SELECT now() AT TIME ZONE '{zone}'")
        except Exception:
            session.rollback()
            yield failed(
                f"The server does not know the time zone {zone} of the settings, so that lookups by date fail: install "
                "tzdata on the server and restart it."
            )
        else:
            yield good(f"the server knows the time zone {zone}")

    def public_schema(self, session: Session) -> Iterator[Said]:
        rows = session.query(_PUBLIC)
        if rows and rows[0][0]:
            yield warning(
                "Every role may make tables in the schema public (as all could before PostgreSQL 15), and so put "
                "functions into other roles' way: take it from them.",
                "REVOKE CREATE ON SCHEMA public FROM PUBLIC;",
            )
        else:
            yield good("nobody makes tables in public unasked")

    def extensions(self, session: Session) -> Iterator[Said]:
        wanted = django.extensions(self.alias)
        there = {row[0] for row in session.query("SELECT extname FROM pg_extension")}
        available = dict(
            session.query(
                "SELECT a.name, coalesce(bool_or(v.trusted), false) FROM pg_available_extensions a "
                "JOIN pg_available_extension_versions v ON v.name = a.name GROUP BY 1"
            )
        )
        for name in sorted(wanted - there):
            if name not in available:
                yield failed(
                    f"The migrations make the extension {name}, and this server does not have it: install it there "
                    "(Debian: postgresql-contrib, or the package of the extension)."
                )
            elif not available[name]:
                yield failed(
                    f"The migrations make the extension {name}, which only a superuser may: make it before.",
                    f'CREATE EXTENSION "{name}";',
                )
        if wanted <= there | {name for name, trusted in available.items() if trusted}:
            yield good("the extensions that the migrations make: " + (listed(sorted(wanted)) or "none"))

    def clock(self, session: Session) -> Iterator[Said]:
        def ask() -> datetime:
            seconds = session.value("SELECT extract(epoch FROM clock_timestamp())::float8")
            return datetime.fromtimestamp(seconds, UTC)

        yield between(ask)

    def durability(self, session: Session) -> Iterator[Said]:
        off = [n for n in ("fsync", "full_page_writes", "synchronous_commit") if session.value(f"SHOW {n}") == "off"]
        if off:
            yield warning(
                f"{listed(off)} {'is' if len(off) == 1 else 'are'} off, so that a crash of the server loses commits "
                "or the whole database: switch on.",
                *(f"ALTER SYSTEM SET {name} = on;" for name in off),
                "SELECT pg_reload_conf();",
            )
        else:
            yield good("a commit is on the disk when it is acknowledged")

    def pooler(self, session: Session) -> Iterator[Said]:
        """Two sessions that one backend serves: a pooler hands it out by transaction, as PgBouncer does."""
        mine = session.value("SELECT pg_backend_pid()")
        with self.log_in() as other:
            shared = other.value("SELECT pg_backend_pid()") == mine
        if not shared:
            yield good("each connection has a backend of its own")
            return
        keeps_cursors = not self.settings.get("DISABLE_SERVER_SIDE_CURSORS")
        options = self.settings.get("OPTIONS") or {}
        prepares = options.get("prepare_threshold") is not None or options.get("server_side_binding")
        if keeps_cursors:
            yield failed(
                "A pooler gives each transaction another backend, and .iterator() keeps a cursor between two of them "
                "('cursor \"_django_curs_…\" does not exist'): set DISABLE_SERVER_SIDE_CURSORS.",
                '"DISABLE_SERVER_SIDE_CURSORS": True,',
            )
        if prepares:
            yield warning(
                "A pooler gives each transaction another backend, and the settings prepare statements in one: remove "
                "prepare_threshold and server_side_binding from OPTIONS, or let the pooler keep prepared statements "
                "(PgBouncer 1.21: max_prepared_statements)."
            )
        if not keeps_cursors and not prepares:
            yield good("a pooler gives each transaction another backend, and the settings allow for it")

    def headroom(self, session: Session) -> Iterator[Said]:
        yield from headroom.judge(
            (
                headroom.Counter(t, c, kind, int(last), int(most))
                for t, c, kind, last, most in session.query(_SEQUENCES)
            ),
            lambda counter: f'ALTER TABLE "{counter.table}" ALTER COLUMN "{counter.column}" TYPE bigint;',
        )

    def role(self, session: Session) -> Iterator[Said]:
        recovering, receiver = session.query(_RECEIVER)[0]
        if self.most_lag is not None and not recovering:
            yield failed(
                "The settings call this a replica, and it is a primary: it was promoted, or HOST is wrong; what is "
                "written to the primary does not come here."
            )
        elif recovering and self.most_lag is None:
            yield failed(
                "This server is a replica in recovery, and the settings would write to it: correct HOST, or promote "
                "it.",
                "SELECT pg_promote();",
            )
        elif not recovering:
            yield good("this is a primary")
        elif self.most_lag is not None:
            yield from self._lag(session, receiver, self.most_lag)

    def _lag(self, session: Session, receiver: str | None, most: float) -> Iterator[Said]:
        seconds, paused, caught_up = session.query(_LAG)[0]
        if paused:
            yield failed("The replica's replay is paused: let it go on.", "SELECT pg_wal_replay_resume();")
        elif receiver is None:
            yield failed(
                "The replica receives nothing from its primary: see primary_conninfo, the primary's pg_hba.conf and "
                "the replica's log."
            )
        elif not caught_up and seconds is not None and float(seconds) > most:
            yield warning(
                f"The replica is {float(seconds):.0f} s behind its primary, more than the {most:g} s after which the "
                "router leaves it alone: see its load and the network."
            )
        else:
            yield good("a replica that follows its primary")
