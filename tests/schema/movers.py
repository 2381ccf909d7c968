"""One mover's life in a test: it can be made to die before any DDL statement, and an heir goes on from the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from outgrow.dialects import dialect_for
from outgrow.dialects.base import ObjectKind, Session, Table
from outgrow.ledger import Lasting, Ledger
from outgrow.schema.aside import set_aside
from outgrow.schema.restore import Restorer

from .conftest import catalog

Target = dict[str, Any]
RUN: dict[str, Any] = {"plan_json": "{}", "source": "somewhere", "target": "here", "options": {}}


class Killed(BaseException):
    """Stands for the end of the process: nothing of it may be caught or tidied up."""


class Mover:
    """One process's view of a move: its own ledger, its own sessions, and nothing remembered from an earlier one."""

    def __init__(
        self, entry: Target, *, statements: int | None = None, before: Callable[[], None] | None = None
    ) -> None:
        """It dies (``before`` is called, or Killed raised) before the DDL statement of this number."""
        self.dialect = dialect_for(entry)
        self.left = statements
        self.run = 0
        self.die = before
        self.sessions: list[Session] = []
        own = Lasting(self.dialect)
        self.sessions.append(own)
        if Ledger.last(self.dialect, own) is None:
            self.ledger = Ledger.begin(self.dialect, own, **RUN)
        else:
            self.ledger = Ledger.resume(self.dialect, own, patience=0)

    def connect(self) -> Session:
        session = self.dialect.connect()
        self.sessions.append(session)
        run = session.execute

        def execute(sql: str) -> int:
            if sql.split()[0] in ("ALTER", "CREATE", "DROP"):
                self._count()
            return run(sql)

        session.execute = execute  # type: ignore[method-assign]
        return session

    def _count(self) -> None:
        self.run += 1
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                (self.die or _killed)()

    def set_aside(self, tables: list[str]) -> None:
        set_aside(self.dialect, self.connect(), tables, self.ledger)

    def restorer(self, **options: Any) -> Restorer:
        with self.dialect.connect() as session:
            live = self.dialect.tables(session)
        return Restorer(self.dialect, self.ledger, live, connect=self.connect, **options)

    def restore(self, **options: Any) -> None:
        with self.restorer(**options) as restorer:
            restorer.finish()

    def both(self, tables: list[str]) -> None:
        self.set_aside(tables)
        self.restore(jobs=1)

    def end(self) -> None:
        own, *others = self.sessions
        for session in others:
            session.rollback()
            session.close()
        self.ledger.release()
        own.close()


def _killed() -> None:
    raise Killed


@contextmanager
def mover(entry: Target, **options: Any) -> Iterator[Mover]:
    one = Mover(entry, **options)
    try:
        yield one
    finally:
        one.end()


def project_tables(entry: Target) -> list[str]:
    """What a plan would hold: real tables, without the history and the ledger."""
    live = catalog(entry).values()
    return [t.name for t in live if t.kind == "table" and t.name != "django_migrations" and t.name[:8] != "outgrow_"]


def without_ledger(live: dict[str, Table]) -> dict[str, Table]:
    return {name: table for name, table in live.items() if not name.startswith("outgrow_")}


def loose_objects(live: dict[str, Table]) -> int:
    kinds = (ObjectKind.INDEX, ObjectKind.UNIQUE, ObjectKind.FOREIGN)
    return sum(o.kind in kinds for name, t in live.items() if not name.startswith("outgrow_") for o in t.objects)
