"""The ledger read back as values: for resume, status, report and dashboard."""

from __future__ import annotations

import json
from typing import Any

from outgrow.dialects.base import Dialect, Session
from outgrow.ledger import tables
from outgrow.ledger.records import (
    AlteredRecord,
    ChunkRecord,
    DroppedKeyRecord,
    FindingRecord,
    Holder,
    RunRecord,
    SetAsideRecord,
    StepRecord,
    TableRecord,
    key_from,
    set_aside_from,
    unflag,
)
from outgrow.lines import Digest
from outgrow.models import AlteredRow, Chunk, DroppedKey, FindingRow, Run, SetAsideObject, Step, Table


def last_run(dialect: Dialect, session: Session) -> RunRecord | None:
    """The newest run's own row, without what belongs to it."""
    newest = session.value(f"SELECT MAX({dialect.quote('id')}) FROM {dialect.quote(Run._meta.db_table)}")
    return None if newest is None else _run(tables.select(dialect, session, Run, {"id": int(newest)})[0])


def run(dialect: Dialect, session: Session, run_id: int) -> RunRecord:
    """One run with everything the ledger holds of it."""
    where = {"run_id": run_id}
    return _run(
        tables.select(dialect, session, Run, {"id": run_id})[0],
        steps=tuple(map(_step, tables.select(dialect, session, Step, where))),
        tables=tuple(map(_table, tables.select(dialect, session, Table, where))),
        chunks=tuple(chunks(dialect, session, run_id)),
        findings=tuple(map(_finding, tables.select(dialect, session, FindingRow, where))),
        altered=_altered_counts(dialect, session, run_id),
        set_aside=tuple(set_aside(dialect, session, run_id)),
    )


def holder(dialect: Dialect, session: Session, run_id: int) -> Holder:
    return _holder(tables.select(dialect, session, Run, {"id": run_id})[0])


def chunks(dialect: Dialect, session: Session, run_id: int, table: str | None = None) -> list[ChunkRecord]:
    where = {"run_id": run_id} if table is None else {"run_id": run_id, "table_name": table}
    found = map(_chunk, tables.select(dialect, session, Chunk, where))
    return sorted(found, key=lambda c: (c.table, c.number))


def set_aside(dialect: Dialect, session: Session, run_id: int) -> list[SetAsideRecord]:
    rows = tables.select(dialect, session, SetAsideObject, {"run_id": run_id})
    return [SetAsideRecord(set_aside_from(r["item"]), r["restored"]) for r in rows]


def dropped_keys(dialect: Dialect, session: Session, run_id: int) -> list[DroppedKeyRecord]:
    rows = tables.select(dialect, session, DroppedKey, {"run_id": run_id})
    return [DroppedKeyRecord(set_aside_from(r["item"]), r["rows_digest"], r["dropped"], r["restored"]) for r in rows]


def altered(dialect: Dialect, session: Session, run_id: int, table: str) -> list[AlteredRecord]:
    rows = tables.select(dialect, session, AlteredRow, {"run_id": run_id, "table_name": table})
    return [
        AlteredRecord(
            r["table_name"], r["chunk"], key_from(r["key"]) or (), r["column_name"],
            r["rule"], r["policy"], r["before"], r["after"],
        )
        for r in rows
    ]  # fmt: skip


def _altered_counts(dialect: Dialect, session: Session, run_id: int) -> dict[tuple[str, str, str], int]:
    by = ", ".join(map(dialect.quote, ("rule", "policy", "table_name")))
    rows = session.query(
        f"SELECT {by}, COUNT(*) FROM {dialect.quote(AlteredRow._meta.db_table)} "
        f"WHERE {dialect.quote('run_id')} = {run_id} GROUP BY {by} ORDER BY {by}"
    )
    return {(rule, policy, table): int(amount) for rule, policy, table, amount in rows}


def _run(r: dict[str, Any], **parts: Any) -> RunRecord:
    return RunRecord(
        id=r["id"], epoch=r["epoch"], state=r["state"], source=r["source"], target=r["target"], started=r["started"],
        finished=r["finished"], holder=_holder(r), options=json.loads(r["options"]), facts=json.loads(r["facts"]),
        plan=r["plan"], **parts,
    )  # fmt: skip


def _holder(r: dict[str, Any]) -> Holder:
    return Holder(r["host"], r["pid"], r["process"], r["held_since"], r["beats"], r["beat_at"])


def _step(r: dict[str, Any]) -> StepRecord:
    return StepRecord(r["name"], r["state"], r["started"], r["seconds"], r["epoch"], r["text"])


def _table(r: dict[str, Any]) -> TableRecord:
    kept = {name: value for name, value in r.items() if name not in ("id", "run_id")}
    return TableRecord(**{**kept, "equal": unflag(r["equal"]), "sampled_equal": unflag(r["sampled_equal"])})


def _chunk(r: dict[str, Any]) -> ChunkRecord:
    return ChunkRecord(
        r["table_name"], r["number"], key_from(r["low"]), key_from(r["high"]), r["rows_done"], r["bytes_done"],
        Digest.parse(r["digest"]) if r["digest"] else None, r["seconds"], r["finished"], r["way"],
    )  # fmt: skip


def _finding(r: dict[str, Any]) -> FindingRecord:
    return FindingRecord(
        r["phase"], r["rule"], r["severity"], r["line"], r["table_name"], r["column_name"], r["amount"],
        tuple(tuple(k) if isinstance(k, list) else k for k in json.loads(r["sample"])), r["remedy"], r["policy"],
    )  # fmt: skip
