"""Becoming the owner of a run: beginning one, or taking an unfinished one over, one mover at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from outgrow.dialects.base import Dialect, Session
from outgrow.errors import Refused
from outgrow.ledger import holder as holders
from outgrow.ledger import reading, tables
from outgrow.ledger.records import COUNTED, UNFINISHED, Holder, RunRecord, State, as_json, clip
from outgrow.models import Run, SetAsideObject, Slot

SLOTS = 64
OWN_SLOT = 0  # of the ledger's own session


def slot_id(run_id: int, number: int) -> int:
    return run_id * 1000 + number


@contextmanager
def transaction(session: Session) -> Iterator[None]:
    try:
        session.begin()
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise


def begin(
    dialect: Dialect,
    session: Session,
    *,
    plan_json: str,
    source: str,
    target: str,
    options: Mapping[str, Any],
    facts: Mapping[str, Any],
    restart: bool,
    patience: float,
) -> int:
    """Insert a new run; returns its number."""
    tables.create(dialect, session)
    last = reading.last_run(dialect, session)
    if last is not None:
        refuse_if_held(dialect, session, last, patience)
        if last.state in UNFINISHED and not restart:
            raise Refused(
                f"An unfinished move from {last.source} lies in the target: go on with --resume, or begin again with "
                "--restart."
            )
    number = last.id + 1 if last else 1
    me = holders.myself()
    row = {
        "id": number, "epoch": 1, "state": State.PLANNED.value, "source": clip(source), "target": clip(target),
        "options": as_json(dict(options)), "plan": plan_json, "facts": as_json(dict(facts)), "started": me.since,
        "finished": None, **_held_by(me), "beats": 0,
    }  # fmt: skip
    abandoned = last if last is not None and last.state in UNFINISHED else None
    if abandoned:
        end_sessions(dialect, session, abandoned.id)
    with _insertion(dialect, session, number):
        tables.insert(dialect, session, Run, [row])
        tables.insert(dialect, session, Slot, [_slot(number, n, session) for n in range(SLOTS)])
        if abandoned:
            _abandon(dialect, session, abandoned, number)
    return number


def take_over(dialect: Dialect, session: Session, patience: float) -> tuple[int, int]:
    """Raise the epoch of the last run; returns its number and the new epoch."""
    last = reading.last_run(dialect, session) if tables.exists(dialect, session) else None
    if last is None or not can_resume(last):
        state = f"the last move is {last.state}" if last else "no move was begun into this target"
        raise Refused(f"There is nothing to resume ({state}): start a move without --resume.")
    return _take(dialect, session, last, patience)


def reopen(dialect: Dialect, session: Session, patience: float) -> tuple[int, int]:
    """As :func:`take_over`, of a run that is finished."""
    last = reading.last_run(dialect, session) if tables.exists(dialect, session) else None
    if last is None:
        raise Refused("The target holds no ledger of Outgrow: no move has begun there; check --to.")
    return _take(dialect, session, last, patience)


def _take(dialect: Dialect, session: Session, last: RunRecord, patience: float) -> tuple[int, int]:
    refuse_if_held(dialect, session, last, patience)
    end_sessions(dialect, session, last.id)
    me = holders.myself()
    epoch = last.epoch + 1
    with transaction(session):
        where = {"id": last.id, "epoch": last.epoch}
        taken = tables.update(dialect, session, Run, {"epoch": epoch, **_held_by(me)}, where)
        if taken == 1:
            _close_slots(dialect, session, last.id, epoch, session.mark)
    if taken != 1:
        raise Refused(_held(reading.holder(dialect, session, last.id)))
    return last.id, epoch


def refuse_if_held(dialect: Dialect, session: Session, run: RunRecord, patience: float) -> None:
    """Raise Refused, saying who it is, when the run's holder is at work."""
    if holders.is_alive(run.holder, lambda: reading.holder(dialect, session, run.id).beats, patience):
        raise Refused(_held(run.holder))


def _held(holder: Holder) -> str:
    return (
        f"Another move into this target is running ({holders.spoken(holder)}): wait until it has ended or stop it, "
        "then go on with --resume."
    )


def _held_by(me: Holder) -> dict[str, Any]:
    return {
        "host": me.host, "pid": me.pid, "process": me.process, "held_since": me.since, "beat_at": me.beat_at,
        "beats": tables.Raw("beats + 1"),
    }  # fmt: skip


def _slot(run_id: int, number: int, own: Session) -> dict[str, Any]:
    mark = own.mark if number == OWN_SLOT else ""
    return {"id": slot_id(run_id, number), "run_id": run_id, "epoch": 1, "chunks": 0, "mark": mark}


def can_resume(run: RunRecord) -> bool:
    """Unfinished, or equal while the project has not yet been loaded through its new settings."""
    return run.state in UNFINISHED or (run.state in (State.COPIED, State.VERIFIED) and not run.facts.get(COUNTED))


@contextmanager
def _insertion(dialect: Dialect, session: Session, number: int) -> Iterator[None]:
    """A transaction that inserts run ``number``; of two movers at once, the second learns who the first is."""
    try:
        with transaction(session):
            yield
    except Exception as error:
        first = reading.last_run(dialect, session)
        if first is None or first.id < number:
            raise
        raise Refused(_held(first.holder)) from error


def _abandon(dialect: Dialect, session: Session, old: RunRecord, new: int) -> None:
    """End the old run for good; what it had set aside and not restored is now the new run's to restore."""
    values = {"state": State.ABANDONED.value, "epoch": old.epoch + 1}
    if tables.update(dialect, session, Run, values, {"id": old.id, "epoch": old.epoch}) != 1:
        raise Refused(_held(reading.holder(dialect, session, old.id)))
    _close_slots(dialect, session, old.id, old.epoch + 1)
    tables.update(dialect, session, SetAsideObject, {"run_id": new}, {"run_id": old.id, "restored": None})


def _close_slots(dialect: Dialect, session: Session, run_id: int, epoch: int, own: str = "") -> None:
    """Waits for chunks that are committing at this moment; what comes later finds another epoch and is refused."""
    for row in tables.select(dialect, session, Slot, {"run_id": run_id}):
        mark = own if row["id"] == slot_id(run_id, OWN_SLOT) else ""
        tables.update(dialect, session, Slot, {"epoch": epoch, "mark": mark}, {"id": row["id"]})


def end_sessions(dialect: Dialect, session: Session, run_id: int) -> None:
    """End the earlier owner's connections: a stopped process would hold its locks for ever."""
    marks = [r["mark"] for r in tables.select(dialect, session, Slot, {"run_id": run_id}) if r["mark"]]
    if marks:
        dialect.end_sessions(session, marks)
