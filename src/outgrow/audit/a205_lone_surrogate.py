"""A205: half of a surrogate pair inside JSON."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.json_values import look
from outgrow.audit.rule import CellRule, Spot, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind


class LoneSurrogate(CellRule):
    """An emoji cut in two by a length limit leaves \\ud83d behind."""

    id = "A205"
    title = "JSON holds half of a surrogate pair, which the target refuses."
    policies = ("strip", "null", "reject")
    kinds = frozenset({Kind.JSON})

    def probes(self, spot: Spot) -> Iterable[Probe]:
        if spot.facts is not None and not spot.facts.json_surrogates:
            yield spot.probe(Test.PRESENT)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        return look(suspect.raw or b"").surrogate

    def message(self, spot: Spot, count: int) -> str:
        verb = "holds" if count == 1 else "hold"
        return f"{values(count)} {spot.name} {verb} half of a surrogate pair (\\ud83d), which the target refuses"
