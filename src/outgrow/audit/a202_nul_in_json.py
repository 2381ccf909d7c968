"""A202: \\u0000 inside JSON."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.json_values import look
from outgrow.audit.rule import CellRule, Spot, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind


class NulInJson(CellRule):
    """jsonb refuses it, "after nearly 2 hours" (FROST-Server#375)."""

    id = "A202"
    title = "JSON holds the escape \\u0000, which the target refuses."
    policies = ("strip", "null", "reject")
    advised = ("strip",)
    kinds = frozenset({Kind.JSON})

    def probes(self, spot: Spot) -> Iterable[Probe]:
        if spot.facts is not None and not spot.facts.json_nul:
            yield spot.probe(Test.PRESENT)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        return look(suspect.raw or b"").nul

    def message(self, spot: Spot, count: int) -> str:
        return f"{values(count)} {spot.name} {'holds' if count == 1 else 'hold'} \\u0000, which the target refuses"

    def remedy(self, spot: Spot) -> str:
        return "take the character out at the source"
