"""The ledger's rows as values, and its states."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from outgrow.dialects.base import Key, ObjectKind, SchemaObject, SetAside
from outgrow.lines import Digest


class State(StrEnum):
    """How far a run has come. What was not verified says copied, never verified."""

    PLANNED = "planned"
    COPYING = "copying"
    RESTORING = "restoring"
    COPIED = "copied"
    VERIFIED = "verified"
    DIFFERS = "differs"  # verified, and found unequal
    ABANDONED = "abandoned"  # --restart began another


UNFINISHED = (State.PLANNED, State.COPYING, State.RESTORING)
COUNTED = "counted"  # the fact that a move records last: the project was loaded through its new settings
SPLIT = "split"  # the facts of a split: its scope,
SWITCHED = "switched"  # when the source lost its crossing constraints,
UNDONE = "undone"  # when it got them back,
HOME = "home"  # the tables of a split that a later one brought back,
AWAITED = "awaited constraints"  # what tables that came home get back when the other end is home too
COPIED_ROWS = "copied rows"  # what was copied, by table: the digest of the source's rows as they are stored,
DROPPING = "dropping"  # the old tables that are about to go,
DROPPED = "dropped"  # and when they were gone


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    """A chunk as planned (``finished_at`` None) or done."""

    table: str
    number: int
    low: Key | None = None
    high: Key | None = None
    rows: int = 0
    bytes: int = 0
    digest: Digest | None = None
    seconds: float = 0.0
    finished_at: float | None = None
    way: str = ""

    @property
    def done(self) -> bool:
        return self.finished_at is not None

    def as_row(self, run_id: int) -> dict[str, Any]:
        return {
            "run_id": run_id, "table_name": self.table, "number": self.number, "low": key_json(self.low),
            "high": key_json(self.high), "rows_done": self.rows, "bytes_done": self.bytes,
            "digest": str(self.digest) if self.digest else "", "seconds": self.seconds,
            "finished": self.finished_at, "way": clip(self.way, 64),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class StepRecord:
    name: str
    state: str
    started: float
    seconds: float
    epoch: int = 1
    text: str = ""


@dataclass(frozen=True, slots=True)
class TableRecord:
    """What became of a table. ``equal`` compares digests, ``sampled_equal`` raw values; None: not compared."""

    name: str
    model: str = ""
    action: str = "copy"
    reason: str = ""
    state: str = "planned"
    expected: int = 0
    source_rows: int | None = None
    target_rows: int | None = None
    source_digest: str = ""
    target_digest: str = ""
    equal: bool | None = None
    sampled: int = 0
    sampled_equal: bool | None = None
    way: str = ""
    note: str = ""

    def as_row(self, run_id: int) -> dict[str, Any]:
        return {
            "run_id": run_id, "name": self.name, "model": clip(self.model), "action": self.action,
            "reason": self.reason, "state": self.state, "expected": self.expected, "source_rows": self.source_rows,
            "target_rows": self.target_rows, "source_digest": str(self.source_digest),
            "target_digest": str(self.target_digest), "equal": flag(self.equal), "sampled": self.sampled,
            "sampled_equal": flag(self.sampled_equal), "way": clip(self.way, 64), "note": self.note,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class AlteredRecord:
    """One value that a fix changed: digests only, never the value."""

    table: str
    chunk: int
    key: Key
    column: str
    rule: str
    policy: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """One finding, or one thing that an audit could not judge (severity "not judged")."""

    phase: str
    rule: str
    severity: str
    line: str
    table: str = ""
    column: str = ""
    amount: int = 0
    sample: tuple[Any, ...] = ()
    remedy: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True)
class SetAsideRecord:
    item: SetAside
    restored_at: float | None = None

    @property
    def restored(self) -> bool:
        return self.restored_at is not None


@dataclass(frozen=True, slots=True)
class DroppedKeyRecord:
    """A constraint that the source lost at the switch."""

    item: SetAside
    rows_digest: str
    dropped_at: float
    restored_at: float | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Who owns a run: a process on a host. An empty host: nobody."""

    host: str
    pid: int
    process: str
    since: float
    beats: int
    beat_at: float


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Everything the ledger knows of one run."""

    id: int
    epoch: int
    state: str
    source: str
    target: str
    started: float
    finished: float | None
    holder: Holder
    options: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    plan: str = ""
    steps: tuple[StepRecord, ...] = ()
    tables: tuple[TableRecord, ...] = ()
    chunks: tuple[ChunkRecord, ...] = ()
    findings: tuple[FindingRecord, ...] = ()
    altered: Mapping[tuple[str, str, str], int] = field(default_factory=dict)  # (rule, policy, table) → values
    set_aside: tuple[SetAsideRecord, ...] = ()


def as_json(value: Any) -> str:
    """ASCII JSON: it survives every character set that a target may have."""
    return json.dumps(value, ensure_ascii=True, default=str)


def key_json(key: Key | None) -> str | None:
    return None if key is None else as_json(list(key))


def key_from(text: str | None) -> Key | None:
    return None if text is None else tuple(json.loads(text))


def set_aside_json(item: SetAside) -> str:
    return as_json(asdict(item))


def set_aside_from(text: str) -> SetAside:
    """The SetAside that :func:`set_aside_json` wrote, equal to the original."""
    return SetAside(**{name: _revived(value) for name, value in json.loads(text).items()})


def _revived(value: Any) -> Any:
    """JSON lists are tuples of a SetAside, and every object in it is a SchemaObject."""
    if isinstance(value, list):
        return tuple(map(_revived, value))
    if isinstance(value, dict):
        return SchemaObject(**{k: _revived(v) for k, v in value.items() if k != "kind"}, kind=ObjectKind(value["kind"]))
    return value


def flag(value: bool | None) -> int | None:
    return None if value is None else int(value)


def unflag(value: Any) -> bool | None:
    return None if value is None else bool(value)


def clip(texts: Sequence[str] | str, length: int = 255) -> str:
    """A text that surely fits its column."""
    text = texts if isinstance(texts, str) else ", ".join(texts)
    return text if len(text) <= length else text[: length - 3] + "..."
