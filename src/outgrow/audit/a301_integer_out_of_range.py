"""A301: an integer outside of the target's type."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.rule import CellRule, Spot, are, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind


class IntegerOutOfRange(CellRule):
    """SQLite keeps 64 bits in every integer column; PositiveIntegerField ends at 2147483647 on one engine, at
    4294967295 on another."""

    id = "A301"
    title = "An integer is outside of the range of its column on the target."
    policies = ("null", "reject")
    kinds = frozenset({Kind.INTEGER})

    def range(self, spot: Spot) -> tuple[int, int] | None:
        if spot.facts is None:
            return None
        expected = spot.facts.integers.get(spot.internal_type)
        if spot.target is None or spot.stage.limits is None:
            return expected
        unsigned = " unsigned" if spot.target.unsigned and "unsigned" not in spot.target.type else ""
        live = spot.stage.limits.integers.get(spot.target.type + unsigned)
        if live and expected and expected[0] == 0 and spot.internal_type.startswith("Positive"):
            return max(live[0], 0), live[1]  # its check
        return live

    def probes(self, spot: Spot) -> Iterable[Probe]:
        span = self.range(spot)
        wide = spot.source.unsigned or spot.source.type in ("decimal", "numeric")  # may hold more than 64 signed bits
        if span is not None and (wide or not (span[0] <= -(2**63) and span[1] >= 2**63 - 1)):
            yield spot.probe(Test.OUTSIDE, *span)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        span = self.range(spot)
        try:
            number = int(suspect.raw or b"")
        except ValueError:
            return False
        return span is not None and not span[0] <= number <= span[1]

    def message(self, spot: Spot, count: int) -> str:
        low, high = self.range(spot) or (0, 0)
        return f"{values(count)} {spot.name} {are(count)} outside of {low} … {high}"

    def remedy(self, spot: Spot) -> str:
        label = spot.info.label if spot.info else spot.name
        return f"correct the values, or give {label} a larger field by a migration"
