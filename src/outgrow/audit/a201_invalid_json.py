"""A201: a JSON column holds text that is not JSON."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.json_values import look
from outgrow.audit.rule import CellRule, Spot, are, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind


class InvalidJson(CellRule):
    """Old text-JSON columns fail the conversion late; NaN and Infinity are no JSON either."""

    id = "A201"
    title = "A value of a JSON column is not valid JSON."
    policies = ("null", "reject")
    kinds = frozenset({Kind.JSON})

    def probes(self, spot: Spot) -> Iterable[Probe]:
        yield spot.probe(Test.PRESENT)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        facts = look(suspect.raw or b"")
        return facts.decoded and not facts.valid

    def message(self, spot: Spot, count: int) -> str:
        return f"{values(count)} {spot.name} {are(count)} not valid JSON"
