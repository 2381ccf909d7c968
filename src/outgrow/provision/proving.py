"""The proof: each role logs in by its own URL, does its work in a table of the proof's own, and fails at the rest."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from outgrow.dialects.base import Session, Settings, Trouble
from outgrow.dialects.provisioning import Difference, Provisioning, Wanted
from outgrow.errors import Unreachable

TABLE = "outgrow_provision"
_OTHER = "outgrow_provision_other"


class Proof:
    """``proved``: what holds, a line each; ``differences``: what does not; ``notes``: what nobody can mend here."""

    def __init__(self, engine: Provisioning, session: Session, wanted: Wanted, logins: Mapping[str, Settings]) -> None:
        self.engine, self.session, self.wanted, self.logins = engine, session, wanted, logins
        self.proved: list[str] = []
        self.notes: list[str] = []
        self.differences: list[Difference] = []

    def carry_out(self) -> None:
        """All three, in the order of their powers; a role that cannot log in is told, and the others are tried."""
        with self._as("migrator") as migrator:
            if migrator is None:
                return
            self._clear(migrator)
            try:
                self._migrator(migrator)
                self._app()
                self._reader()
            finally:
                self._clear(migrator)
        self._in_the_open()

    def _migrator(self, session: Session) -> None:
        role = self.wanted.role("migrator")
        steps = (
            ("make a table", self.engine.scratch),
            ("alter it", f"ALTER TABLE {TABLE} ADD COLUMN more integer"),
            ("index it", f"CREATE INDEX {TABLE}_word ON {TABLE} (word)"),
            ("drop one", f"CREATE TABLE {_OTHER} (id integer)"),
            ("drop one", f"DROP TABLE {_OTHER}"),
        )
        can = [self._can(session, role, what, sql) for what, sql in steps]
        if all(can):
            self.proved.append(f"{role} makes, alters and drops tables")

    def _app(self) -> None:
        role = self.wanted.role("app")
        with self._as("app") as session:
            if session is None:
                return
            can = [
                self._can(session, role, "insert", f"INSERT INTO {TABLE} (word) VALUES ('one')"),
                self._can(session, role, "update", f"UPDATE {TABLE} SET word = 'two'"),
                self._can(session, role, "select", f"SELECT word FROM {TABLE}"),
                self._can(session, role, "delete", f"DELETE FROM {TABLE} WHERE word = 'none'"),
            ]
            cannot = [
                self._cannot(session, role, "make tables", f"CREATE TABLE {_OTHER} (id integer)"),
                self._cannot(session, role, "alter tables", f"ALTER TABLE {TABLE} ADD COLUMN again integer"),
                self._cannot(session, role, "drop tables", f"DROP TABLE {TABLE}"),
            ]
        if all(can + cannot):
            self.proved.append(f"{role} reads and writes their rows, and cannot make, alter or drop any")

    def _reader(self) -> None:
        role = self.wanted.role("reader")
        with self._as("reader") as session:
            if session is None:
                return
            good = [
                self._can(session, role, "select", f"SELECT word FROM {TABLE}"),
                self._cannot(session, role, "insert", f"INSERT INTO {TABLE} (word) VALUES ('three')"),
                self._cannot(session, role, "update", f"UPDATE {TABLE} SET word = 'four'"),
                self._cannot(session, role, "delete", f"DELETE FROM {TABLE}"),
                self._cannot(session, role, "make tables", f"CREATE TABLE {_OTHER} (id integer)"),
            ]
        if all(good):
            self.proved.append(f"{role} reads their rows, and cannot write")

    def _in_the_open(self) -> None:
        """Whether anybody gets in without TLS."""
        if not self.wanted.tls:
            return
        for which, login in self.logins.items():
            try:
                self.engine.dialect_of(self.engine.in_the_open(login)).connect().close()
            except Unreachable:
                continue
            found = self.engine.let_in_openly(self.session, self.wanted.role(which))
            if isinstance(found, Difference):
                self.differences.append(found)
            elif found not in self.notes:
                self.notes.append(found)
        if not self.notes and not self.differences:
            self.proved.append("none of the three gets in without TLS")

    @contextmanager
    def _as(self, which: str) -> Iterator[Session | None]:
        role = self.wanted.role(which)
        try:
            session = self.engine.dialect_of(self.logins[which]).connect()
        except Unreachable as error:
            why = self.engine.why_refused(self.session, self.wanted, role)
            text = f"{role} cannot log in by its URL ({str(error).rstrip('.')}): --new-passwords gives it another one."
            self.differences.append(why or Difference(text))
            yield None
            return
        with session:
            yield session

    def _can(self, session: Session, role: str, what: str, sql: str) -> bool:
        try:
            _run(session, sql)
        except Exception as error:
            self.differences.append(
                Difference(f"{role} cannot {what} ({self._explained(error)}): see what stands in the way.")
            )
            return False
        return True

    def _cannot(self, session: Session, role: str, what: str, sql: str) -> bool:
        try:
            _run(session, sql)
        except Exception as error:
            if self.engine.dialect.trouble(error) is Trouble.RIGHTS:
                return True
            text = f"{role} failed to {what} for another reason than its rights ({self._explained(error)}): look at it."
            self.differences.append(Difference(text))
            return False
        self.differences.append(Difference(f"{role} can {what}, which is not its work: see its rights."))
        with contextlib.suppress(Exception):
            session.execute(f"DROP TABLE IF EXISTS {_OTHER}")
        return False

    def _explained(self, error: BaseException) -> str:
        return self.engine.dialect.explain(error)

    def _clear(self, session: Session) -> None:
        """Also what a proof left that was killed."""
        for table in (TABLE, _OTHER):
            with contextlib.suppress(Exception):
                session.execute(f"DROP TABLE IF EXISTS {table}")


def _run(session: Session, sql: str) -> None:
    act: Callable[[str], object] = session.query if sql.startswith("SELECT") else session.execute
    act(sql)
