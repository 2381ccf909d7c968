"""A405: a time with more digits after the second than its column on the target keeps."""

from __future__ import annotations

import re
from collections.abc import Iterable

from outgrow.audit.rule import TARGET, CellRule, Spot, have, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind

MICROSECONDS = 6
FRACTION = re.compile(r"\.(\d+)")


class FinerTime(CellRule):
    """A datetime column that MySQL 5.5 made keeps whole seconds, and rounds what it gets without a word."""

    id = "A405"
    title = "A time has more digits after the second than its column keeps."
    policies = ("cut", "null", "reject")
    advised = ("cut",)
    kinds = frozenset({Kind.DATETIME, Kind.TIME})
    stages = (TARGET,)

    def kept(self, spot: Spot) -> int:
        precision = spot.target.precision if spot.target else None
        return MICROSECONDS if precision is None else precision

    def argument(self, spot: Spot) -> str:
        return f"{self.kept(spot)} digits"

    def probes(self, spot: Spot) -> Iterable[Probe]:
        if self.kept(spot) < MICROSECONDS:
            yield spot.probe(Test.FINER, self.kept(spot))

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        found = FRACTION.search((suspect.raw or b"").decode("utf-8", "replace"))
        return found is not None and bool(found[1][self.kept(spot) :].strip("0"))

    def message(self, spot: Spot, count: int) -> str:
        kept = self.kept(spot)
        return f"{values(count)} {spot.name} {have(count)} more digits after the second than the {kept} that are kept"

    def remedy(self, spot: Spot) -> str:
        return "give the target's column six digits (datetime(6)) by a migration"
