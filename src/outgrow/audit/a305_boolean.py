"""A305: a boolean that is neither 0 nor 1."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.rule import CellRule, Spot, are, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind


class BooleanOdd(CellRule):
    """A 2, or the text 'true'."""

    id = "A305"
    title = "A boolean is neither 0 nor 1."
    policies = ("null", "reject")
    kinds = frozenset({Kind.BOOLEAN})

    def probes(self, spot: Spot) -> Iterable[Probe]:
        yield spot.probe(Test.UNREADABLE)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        return suspect.raw not in (b"0", b"1")

    def message(self, spot: Spot, count: int) -> str:
        return f"{values(count)} {spot.name} {are(count)} neither 0 nor 1"
