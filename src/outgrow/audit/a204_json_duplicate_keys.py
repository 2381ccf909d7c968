"""A204: a JSON object that has a key twice."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.json_values import look
from outgrow.audit.rule import CellRule, Spot, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind


class JsonDuplicateKeys(CellRule):
    """jsonb and MySQL keep only the last of them."""

    id = "A204"
    title = "A JSON object has the same key twice; the target keeps only the last."
    policies = ("null", "reject")
    kinds = frozenset({Kind.JSON})

    def probes(self, spot: Spot) -> Iterable[Probe]:
        if spot.facts is not None and not spot.facts.json_duplicate_keys:
            yield spot.probe(Test.PRESENT)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        return look(suspect.raw or b"").duplicates

    def message(self, spot: Spot, count: int) -> str:
        verb = "has" if count == 1 else "have"
        return f"{values(count)} {spot.name} {verb} a JSON key twice, of which the target keeps the last"
