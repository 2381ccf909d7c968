"""A601: a UUID that is none, or that the target's uuid type refuses."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.rule import CellRule, Spot, are, values
from outgrow.audit.trial import refuses
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind


class UuidRefused(CellRule):
    """MariaDB's uuid refuses some variants; LOAD DATA then stores zeros (62,075 of 250,000 rows)."""

    id = "A601"
    title = "A UUID cannot be read, or the target's uuid type refuses it."
    policies = ("null", "reject")
    kinds = frozenset({Kind.UUID})

    def is_strict(self, spot: Spot) -> bool:
        return spot.target is not None and spot.facts is not None and spot.target.type in spot.facts.strict_uuids

    def probes(self, spot: Spot) -> Iterable[Probe]:
        yield spot.probe(Test.UNREADABLE)
        if self.is_strict(spot):
            yield spot.probe(Test.ODD_UUID)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        if not suspect.readable:
            return True
        return self.is_strict(spot) and refuses(spot.stage, spot.target, suspect.raw or b"")

    def message(self, spot: Spot, count: int) -> str:
        return f"{values(count)} {spot.name} {are(count)} no UUID that the target takes"
