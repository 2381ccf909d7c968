"""PostgreSQL: an advisory lock in a session of its own, or in an open transaction where a pooler shares sessions."""

from __future__ import annotations

import contextlib
from hashlib import blake2b
from typing import Any

from outgrow.dialects.base import Settings
from outgrow.dialects.exclusive import Exclusive
from outgrow.dialects.postgresql.session import PostgreSQLSession, connect, psycopg

POOLED = (
    "the connection goes through a pooler that shares one server session among clients (transaction mode), where an "
    "ordinary advisory lock would be left behind: the lock is held by an open transaction instead; connect to the "
    "server itself for migrations."
)


class AdvisoryLock(Exclusive):
    """Advisory locks count within one database, so that the key need not name it."""

    def __init__(self, settings: Settings, purpose: str) -> None:
        digest = blake2b(f"outgrow {purpose}".encode(), digest_size=8).digest()
        self.key = int.from_bytes(digest, "big", signed=True)
        self.session = connect(settings, read_only=False)
        self.pooled = shares_sessions(settings, self.session)
        if self.pooled:
            self.warning = POOLED
        else:
            with contextlib.suppress(psycopg.Error):  # older than 14
                self.session.execute("SET idle_session_timeout=0")

    def take(self) -> bool:
        if not self.pooled:
            return bool(self.session.value(f"SELECT pg_try_advisory_lock({self.key})"))
        self.session.begin()
        self.session.execute("SET LOCAL idle_in_transaction_session_timeout=0")
        if self.session.value(f"SELECT pg_try_advisory_xact_lock({self.key})"):
            return True
        self.session.rollback()  # whoever waits must not keep one of the pooler's sessions
        return False

    def held(self) -> bool:
        try:
            return bool(
                self.session.value(f"SELECT count(*) FROM pg_locks WHERE {self._ours} AND pid=pg_backend_pid()")
            )
        except psycopg.Error:
            return False

    def holder(self) -> str:
        rows = self.session.query(
            "SELECT a.pid, coalesce(host(a.client_addr),'this host'), a.application_name FROM pg_locks l "
            f"JOIN pg_stat_activity a USING (pid) WHERE {self._ours}"
        )
        return f"server process {rows[0][0]}, for {rows[0][2] or 'a client'} on {rows[0][1]}" if rows else ""

    def close(self) -> None:
        self.session.rollback()
        if not self.pooled:
            with contextlib.suppress(psycopg.Error):  # a closed session keeps its locks a moment longer
                self.session.value(f"SELECT pg_advisory_unlock({self.key})")
        self.session.close()

    @property
    def _ours(self) -> str:
        high, low = divmod(self.key % 2**64, 2**32)
        database = "database=(SELECT oid FROM pg_database WHERE datname=current_database())"
        return f"locktype='advisory' AND granted AND {database} AND classid={high} AND objid={low} AND objsubid=1"


def shares_sessions(settings: Settings, session: PostgreSQLSession) -> bool:
    """Whether two clients at once were given one server session, which only a pooler in transaction mode does."""
    other = connect(settings, read_only=False)
    try:
        for _ in range(3):
            mine = _pid(session)
            other.begin()
            theirs, again = _pid(other), _pid(session)
            other.rollback()
            if theirs in (mine, again) or mine != again:
                return True
    except psycopg.Error:  # statement mode refuses transactions
        return True
    finally:
        other.close()
    return False


def _pid(session: PostgreSQLSession) -> Any:
    return session.value("SELECT pg_backend_pid()")
