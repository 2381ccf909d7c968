"""What an audit found: values that can be printed, counted and compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from outgrow.dialects.base import Key

SAMPLE = 20


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"  # data would be lost or refused
    WARNING = "warning"  # nothing is lost, but somebody should know before moving
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that an audit found in one column, or in one table or the whole database where these are empty.

    ``keys`` are all rows concerned; a table without a key has none to give, so ``count`` is the number that counts.
    """

    id: str
    table: str
    column: str
    message: str
    count: int
    keys: tuple[Key, ...] = ()
    remedy: str = ""
    severity: Severity = Severity.ERROR
    policies: tuple[str, ...] = ()
    argument: str = ""  # what a policy keeps to: "40" characters, "2704b" bytes, a character set
    nullable: bool = False  # both sides could hold NULL here

    @property
    def sample(self) -> tuple[Key, ...]:
        return self.keys[:SAMPLE]

    def as_json(self, all_keys: bool = False) -> dict[str, Any]:
        return {
            "id": self.id,
            "severity": str(self.severity),
            "table": self.table,
            "column": self.column,
            "message": self.message,
            "count": self.count,
            "keys": [list(key) for key in (self.keys if all_keys else self.sample)],
            "remedy": self.remedy,
            "policies": list(self.policies),
        }


@dataclass(frozen=True, slots=True)
class NotJudged:
    """Something that could not be judged, and why: never to be taken for clean."""

    id: str
    table: str
    column: str
    message: str

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "table": self.table, "column": self.column, "message": self.message}


@dataclass(frozen=True, slots=True)
class AuditResult:
    """All that one audit found. ``judged`` names the probes that it asked, so that a second audit need not."""

    findings: tuple[Finding, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    judged: frozenset[Any] = frozenset()

    @property
    def would_lose(self) -> bool:
        """Whether a move as things are would lose or change data, or be refused."""
        return any(f.severity is Severity.ERROR for f in self.findings)

    def __add__(self, other: AuditResult) -> AuditResult:
        return AuditResult(
            self.findings + other.findings, self.not_judged + other.not_judged, self.judged | other.judged
        )

    def as_json(self, all_keys: bool = False) -> dict[str, Any]:
        return {
            "would_lose": self.would_lose,
            "findings": [f.as_json(all_keys) for f in self.findings],
            "not_judged": [n.as_json() for n in self.not_judged],
        }


def in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Errors first, then by id, table and column."""
    rank = {severity: n for n, severity in enumerate(Severity)}
    return tuple(sorted(findings, key=lambda f: (rank[f.severity], f.id, f.table, f.column)))
