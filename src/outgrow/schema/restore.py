"""Restoring exactly what was set aside, in parallel, while other tables are still copied.

:meth:`Restorer.table_done` builds a finished table's own indexes and unique keys at once; :meth:`Restorer.finish`
waits for them, adds what leans on other tables, validates, sets the sequences, and compares the whole catalog with
what it was. What the catalog lacks is made, what it has is left: after a kill between any two statements the same
calls do the rest.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from outgrow.dialects.base import Dialect, ObjectKind, Reading, Session, SetAside, Table, Trouble
from outgrow.errors import OutgrowError, Unreachable
from outgrow.events import Event, Watch, silent
from outgrow.patience import Patience, patiently
from outgrow.schema.aside import Record, droppable
from outgrow.schema.builders import Builders
from outgrow.schema.catalog import Identity, compare_catalog, expected, identity
from outgrow.schema.named import name_the_rows, plain

OURS = "outgrow_"  # the ledger's tables
CHECK_EVERY = 0.5  # seconds; an answer costs a commit, as much as most statements on small tables
BUSY_TRIES = 12  # about 40 s in all; two statements that lock the same tables in turn deadlock at once or never
BUSY_PAUSE = 0.02


@dataclass(frozen=True, slots=True)
class _Job:
    item: SetAside
    statements: tuple[str, ...]
    counts: bool  # the statement that makes the object, not one that validates it


class Restorer:
    """Brings back what the ledger says is set aside. Use it as a context: leaving it ends its threads and sessions."""

    def __init__(
        self,
        dialect: Dialect,
        ledger: Record,
        live: Mapping[str, Table],
        *,
        tables: Sequence[str] | None = None,
        readings: Mapping[str, Reading] | None = None,
        connect: Callable[[], Session] | None = None,
        jobs: int = 2,
        watch: Watch = silent,
    ) -> None:
        """``live``: the catalog of now, after the drops. ``tables``: whose sequences are set (default: all but ours).

        ``readings``, by table, serve to name the rows that a key refuses.
        """
        self.items = [record.item for record in ledger.set_aside() if not record.restored]
        self.before = expected(live, self.items)
        self._dialect, self._ledger, self._watch = dialect, ledger, watch
        self._tables = [t for t in live if not t.startswith(OURS)] if tables is None else list(tables)
        self._readings = readings or {}
        self._standing = standing(dialect, live, self.items)
        self._taken: set[Identity] = set()
        self._checked = float("-inf")
        self._open = connect or dialect.connect
        self._builders = Builders(self._connect, 1 if dialect.one_writer else max(1, jobs))
        watch(Event("total", step="restore", rows=len(self.items)))

    def __enter__(self) -> Restorer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End running statements (after a failure; nothing runs after a finish), threads and sessions."""
        self._builders.close()

    def table_done(self, name: str) -> None:
        """All rows of this table are in: build what needs no other table. Any thread may call this."""
        if not self._dialect.one_writer:  # its only writer is still copying
            self._create([i for i in self.items if i.object.table == name and i.order == 0 and _own(i)])

    def finish(self) -> None:
        """Make all that is still lacking, in order; then sequences, and the catalog must be what it was."""
        for order in sorted({item.order for item in self.items}):
            self._make([item for item in self.items if item.order <= order])
        self._queue([_Job(item, item.validate, False) for item in self.items if item.validate])
        self._builders.wait()
        self._make(self.items)
        patiently(self._dialect, self._watch, "restore", self._settle)

    def _settle(self) -> None:
        with self._builders.session() as session:
            after = self._dialect.tables(session)
            if differences := compare_catalog(self._as_made(session, after), after, self._tables):
                raise _changed(differences)
            set_sequences(self._dialect, session, [after[name] for name in self._tables])
        with self._ledger.together():
            for item in self.items:
                self._ledger.restored(item)

    def _make(self, items: Sequence[SetAside]) -> None:
        """What of these is not made yet, and again what was made and is not there: a server that crashed may lose its
        last commits, each of them whole, and what comes later in the order leans on them.
        """
        self._create(items)
        self._builders.wait()
        if gone := patiently(self._dialect, self._watch, "restore", lambda: self._gone(items)):
            self._taken -= {identity(item.object) for item in gone}
            for item in gone:
                self._watch(Event("progress", step="restore", table=item.object.table, rows=-1))
            self._create(gone)
            self._builders.wait()

    def _gone(self, items: Sequence[SetAside]) -> list[SetAside]:
        """The check is a commit that is on disk before it returns, and so is all that was committed before it."""
        if not self._builders.lost():
            return []
        self._ledger.check()
        with self._builders.session() as session:
            live = self._dialect.tables(session)
            spelled = [replace(i, object=self._dialect.respelled(session, i.object)) for i in self.items]
        self._standing = standing(self._dialect, live, self.items) | standing(self._dialect, live, spelled)
        return [item for item in items if identity(item.object) not in self._standing]

    def _as_made(self, session: Session, after: Mapping[str, Table]) -> dict[str, Table]:
        """The catalog as the very definitions that were carried out must have made it."""
        now = {identity(o): o for table in after.values() for o in table.objects}
        changed = [i for i in self.items if now.get(identity(i.object), i.object) != i.object]
        return expected(self.before, [replace(i, object=self._dialect.respelled(session, i.object)) for i in changed])

    def _connect(self) -> Session:
        session = self._open()
        try:
            self._dialect.prepare_writer(session)  # memory for sorting, where the engine has such a setting
            self._ledger.join(session)
        except BaseException:
            session.close()
            raise
        return session

    def _check(self) -> None:
        """Stop if somebody else owns the run by now; a process that was stopped and wakes up finds its answer stale."""
        if time.monotonic() - self._checked > CHECK_EVERY:
            self._ledger.check()
            self._checked = time.monotonic()

    def _create(self, items: Sequence[SetAside]) -> None:
        fresh = [item for item in items if identity(item.object) not in self._taken]
        self._taken.update(identity(item.object) for item in fresh)
        self._queue([_Job(i, () if identity(i.object) in self._standing else i.create, True) for i in fresh])

    def _queue(self, jobs: Sequence[_Job]) -> None:
        for job in sorted(jobs, key=lambda job: -self.before[job.item.object.table].bytes):
            self._builders.add(job.item.object.table, partial(self._run, job))

    def _run(self, job: _Job) -> None:
        """One job, again when the target went away under it: what was on its way then was done whole or not at all."""
        start, table = time.monotonic(), job.item.object.table
        patience = Patience(self._dialect, self._watch, "restore", table)
        broken = ""
        while True:
            try:
                with self._builders.session() as session:
                    if broken:  # its statement may still be at work
                        self._dialect.end_sessions(session, [broken])
                    if not (broken and self._stands(session, job)):
                        broken = session.mark
                        self._carry_out(job, session)
                break
            except Exception as error:
                if not patience.lasts(error):
                    if isinstance(error, OutgrowError):
                        raise
                    raise self._went_away(job.item, error) from error
            self._builders.pause(patience.pause())
        if job.counts:
            seconds, thing = time.monotonic() - start, job.item.object
            self._watch(Event("progress", step="restore", table=table, rows=1, seconds=seconds, text=thing.name))

    def _carry_out(self, job: _Job, session: Session) -> None:
        """Again while others hold its locks; a failure becomes a sentence that names the rows."""
        todo = list(job.statements)
        for attempt in range(BUSY_TRIES):
            try:
                self._check()
                _execute(self._dialect, session, todo)
                return
            except OutgrowError:
                raise
            except Exception as error:
                trouble = self._dialect.trouble(error)
                if trouble is Trouble.LOST:
                    raise
                session.rollback()
                # PostgreSQL says of one name made twice at once that it is twice in its own catalog: 23505, DATA.
                if trouble in (Trouble.OTHER, Trouble.DATA) and self._stands(session, job):
                    return
                if trouble is not Trouble.BUSY or attempt == BUSY_TRIES - 1:
                    raise self._failure(session, job.item, error) from error
                time.sleep(BUSY_PAUSE * 2**attempt * random.uniform(0.5, 1))

    def _stands(self, session: Session, job: _Job) -> bool:
        """A statement of a lost session or a killed mover may have ended on the server since the catalog was read."""
        return job.counts and bool(standing(self._dialect, self._dialect.tables(session), [job.item]))

    def _failure(self, session: Session, item: SetAside, error: Exception) -> OutgrowError:
        thing = item.object
        if self._dialect.trouble(error) is not Trouble.DATA:
            return plain(self._dialect, thing, error)
        # A statement may bring back more than one key of a table, so all of its kind are looked at.
        others = [o.object for o in self.items if o.object.table == thing.table and o.object.kind == thing.kind]
        things = [thing, *(other for other in others if other != thing)]
        return name_the_rows(self._dialect, session, things, self._readings.get(thing.table), error)

    def _went_away(self, item: SetAside, error: Exception) -> OutgrowError:
        if self._dialect.trouble(error) is not Trouble.LOST:
            return plain(self._dialect, item.object, error)
        return Unreachable(
            f"the target went away while {item.object.name} of {item.object.table} was restored "
            f"({self._dialect.explain(error)}): bring it back and rerun with --resume."
        )


