"""A203: a JSON number that the target cannot hold exactly."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.json_values import look
from outgrow.audit.rule import CellRule, Spot, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind


class JsonNumber(CellRule):
    """MySQL keeps numbers of JSON as doubles and 64-bit integers: one of 20 digits changes."""

    id = "A203"
    title = "JSON holds a number that the target cannot hold exactly."
    policies = ("null", "reject")
    kinds = frozenset({Kind.JSON})

    def probes(self, spot: Spot) -> Iterable[Probe]:
        if spot.facts is not None:
            yield spot.probe(Test.PRESENT)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        facts = look(suspect.raw or b"")
        binary = not spot.facts.json_duplicate_keys if spot.facts else False  # text keeps every number
        return facts.endless and binary if spot.facts and spot.facts.json_exact_numbers else facts.inexact

    def message(self, spot: Spot, count: int) -> str:
        verb = "holds" if count == 1 else "hold"
        return f"{values(count)} {spot.name} {verb} a JSON number that the target would change"

    def remedy(self, spot: Spot) -> str:
        return "store such numbers as strings, or round them at the source"
