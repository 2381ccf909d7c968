"""A102: a NUL byte in text."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.rule import CellRule, Spot, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind


class NulInText(CellRule):
    """pgloader 3.6.9 stores 'a' for 'a\\0bc' and reports success."""

    id = "A102"
    title = "Text holds a NUL byte, which the target refuses."
    policies = ("strip", "null", "reject")
    advised = ("strip",)
    kinds = frozenset({Kind.TEXT})

    def probes(self, spot: Spot) -> Iterable[Probe]:
        if spot.facts is not None and not spot.facts.holds_nul:
            yield spot.probe(Test.NUL)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        return suspect.storage != "blob" and b"\0" in (suspect.raw or b"")

    def message(self, spot: Spot, count: int) -> str:
        return f"{values(count)} {spot.name} {'holds' if count == 1 else 'hold'} a NUL byte, which the target refuses"

    def remedy(self, spot: Spot) -> str:
        return "take the NUL bytes out at the source"
