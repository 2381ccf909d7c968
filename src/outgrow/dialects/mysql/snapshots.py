"""MySQL and MariaDB: one moment of the source for several sessions, and a source that refuses writes.

A consistent snapshot belongs to one connection, so the sessions are started together while a brief read lock keeps
writers out: LOCK TABLES … READ on this database, or FLUSH TABLES WITH READ LOCK where only that is granted. (The latter
waits for every running statement of the server, and on MySQL, beside a frozen source, makes its readers wait too.)
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from outgrow.dialects.base import Session, Settings, Snapshot, Trouble
from outgrow.dialects.mysql.ddl import quote
from outgrow.dialects.mysql.session import MySQLdb, MySQLSession, connect, where
from outgrow.dialects.mysql.trouble import trouble
from outgrow.errors import Refused

LOCK_WAIT = 10  # seconds: behind a waiting read lock every writer of the server waits as well
FREEZE_WAIT = 60
_START = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"


class _Lent(MySQLSession):
    """A session of the snapshot, lent out: closing it gives it back, with its view of the moment."""

    def __init__(self, inner: MySQLSession, back: Callable[[MySQLSession], None]) -> None:
        self.connection, self.settings, self.id = inner.connection, inner.settings, inner.id
        self.text_version, self.mariadb, self.mark = inner.text_version, inner.mariadb, inner.mark
        self._inner, self._back = inner, back

    def begin(self) -> None:
        """The transaction is open already: another one would see another moment."""

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None:
        if self._back is not None:
            self._back(self._inner)
            self._back = lambda _: None


class MySQLSnapshot(Snapshot):
    """The sessions of one moment; :meth:`session` waits until one is free."""

    def __init__(self, settings: Settings, workers: int, *, frozen: bool = False) -> None:
        self._all: list[MySQLSession] = []
        self._free: queue.Queue[MySQLSession] = queue.Queue()
        try:
            self.description = self._line_up(settings, max(1, workers), frozen)
        except BaseException:
            self.close()
            raise
        self.sessions = len(self._all)
        for session in self._all:
            self._free.put(session)

    def _line_up(self, settings: Settings, workers: int, frozen: bool) -> str:
        if frozen:  # a lock more would queue behind the writers that wait for ours to end, until it times out
            for session in [self._open(settings) for _ in range(workers)]:
                session.execute(_START)
            return f"{workers} sessions of a frozen source"
        if workers > 1:
            sessions = [self._open(settings) for _ in range(workers)]
            with connect(settings) as locker:
                said = _lock(locker)
                if said:
                    for session in sessions:
                        session.execute(_START)
                    return f"{workers} sessions lined up under a brief {said}"
            while len(self._all) > 1:
                self._all.pop().close()
        else:
            self._open(settings)
        self._all[0].execute(_START)
        why = ", because this user may lock no tables or a lock was not to be had" if workers > 1 else ""
        return f"one transaction feeds all workers{why}"

    def _open(self, settings: Settings) -> MySQLSession:
        session = connect(settings, read_only=True)
        self._all.append(session)
        return session

    def session(self) -> MySQLSession:
        return _Lent(self._free.get(), self._free.put)

    def close(self) -> None:
        for session in self._all:
            session.rollback()
            session.close()
        self._all.clear()


def _lock(locker: MySQLSession) -> str | None:
    """Take the read lock that this user may take; None if there is none. It goes with the connection."""
    locker.execute(f"SET SESSION lock_wait_timeout={LOCK_WAIT}")
    for said in ("LOCK TABLES … READ", "FLUSH TABLES WITH READ LOCK"):
        try:
            locker.execute(_lock_tables(locker) if "…" in said else said)
            return said
        except MySQLdb.Error as error:
            locker.execute("UNLOCK TABLES")
            if trouble(error) is not Trouble.RIGHTS:
                return None
    return None


def _lock_tables(session: Session) -> str:
    names: Sequence[tuple[Any, ...]] = session.query(
        "SELECT table_name FROM information_schema.tables WHERE table_schema=DATABASE() AND table_type='BASE TABLE'"
    )
    return "LOCK TABLES " + ",".join(f"{quote(name)} READ" for (name,) in names) if names else "DO 0"


@contextmanager
def freeze(settings: Settings) -> Iterator[str]:
    """Read locks on every table of this database: readers go on, writers wait.

    A global read_only would stop the server's other databases too, and would stay when we are killed; these locks go
    with the connection.
    """
    with connect(settings) as session:
        session.execute(f"SET SESSION lock_wait_timeout={FREEZE_WAIT}")
        try:
            session.execute(_lock_tables(session))
        except MySQLdb.Error as error:
            kind = trouble(error)
            if kind is Trouble.RIGHTS:
                raise Refused(
                    f"this user may not lock the tables of {where(settings)}, and a frozen source needs it: "
                    "grant LOCK TABLES and SELECT, or move without --freeze."
                ) from None
            if kind is Trouble.BUSY:
                raise Refused(
                    f"a writer kept its tables in {where(settings)} for {FREEZE_WAIT} seconds, so that they cannot be "
                    "frozen: end its transaction, or move without --freeze."
                ) from None
            raise
        yield "read locks are held on every table; writers wait until the move ends"
