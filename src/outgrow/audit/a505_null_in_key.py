"""A505: NULL where the target takes none."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.rule import TARGET, CellRule, Spot, rows
from outgrow.dialects.suspects import Probe, Suspect, Test


class NullInKey(CellRule):
    """SQLite allows NULL in a primary key that is no integer; columns drift from their models."""

    id = "A505"
    title = "A column holds NULL where the target allows none."
    policies = ("reject",)

    def probes(self, spot: Spot) -> Iterable[Probe]:
        if spot.stage.name == TARGET and spot.target is not None:
            refused = not spot.target.nullable
        else:
            refused = spot.info is not None and not spot.info.null
        loose = spot.source.nullable or (spot.is_key and not spot.source.identity)
        if refused and loose:
            yield spot.probe(Test.ABSENT)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        return suspect.raw is None

    def message(self, spot: Spot, count: int) -> str:
        return f"{rows(count)} {spot.plan.name} without a value of {spot.source.name}, which the target demands"
