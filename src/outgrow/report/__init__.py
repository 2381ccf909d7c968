"""The report of a run, made from the ledger alone: one value, shown as text, JSON or a self-contained HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from outgrow.ledger.records import (
    DROPPED,
    SPLIT,
    SWITCHED,
    UNDONE,
    ChunkRecord,
    FindingRecord,
    RunRecord,
    State,
    TableRecord,
)
from outgrow.report import words

NOT_JUDGED = "not judged"
BUCKETS = 60
_SENTENCES = {
    State.PLANNED: "The move has begun; no row has been copied yet.",
    State.COPYING: "The move is not complete: rows are being copied.",
    State.RESTORING: "The move is not complete: all rows are copied, indexes and keys are being restored.",
    State.COPIED: "Every row was copied; nothing has been verified.",
    State.VERIFIED: "Every row was copied and verified: source and target are equal.",
    State.DIFFERS: "Source and target differ; see the tables marked below.",
    State.ABANDONED: "This move was abandoned; another was begun in its place.",
}
_BUT_REJECTED = {
    State.COPIED: "Every row but {rejected} rejected by --fix was copied; nothing has been verified.",
    State.VERIFIED: (
        "Every row but {rejected} rejected by --fix was copied and verified: source and target are equal but for these."
    ),
}
_BECAME = {"skip": "skipped", "archive": "archived", "rebuild": "to be rebuilt"}


@dataclass(frozen=True, slots=True)
class StepLine:
    name: str
    seconds: float
    state: str
    share: float  # of the slowest step, 0 to 1


@dataclass(frozen=True, slots=True)
class TableLine:
    """One table of the move. ``proof`` is one word: verified, differs, copied, or what else became of it."""

    name: str
    model: str
    proof: str
    rows: int
    bytes: int
    chunks: int
    seconds: float
    equal: bool | None
    sampled: int
    sampled_equal: bool | None
    source_digest: str
    target_digest: str
    way: str
    note: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """A slice of the copy: how many rows a second arrived in it."""

    at: float  # seconds since the copy began
    rows_per_second: float
    bytes_per_second: float


@dataclass(frozen=True, slots=True)
class Report:
    run: int
    state: str
    sentence: str
    source: str
    target: str
    source_version: str
    target_version: str
    snapshot: str
    started: float
    finished: float | None
    seconds: float  # of all steps together
    taken_over: int  # how often another process went on with it
    rows: int
    bytes: int
    copy_seconds: float
    steps: tuple[StepLine, ...]
    tables: tuple[TableLine, ...]
    others: tuple[tuple[str, str, str], ...]  # (table, what became of it, why)
    throughput: tuple[Bucket, ...]
    ways: tuple[str, ...]
    fixes: tuple[tuple[str, str, str, int], ...]  # (rule, policy, table, values altered)
    findings: tuple[FindingRecord, ...]
    not_judged: tuple[FindingRecord, ...]
    set_aside: int
    restored: int
    options: Mapping[str, Any] = field(default_factory=dict)
    settings_block: str = ""
    rejects: str = ""  # the file with the rejected rows
    split: str = ""  # of a split: which apps, and how far it has come

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.copy_seconds if self.copy_seconds else 0.0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def _sentence(record: RunRecord) -> str:
    """How it stands in one sentence, which does not say "every row" of a move that left some out."""
    state = State(record.state)
    rejected = sum(amount for (_, policy, _), amount in record.altered.items() if policy == "reject")
    if rejected and state in _BUT_REJECTED:
        return _BUT_REJECTED[state].format(rejected=words.number(rejected))
    return _SENTENCES[state]


def build(record: RunRecord) -> Report:
    """The report of one run."""
    by_table: dict[str, list[ChunkRecord]] = {}
    for chunk in record.chunks:
        by_table.setdefault(chunk.table, []).append(chunk)
    lines = [_table(t, by_table.get(t.name, [])) for t in record.tables if t.action == "copy"]
    versions = record.facts.get("versions") or ("", "")
    source_version, target_version = versions if isinstance(versions, list | tuple) else (str(versions), "")
    done = [c for c in record.chunks if c.done]
    return Report(
        run=record.id, state=record.state, sentence=_sentence(record), source=record.source,
        target=record.target, source_version=source_version, target_version=target_version,
        snapshot=str(record.facts.get("snapshot") or ""), started=record.started, finished=record.finished,
        seconds=sum(s.seconds for s in record.steps), taken_over=record.epoch - 1, rows=sum(t.rows for t in lines),
        bytes=sum(t.bytes for t in lines),
        copy_seconds=sum(s.seconds for s in record.steps if s.name == "copy") or _span(done),
        steps=_steps(record), tables=tuple(sorted(lines, key=lambda t: (-t.rows, t.name))),
        others=tuple((t.name, _BECAME.get(t.action, t.action), t.reason) for t in record.tables if t.action != "copy"),
        throughput=throughput(record.chunks),
        ways=tuple(sorted({c.way for c in done if c.way} | {t.way for t in lines if t.way})),
        fixes=tuple((*names, amount) for names, amount in record.altered.items()),
        findings=tuple(f for f in record.findings if f.severity != NOT_JUDGED),
        not_judged=tuple(f for f in record.findings if f.severity == NOT_JUDGED),
        set_aside=len(record.set_aside), restored=sum(o.restored for o in record.set_aside),
        options=dict(record.options), settings_block=str(record.facts.get("settings block") or ""),
        rejects=str(record.facts.get("rejects") or ""), split=_split(record),
    )  # fmt: skip


def _split(record: RunRecord) -> str:
    known = record.facts.get(SPLIT)
    if not known:
        return ""
    said = f"{', '.join(known['apps'])} out of {known['source']} into {known['target']}"
    for fact, word in ((SWITCHED, "switched"), (UNDONE, "undone"), (DROPPED, "old tables dropped")):
        if record.facts.get(fact):
            said += f"; {word} {words.moment(record.facts[fact])}"
    return said if record.facts.get(SWITCHED) else f"{said}; the source is not switched"


def _table(table: TableRecord, chunks: Sequence[ChunkRecord]) -> TableLine:
    done = [c for c in chunks if c.done]
    rows = sum(c.rows for c in done)
    return TableLine(
        table.name, table.model, _proof(table), rows if done else table.source_rows or 0, sum(c.bytes for c in done),
        len(done), sum(c.seconds for c in done), table.equal, table.sampled, table.sampled_equal, table.source_digest,
        table.target_digest, table.way or ", ".join(sorted({c.way for c in done if c.way})), table.note,
    )  # fmt: skip


def _proof(table: TableRecord) -> str:
    if table.equal is False or table.sampled_equal is False or table.state == "differs":
        return "differs"
    return table.state


def _steps(record: RunRecord) -> tuple[StepLine, ...]:
    slowest = max((s.seconds for s in record.steps), default=0.0) or 1.0
    return tuple(StepLine(s.name, s.seconds, s.state, s.seconds / slowest) for s in record.steps)


def _span(chunks: Sequence[ChunkRecord]) -> float:
    ends = [c.finished_at for c in chunks if c.finished_at is not None]
    starts = [c.finished_at - c.seconds for c in chunks if c.finished_at is not None]
    return max(ends) - min(starts) if ends else 0.0


def throughput(chunks: Sequence[ChunkRecord]) -> tuple[Bucket, ...]:
    """Rows and bytes per second over the time of the copy, each chunk spread evenly over its own seconds."""
    done = [(c.finished_at - c.seconds, c.finished_at, c) for c in chunks if c.finished_at is not None and c.rows]
    if not done:
        return ()
    first, last = min(d[0] for d in done), max(d[1] for d in done)
    width = max(last - first, 0.001) / BUCKETS
    rows, size = [0.0] * BUCKETS, [0.0] * BUCKETS
    for start, end, chunk in done:
        low = min(BUCKETS - 1, int((start - first) / width))
        high = min(BUCKETS - 1, int((end - first) / width))
        for n in range(low, high + 1):
            overlap = min(end, first + (n + 1) * width) - max(start, first + n * width)
            share = max(0.0, overlap) / (end - start) if end > start else 1.0 / (high - low + 1)
            rows[n] += chunk.rows * share
            size[n] += chunk.bytes * share
    return tuple(Bucket(n * width, rows[n] / width, size[n] / width) for n in range(BUCKETS))
