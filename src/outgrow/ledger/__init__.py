"""The Ledger: the run's record, in tables of the target, so that a chunk's rows and its "done" commit together.

Everything that status, report and dashboard show is read from here and from nowhere else. One mover owns a run at a
time: taking it over raises the run's epoch, and what an earlier owner still tries to write is refused (LostOwnership).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any

from outgrow.dialects.base import Dialect, Key, Session, SetAside, Trouble
from outgrow.errors import LostOwnership
from outgrow.ledger import owning, reading, tables
from outgrow.ledger.holder import BEAT_EVERY, STALE_AFTER
from outgrow.ledger.lasting import Lasting
from outgrow.ledger.records import (
    UNFINISHED,
    AlteredRecord,
    ChunkRecord,
    DroppedKeyRecord,
    FindingRecord,
    Holder,
    RunRecord,
    SetAsideRecord,
    State,
    StepRecord,
    TableRecord,
    as_json,
    clip,
    key_json,
    set_aside_json,
)
from outgrow.ledger.tables import Raw
from outgrow.models import AlteredRow, Chunk, FindingRow, Run, SetAsideObject, Slot, Step, Table

PREFIX = "outgrow_"

__all__ = [
    "BEAT_EVERY",
    "PREFIX",
    "STALE_AFTER",
    "UNFINISHED",
    "AlteredRecord",
    "ChunkRecord",
    "DroppedKeyRecord",
    "FindingRecord",
    "Holder",
    "Lasting",
    "Ledger",
    "RunRecord",
    "SetAsideRecord",
    "State",
    "StepRecord",
    "TableRecord",
]


class Ledger:
    """One run's record. ``session`` belongs to the ledger alone; workers bring their own to :meth:`chunk_done`."""

    def __init__(self, dialect: Dialect, session: Session, run_id: int, epoch: int) -> None:
        self.dialect = dialect
        self.session = session
        self.run_id = run_id
        self.epoch = epoch
        self._lock = threading.RLock()
        self._inside = False  # a transaction of the ledger's session is open
        self._slots: dict[int, int] = {id(session): owning.OWN_SLOT}
        self._noted = session.mark
        self._chunk_ids = {(r["table_name"], r["number"]): r["id"] for r in self._rows(Chunk)}
        self._table_ids = {r["name"]: r["id"] for r in self._rows(Table)}

    # -- opening ------------------------------------------------------------------------------------------------------
    @staticmethod
    def exists(dialect: Dialect, session: Session) -> bool:
        """Whether this database holds a ledger."""
        return tables.exists(dialect, session)

    @classmethod
    def begin(
        cls,
        dialect: Dialect,
        session: Session,
        *,
        plan_json: str,
        source: str,
        target: str,
        options: Mapping[str, Any],
        facts: Mapping[str, Any] | None = None,
        restart: bool = False,
        patience: float = STALE_AFTER,
    ) -> Ledger:
        """A new run, owned by this process; ``restart`` abandons an unfinished one and inherits what it set aside.

        ``facts`` are there as soon as the run is, whenever this process may be killed.
        """
        number = owning.begin(
            dialect, session, plan_json=plan_json, source=source, target=target, options=options, facts=facts or {},
            restart=restart, patience=patience,
        )  # fmt: skip
        return cls(dialect, session, number, 1)

    @classmethod
    def resume(cls, dialect: Dialect, session: Session, *, patience: float = STALE_AFTER) -> Ledger:
        """Take over the last run if it is unfinished: its epoch goes up, and its earlier owner can write no more."""
        return cls(dialect, session, *owning.take_over(dialect, session, patience))

    @classmethod
    def last(cls, dialect: Dialect, session: Session) -> Ledger | None:
        """The last run as it stands, without taking it over; None where there is none."""
        run = reading.last_run(dialect, session) if cls.exists(dialect, session) else None
        return cls(dialect, session, run.id, run.epoch) if run else None

    @classmethod
    def reopen(cls, dialect: Dialect, session: Session, *, patience: float = STALE_AFTER) -> Ledger:
        """Own the last run once more, whatever its state: to undo a switch, or to drop what was moved."""
        return cls(dialect, session, *owning.reopen(dialect, session, patience))

    # -- owning -------------------------------------------------------------------------------------------------------
    @classmethod
    def clear_the_way(cls, dialect: Dialect, session: Session, *, patience: float = STALE_AFTER) -> RunRecord | None:
        """The unfinished run that lies here, if any. Refused while its holder is at work; what a dead or stopped holder
        left open is ended, since its locks would stop even a look at the catalog.
        """
        run = reading.last_run(dialect, session) if cls.exists(dialect, session) else None
        if run is None or run.state not in UNFINISHED:
            return None
        owning.refuse_if_held(dialect, session, run, patience)
        owning.end_sessions(dialect, session, run.id)
        return run

    @property
    def state(self) -> State:
        with self._lock:
            return State(self._rows(Run, id=self.run_id)[0]["state"])

    @property
    def holder(self) -> Holder:
        with self._lock:
            return reading.holder(self.dialect, self.session, self.run_id)

    def beat(self, session: Session) -> None:
        """One heartbeat, on the heartbeat's own session; LostOwnership when somebody else owns the run."""
        self._own(session, {"beat_at": time.time()})

    def check(self) -> None:
        """Raise LostOwnership unless this process still owns the run (before DDL, which cannot be conditional)."""
        with self._lock:
            self._own(self.session, {})

    def hold(self, session: Session) -> None:
        """Inside the caller's open transaction, which can be committed only while this process owns the run.

        A takeover waits for it, or finds it ended with its session; the heartbeat goes on.
        """
        own = {"id": self._slot(session), "epoch": self.epoch}
        if tables.update(self.dialect, session, Slot, {"chunks": Raw("chunks + 0")}, own) != 1:
            raise LostOwnership(self.lost)

    @property
    def is_lost(self) -> bool:
        """Whether somebody else owns the run now, asked on a connection of its own."""
        try:
            with self.dialect.connect(read_only=True) as session:
                return bool(tables.select(self.dialect, session, Run, {"id": self.run_id})[0]["epoch"] != self.epoch)
        except Exception:  # the server is away: nobody can tell
            return False

    def release(self) -> None:
        """Nobody holds the run any more: another process may go on at once. Never raises."""
        try:
            with self._owned() as session:
                self._own(session, {"host": "", "pid": 0, "process": ""})
                own = owning.slot_id(self.run_id, owning.OWN_SLOT)
                tables.update(self.dialect, session, Slot, {"mark": ""}, {"id": own})
        except Exception:
            self.session.rollback()

    def set_state(self, state: State | str) -> None:
        ended = State(state) in (State.VERIFIED, State.DIFFERS, State.ABANDONED, State.COPIED)
        with self._lock:
            self._own(self.session, {"state": State(state).value, "finished": time.time() if ended else None})

    def _own(self, session: Session, values: Mapping[str, Any]) -> None:
        """Update the run's row on condition that the epoch is still ours; locks it until the transaction ends."""
        values = {**values, "beats": Raw("beats + 1")}
        with self._fenced():
            changed = tables.update(self.dialect, session, Run, values, {"id": self.run_id, "epoch": self.epoch})
        if changed != 1:
            raise LostOwnership(self.lost)

    @contextmanager
    def _fenced(self) -> Iterator[None]:
        """A successor ends our sessions: what their drivers then say means that the run is lost."""
        try:
            yield
        except Exception as error:
            if self.dialect.trouble(error) is Trouble.LOST and self.is_lost:
                raise LostOwnership(self.lost) from error
            raise

    @property
    def lost(self) -> str:
        """What to say to the person whose mover was overtaken."""
        return (
            f"Another process has taken over run {self.run_id}; this one has stopped and will write no more: see "
            "`outgrow status`."
        )

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is recorded in this block is committed at its end, as one: 150 commits took 0.4 s."""
        with self._owned():
            yield

    @contextmanager
    def _owned(self) -> Iterator[Session]:
        """A transaction on the ledger's session that only the run's owner can commit; inside one, a part of it."""
        with self._lock:
            if self._inside:
                yield self.session
                return
            with self._fenced(), owning.transaction(self.session):
                self._inside = True
                try:
                    self._own(self.session, {})
                    if self.session.mark != self._noted:  # it was opened again
                        self._note(self.session, self.session)
                        self._noted = self.session.mark
                    yield self.session
                finally:
                    self._inside = False

    # -- chunks -------------------------------------------------------------------------------------------------------
    def plan_chunks(self, table: str, boundaries: Sequence[Key]) -> list[ChunkRecord]:
        """Store a table's ranges, the last one open, unless they are stored already: a resumed run keeps its ranges."""
        with self._lock:
            if known := self.chunks(table):
                return known
            ends: list[Key | None] = [None, *boundaries, None]
            planned = [ChunkRecord(table, n, low, high) for n, (low, high) in enumerate(pairwise(ends))]
            with self._owned() as session:
                tables.insert(self.dialect, session, Chunk, [c.as_row(self.run_id) for c in planned])
            self._chunk_ids |= {(table, r["number"]): r["id"] for r in self._rows(Chunk, table_name=table)}
            return planned

    def join(self, session: Session, *, replaces: Session | None = None) -> None:
        """Give a session that writes a place, and note the server's name for it, so that a successor can end it.

        In the place of one that broke, this waits until that one's last commit is decided.
        """
        with self._lock:
            if replaces is not None and id(replaces) in self._slots:
                self._slots[id(session)] = self._slots.pop(id(replaces))
        if session.mark or replaces is not None:
            with self._owned() as own:
                self._note(own, session)

    def _note(self, own: Session, session: Session) -> None:
        where = {"id": self._slot(session), "epoch": self.epoch}
        tables.update(self.dialect, own, Slot, {"mark": session.mark}, where)

    def chunk_done(self, session: Session, chunk: ChunkRecord) -> None:
        """Inside the caller's open transaction: the chunk is done, on condition that this process still owns the run.

        Call it last before the commit. It locks one row that belongs to this worker, and the successor's takeover waits
        for exactly these rows.
        """
        own = {"id": self._slot(session), "epoch": self.epoch}
        if tables.update(self.dialect, session, Slot, {"chunks": Raw("chunks + 1")}, own) != 1:
            raise LostOwnership(self.lost)
        row = replace(chunk, finished_at=chunk.finished_at or time.time()).as_row(self.run_id)
        known = self._chunk_ids.get((chunk.table, chunk.number))
        if known is None:
            tables.insert(self.dialect, session, Chunk, [row])
        else:
            tables.update(self.dialect, session, Chunk, row, {"id": known})

    def chunks(self, table: str | None = None) -> list[ChunkRecord]:
        """Planned and done chunks, in order."""
        with self._lock:
            return reading.chunks(self.dialect, self.session, self.run_id, table)

    def forget_chunk(self, session: Session, table: str, number: int) -> bool:
        """Inside the caller's open transaction: the chunk is to be copied again, its recorded fixes with it.

        Returns whether it was finished, which it also is when the answer to its commit was lost.
        """
        where = {"run_id": self.run_id, "table_name": table}
        known = tables.select(self.dialect, session, Chunk, {**where, "number": number})
        empty = {"rows_done": 0, "bytes_done": 0, "digest": "", "seconds": 0.0, "finished": None, "way": ""}
        tables.update(self.dialect, session, Chunk, empty, {**where, "number": number})
        tables.delete(self.dialect, session, AlteredRow, {**where, "chunk": number})
        return any(row["finished"] is not None for row in known)

    def _slot(self, session: Session) -> int:
        with self._lock:
            return owning.slot_id(self.run_id, self._slots.setdefault(id(session), len(self._slots) % owning.SLOTS))

    # -- set aside and restored ---------------------------------------------------------------------------------------
    def record_set_aside(self, items: Sequence[SetAside]) -> None:
        """Commit the full DDL of what is about to be dropped. What is recorded already stays as it is."""
        known = {r.item.object: r for r in self.set_aside()}
        fresh = [i for i in items if i.object not in known]
        again = [i for i in items if i.object in known and known[i.object].restored]
        rows = [
            {**self._object_where(i), "item": set_aside_json(i), "restored": None}
            for i in fresh
        ]  # fmt: skip
        with self._owned() as session:
            tables.insert(self.dialect, session, SetAsideObject, rows)
            for item in again:
                tables.update(self.dialect, session, SetAsideObject, {"restored": None}, self._object_where(item))

    def set_aside(self) -> list[SetAsideRecord]:
        with self._lock:
            return reading.set_aside(self.dialect, self.session, self.run_id)

    def restored(self, item: SetAside) -> None:
        """The object is back, as the catalog says."""
        with self._owned() as session:
            values = {"restored": time.time()}
            tables.update(self.dialect, session, SetAsideObject, values, self._object_where(item))

    def _object_where(self, item: SetAside) -> dict[str, Any]:
        thing = item.object
        return {"run_id": self.run_id, "table_name": thing.table, "name": thing.name, "kind": thing.kind.value}

    # -- what happened ------------------------------------------------------------------------------------------------
    def step(self, name: str, seconds: float = 0.0, state: str = "finished", text: str = "") -> None:
        """Record a step of this owner: once when it starts, again when it ends."""
        where = {"run_id": self.run_id, "epoch": self.epoch, "name": name}
        with self._owned() as session:
            if state != "started" and tables.update(
                self.dialect, session, Step, {"state": state, "seconds": seconds, "text": text}, where
            ):
                return
            row = {**where, "state": state, "started": time.time() - seconds, "seconds": seconds, "text": text}
            tables.insert(self.dialect, session, Step, [row])

    def altered(self, session: Session, rows: Sequence[AlteredRecord]) -> None:
        """Inside the caller's open transaction: the values of a chunk that a fix changed."""
        tables.insert(
            self.dialect, session, AlteredRow,
            [
                {
                    "run_id": self.run_id, "table_name": r.table, "chunk": r.chunk, "key": key_json(r.key),
                    "column_name": r.column, "rule": r.rule, "policy": r.policy, "before": r.before, "after": r.after,
                }
                for r in rows
            ],
        )  # fmt: skip

    def altered_rows(self, table: str) -> list[AlteredRecord]:
        with self._lock:
            return reading.altered(self.dialect, self.session, self.run_id, table)

    def findings(self, phase: str, rows: Sequence[FindingRecord]) -> None:
        """Replace the findings of one audit ("source" or "target")."""
        with self._owned() as session:
            tables.delete(self.dialect, session, FindingRow, {"run_id": self.run_id, "phase": phase})
            tables.insert(
                self.dialect, session, FindingRow,
                [
                    {
                        "run_id": self.run_id, "phase": phase, "rule": clip(r.rule, 16),
                        "severity": clip(r.severity, 16), "table_name": r.table, "column_name": r.column,
                        "line": r.line, "amount": r.amount,
                        "sample": as_json(list(r.sample)), "remedy": r.remedy, "policy": r.policy,
                    }
                    for r in rows
                ],
            )  # fmt: skip

    def plan_tables(self, rows: Sequence[TableRecord]) -> None:
        """Record every table of the project with what becomes of it, unless it is recorded already."""
        fresh = [r for r in rows if r.name not in self._table_ids]
        with self._owned() as session:
            tables.insert(self.dialect, session, Table, [r.as_row(self.run_id) for r in fresh])
        self._table_ids = {r["name"]: r["id"] for r in self._rows(Table)}

    def table_state(self, table: str, **changes: Any) -> None:
        """Change fields of a table's TableRecord: ``table_state("shop_order", state="verified", equal=True)``."""
        if table not in self._table_ids:
            self.plan_tables([TableRecord(table)])
        values = replace(TableRecord(table), **changes).as_row(self.run_id)
        with self._owned() as session:
            changed = {name: values[name] for name in changes}
            tables.update(self.dialect, session, Table, changed, {"id": self._table_ids[table]})

    def fact(self, name: str, value: Any) -> None:
        """Keep one fact of the run (JSON): "snapshot", "versions", "settings block", …"""
        with self._owned() as session:
            facts = json.loads(self._rows(Run, id=self.run_id)[0]["facts"])
            values = {"facts": as_json({**facts, name: value})}
            tables.update(self.dialect, session, Run, values, {"id": self.run_id})

    def record(self) -> RunRecord:
        """Everything the ledger knows of this run."""
        with self._lock:
            return reading.run(self.dialect, self.session, self.run_id)

    def _rows(self, model: Any, **where: Any) -> list[dict[str, Any]]:
        where = where if model is Run else {"run_id": self.run_id, **where}
        return tables.select(self.dialect, self.session, model, where)
