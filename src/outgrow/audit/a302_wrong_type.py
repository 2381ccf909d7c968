"""A302: a value of another type than its column's, which SQLite's affinity lets pass."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.rule import CellRule, Spot, are, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind


class WrongType(CellRule):
    """'50+' in an integer column (ghini#390); '' lost a whole table to pgloader."""

    id = "A302"
    title = "A value is not of its column's type."
    policies = ("null", "reject")
    kinds = frozenset({Kind.INTEGER, Kind.FLOAT, Kind.DECIMAL, Kind.TEXT, Kind.BINARY})

    def probes(self, spot: Spot) -> Iterable[Probe]:
        yield spot.probe(Test.UNREADABLE)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        if spot.kind is Kind.DECIMAL and suspect.storage not in ("text", "blob"):
            return False  # a number, and A303's
        return not suspect.readable

    def message(self, spot: Spot, count: int) -> str:
        return f"{values(count)} {spot.name} {are(count)} no {spot.kind}"
