"""A307: a float that is zero and negative."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.rule import CellRule, Spot, are, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind


class NegativeZero(CellRule):
    """SQLite and MariaDB store -0.0 as 0.0: equal for whoever computes, and not the same double."""

    id = "A307"
    title = "A float is a negative zero, of which the target drops the sign."
    policies = ("strip", "null", "reject")
    advised = ("strip",)
    kinds = frozenset({Kind.FLOAT})

    def probes(self, spot: Spot) -> Iterable[Probe]:
        if spot.facts is not None and not spot.facts.holds_negative_zero:
            yield spot.probe(Test.NEGATIVE_ZERO)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        raw = suspect.raw or b""
        try:
            return raw.startswith(b"-") and float(raw) == 0
        except ValueError:
            return False

    def message(self, spot: Spot, count: int) -> str:
        return f"{values(count)} {spot.name} {are(count)} a negative zero, and the target drops the sign"

    def remedy(self, spot: Spot) -> str:
        return "store 0.0 at the source"
