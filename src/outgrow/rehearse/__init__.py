"""Rehearse a split before there is one: on one database, what crosses the planned owners?

``Rehearsal`` is one run of it: planned owners, a record, an allow-list, a verdict.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from outgrow.rehearse import installing, outcome
from outgrow.rehearse.allowed import AllowList, Verdict
from outgrow.rehearse.findings import Finding, Kind
from outgrow.rehearse.observer import Observer
from outgrow.rehearse.planned import planned
from outgrow.rehearse.record import Met, Record

__all__ = ["AllowList", "Finding", "Kind", "Met", "Record", "Rehearsal", "Verdict", "outcome", "planned"]


class Rehearsal:
    """Watches every statement of this process, and of those it forks, between start() and stop()."""

    def __init__(
        self, owners: str | None, allowed: Path | None = None, *, mode: str = "virtual", label: str = "",
        listener: Callable[[Finding], None] | None = None,
    ) -> None:  # fmt: skip
        """``owners`` as planned() takes them. Raises Refused for what cannot be read."""
        self.allowed = AllowList.read(allowed)
        ownership = planned(owners)
        self._folder = tempfile.TemporaryDirectory(prefix="outgrow-rehearse-")
        self.record = Record(label, Path(self._folder.name) / "forked.jsonl", listener)
        self.observer = Observer(ownership, self.record, mode)

    def start(self) -> None:
        installing.start(self.observer)

    def stop(self) -> None:
        """Watch no more, and take in what forked processes found."""
        installing.stop()
        self.record.read_spool()
        self._folder.cleanup()

    def verdict(self, ran: Callable[[str], bool]) -> Verdict:
        """``ran`` as AllowList.judge takes it."""
        return self.allowed.judge(self.record, ran)

    @contextmanager
    def running(self) -> Iterator[Rehearsal]:
        self.start()
        try:
            yield self
        finally:
            self.stop()