def standing(dialect: Dialect, live: Mapping[str, Table], items: Sequence[SetAside]) -> set[Identity]:
    """Which of these items need not be made: the catalog has them. A trigger that is only disabled does not count."""
    tables = [live[name] for name in {item.object.table for item in items} if name in live]
    found = {identity(o): o for table in tables for o in table.objects}
    found |= {identity(item.object): item.object for item in droppable(dialect, tables)}
    return {
        identity(item.object)
        for item in items
        if (now := found.get(identity(item.object))) is not None
        and (item.object.kind is not ObjectKind.TRIGGER or now.definition == item.object.definition)
    }


def set_sequences(dialect: Dialect, session: Session, tables: Sequence[Table]) -> None:
    """Set the identity counters, and look whether each next value is really free."""
    for table, column, following in dialect.reset_sequences(session, tables):
        highest = session.value(f"SELECT max({dialect.quote(column)}) FROM {dialect.quote(table)}")
        if highest is not None and int(highest) >= following:
            raise OutgrowError(
                f"{table}: the next {column} would be {following}, but {highest} is taken: something writes to the "
                "target; stop it and rerun with --resume."
            )


def _own(item: SetAside) -> bool:
    """It needs no other table."""
    return item.object.kind not in (ObjectKind.FOREIGN, ObjectKind.TRIGGER)


def _changed(differences: Sequence[str]) -> OutgrowError:
    more = f" (and {len(differences) - 1} more)" if len(differences) > 1 else ""
    error = OutgrowError(
        f"the target's schema is not what it was before the copy: {differences[0]}{more}; something else changed it: "
        "put it back and rerun with --resume."
    )
    for difference in differences[1:]:
        error.add_note(difference)
    return error


def _execute(dialect: Dialect, session: Session, statements: list[str]) -> None:
    """Run these statements as one, or, where DDL commits by itself, forget each that is done."""
    if not statements:
        return
    if not dialect.transactional_ddl:
        while statements:
            session.execute(statements[0])
            del statements[0]
        return
    session.begin()
    for statement in statements:
        session.execute(statement)
    session.commit()
