"""A206: JSON that is nested deeper than the target reads."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.json_values import depth
from outgrow.audit.rule import CellRule, Spot, are, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind


class DeepJson(CellRule):
    """MariaDB reads 31 levels, MySQL 100 and SQLite 2,000 (measured on 10.11, 9.7 and 3.40)."""

    id = "A206"
    title = "JSON is nested deeper than the target reads."
    policies = ("null", "reject")
    kinds = frozenset({Kind.JSON})

    def most(self, spot: Spot) -> int | None:
        return spot.facts.json_depth if spot.facts else None

    def probes(self, spot: Spot) -> Iterable[Probe]:
        if self.most(spot) is not None:
            yield spot.probe(Test.PRESENT)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        most = self.most(spot)
        return most is not None and depth(suspect.raw or b"") > most

    def message(self, spot: Spot, count: int) -> str:
        return f"{values(count)} {spot.name} {are(count)} nested deeper than the {self.most(spot)} levels that are read"

    def remedy(self, spot: Spot) -> str:
        return "store such documents flatter, or as text in a TextField"
