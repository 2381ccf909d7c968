"""The record of a rehearsal: every finding once, how often it was met, and which test or command met it."""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from outgrow.exemptions import Exemption
from outgrow.rehearse.findings import Finding, Key

LABELS = 5  # of those who met a finding, so many are kept: an allow-list names them


@dataclass(slots=True)
class Met:
    """A finding, how often, and by whom (tests' ids, or a command)."""

    finding: Finding
    count: int = 0
    labels: dict[str, None] = field(default_factory=dict)


class Record:
    """A sink that keeps everything. ``label`` is whoever runs at the moment; ``listener`` hears of every finding.

    Processes that the project forks (``manage.py test --parallel``) write what they find to ``spool``, a file that the
    first process reads at the end.
    """

    def __init__(
        self, label: str = "", spool: Path | None = None, listener: Callable[[Finding], None] | None = None
    ) -> None:
        self.met: dict[Key, Met] = {}
        self.exemptions: dict[str, str] = {}  # of those that have ended: their issue → what is to be said
        self.label = label
        self.spool = spool
        self.listener = listener
        self._process = os.getpid()
        self._lock = threading.Lock()

    def found(self, finding: Finding) -> None:
        if os.getpid() != self._process:
            self._write({**finding.as_json(), "count": 1, "labels": [self.label] if self.label else []})
            return
        self._add(finding, 1, [self.label] if self.label else [])
        if self.listener is not None:
            self.listener(finding)

    def expired(self, exemption: Exemption) -> None:
        if os.getpid() != self._process:
            self._write({"expired": exemption.issue, "message": str(exemption)})
        else:
            self.exemptions.setdefault(exemption.issue, str(exemption))

    def as_json(self) -> dict[str, Any]:
        """All of it, for another process's merge()."""
        found = [
            {**met.finding.as_json(), "count": met.count, "labels": list(met.labels)} for met in self.in_order()
        ]  # fmt: skip
        return {"findings": found, "exemptions": self.exemptions}

    def merge(self, other: Mapping[str, Any]) -> None:
        """Take in what as_json() gave elsewhere."""
        for value in other["findings"]:
            self._add(Finding.from_json(value), value["count"], value["labels"])
        self.exemptions.update(other["exemptions"])

    def read_spool(self) -> None:
        """Take in what forked processes found."""
        if self.spool is None or not self.spool.exists():
            return
        for line in self.spool.read_text(encoding="utf-8").splitlines():
            value = json.loads(line)
            if "expired" in value:
                self.exemptions.setdefault(value["expired"], value["message"])
            else:
                self._add(Finding.from_json(value), value["count"], value["labels"])
        self.spool.unlink()

    def in_order(self) -> list[Met]:
        """By owners, then kind, the most frequent first."""
        return sorted(self.met.values(), key=lambda m: (m.finding.owners, m.finding.kind, -m.count, m.finding.key))

    def pairs(self, keys: Iterable[Key] | None = None) -> dict[tuple[str, str], Counter[str]]:
        """Pair of owners → how many findings of each kind: how far they are from being split."""
        wanted = None if keys is None else set(keys)
        found: dict[tuple[str, str], Counter[str]] = {}
        for key, met in self.met.items():
            if wanted is None or key in wanted:
                for pair in met.finding.pairs():
                    found.setdefault(pair, Counter())[str(met.finding.kind)] += 1
        return dict(sorted(found.items()))

    def _add(self, finding: Finding, count: int, labels: Iterable[str]) -> None:
        with self._lock:
            met = self.met.setdefault(finding.key, Met(finding))
            met.count += count
            for label in labels:
                if len(met.labels) < LABELS:
                    met.labels.setdefault(label)

    def _write(self, value: Mapping[str, Any]) -> None:
        """One line in one call: lines of several processes do not mix."""
        if self.spool is not None:
            line = (json.dumps(value, ensure_ascii=False) + "\n").encode()
            descriptor = os.open(self.spool, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, line)
            finally:
                os.close(descriptor)
