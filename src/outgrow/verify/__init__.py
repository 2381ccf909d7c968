"""The proof: both engines render the same lines and the digests agree; then a second path compares raw values.

Digests find the chunk, keys find the row, columns find the value. The second path reads a random sample with the
drivers' own values and shares no code with the lines, so that one mistake cannot blind both.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from outgrow.dialects.base import Dialect, Key, ObjectKind, Range, Session
from outgrow.errors import Interrupted
from outgrow.events import Event, Watch
from outgrow.fixes import Patcher
from outgrow.lines import Digest, digest, normalisers
from outgrow.plan import TablePlan
from outgrow.verify.differences import Difference, compare_chunk
from outgrow.verify.second import compare_values

SAMPLE = 10_000
SHOWN = 20  # differences per table that are looked up and kept
Alterations = Mapping[Key, frozenset[str]]
"""Columns that a recorded fix changed, by key."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verify found of one table. ``sampled_equal`` is None where the table has no key to sample by."""

    table: str
    source: Digest
    target: Digest
    sampled: int = 0
    sampled_equal: bool | None = None
    differences: tuple[Difference, ...] = ()
    orphans: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        return self.source == self.target and self.sampled_equal is not False and not self.orphans


@dataclass
class Verify:
    """Compares the plan's tables. ``open_source`` opens a session on one snapshot of the source."""

    source: Dialect
    open_source: Callable[[], Session]
    target: Dialect
    tables: Sequence[TablePlan]
    ranges: Mapping[str, Sequence[Range]]
    jobs: int
    watch: Watch
    patchers: Mapping[str, Patcher] = field(default_factory=dict)
    altered: Mapping[str, Alterations] = field(default_factory=dict)
    sample: int = SAMPLE
    seed: int = 0
    show_values: bool = False
    source_sessions: int | None = None
    known: Mapping[tuple[str, Range], Digest] = field(
        default_factory=dict
    )  # of lines that are proved to be the source's

    def __post_init__(self) -> None:
        self._local = threading.local()
        self._opened: list[Session] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()

    def run(self) -> list[Verdict]:
        """A verdict per table; nothing is changed anywhere."""
        workers = max(1, min(self.jobs, self.source_sessions or self.jobs))
        with ThreadPoolExecutor(workers, thread_name_prefix="outgrow-verify") as pool:
            try:
                jobs = {
                    t.name: [pool.submit(self._chunk, t, span) for span in self.ranges.get(t.name) or [Range()]]
                    for t in self.tables
                }
                samples = {t.name: pool.submit(self._sample, t) for t in self.tables}
                orphans = {t.name: pool.submit(self._orphans, t) for t in self.tables}
                return [
                    _verdict(t, [f.result() for f in jobs[t.name]], samples[t.name].result(), orphans[t.name].result())
                    for t in self.tables
                ]
            except BaseException as error:
                self._stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                for session in self._opened:
                    session.cancel()
                if isinstance(error, KeyboardInterrupt):
                    raise Interrupted("Stopped.") from error
                raise
            finally:
                pool.shutdown(wait=True)
                for session in self._opened:
                    session.close()

    # -- by line ------------------------------------------------------------------------------------------------------
    def _chunk(self, table: TablePlan, span: Range) -> tuple[Digest, Digest, tuple[Difference, ...]]:
        here, there = table.compared
        source, target = self._sessions()
        functions = normalisers(here.kinds)
        patcher = self.patchers.get(table.name)
        one, other = self._source_digest(table, span), Digest()
        for piece in self.target.lines(target, there, span):
            self._check()
            part = digest(piece, functions)
            other += part
            self.watch(Event("progress", "verify", table.name, rows=part.rows, bytes=len(piece)))
        if one == other:
            return one, other, ()
        lines = self.source.lines(source, here, span)
        patched = (patcher.patch(piece)[0] for piece in lines) if patcher else lines
        found = compare_chunk(
            table, patched, self.target.lines(target, there, span), functions, SHOWN, self.show_values
        )
        return one, other, tuple(found)

    def _source_digest(self, table: TablePlan, span: Range) -> Digest:
        here = table.compared[0]
        functions = normalisers(here.kinds)
        if not functions and not table.computed and (table.name, span) in self.known:
            return self.known[table.name, span]
        patcher, found = self.patchers.get(table.name), Digest()
        for piece in self.source.lines(self._sessions()[0], here, span):
            self._check()
            found += digest(patcher.patch(piece)[0] if patcher else piece, functions)
        return found

    # -- by value -----------------------------------------------------------------------------------------------------
    def _sample(self, table: TablePlan) -> tuple[int, tuple[Difference, ...]] | None:
        if not table.source.key or not self.sample:
            return None
        self._check()
        here, there = table.compared
        source, target = self._sessions()
        keys = self.source.sample_keys(source, here, self.sample, self.seed)
        found: list[Difference] = []
        skipped = self.altered.get(table.name, {})
        rows = 0
        for start in range(0, len(keys), 500):
            self._check()
            block = keys[start : start + 500]
            one, other = self.source.raw(source, here, block), self.target.raw(target, there, block)
            found += compare_values(table, one, other, skipped, self.show_values)
            rows += len(one)
        return rows, tuple(found[:SHOWN])

    # -- by reference --------------------------------------------------------------------------------------------------
    def _orphans(self, table: TablePlan) -> tuple[str, ...]:
        """Keys without a parent, where the target's engine does not look by itself."""
        if self.target.enforces_keys or table.target is None:
            return ()
        self._check()
        _, target = self._sessions()
        found = []
        for item in table.target.objects:
            if item.kind is ObjectKind.FOREIGN:
                keys = self.target.orphans(target, item, table.target_reading)
                found += [f"{','.join(item.columns)} of {table.name} {key}" for key in keys]
        return tuple(found)

    def _sessions(self) -> tuple[Session, Session]:
        pair: tuple[Session, Session] | None = getattr(self._local, "pair", None)
        if pair is None:
            pair = self._local.pair = (self.open_source(), self.target.connect(read_only=True))
            with self._lock:
                self._opened += pair
        return pair

    def _check(self) -> None:
        if self._stop.is_set():
            raise Interrupted("Stopped.")


def _verdict(
    table: TablePlan,
    chunks: Sequence[tuple[Digest, Digest, tuple[Difference, ...]]],
    sample: tuple[int, tuple[Difference, ...]] | None,
    orphans: tuple[str, ...],
) -> Verdict:
    one = sum((c[0] for c in chunks), Digest())
    other = sum((c[1] for c in chunks), Digest())
    differences = [d for c in chunks for d in c[2]]
    if sample is not None:
        seen = {(d.key, d.column) for d in differences}
        differences += [d for d in sample[1] if (d.key, d.column) not in seen]
    return Verdict(
        table.name, one, other, sample[0] if sample else 0, not sample[1] if sample else None,
        tuple(differences[:SHOWN]), orphans,
    )  # fmt: skip
