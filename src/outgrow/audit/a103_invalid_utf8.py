"""A103: text that is not UTF-8."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.rule import CellRule, Spot, are, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind


class InvalidUtf8(CellRule):
    """One such cell makes a whole table unreadable through the ORM."""

    id = "A103"
    title = "Text is not valid UTF-8."
    policies = ("strip", "null", "reject")
    advised = ("strip",)
    kinds = frozenset({Kind.TEXT, Kind.JSON, Kind.NATIVE})

    def probes(self, spot: Spot) -> Iterable[Probe]:
        yield spot.probe(Test.BROKEN)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        if suspect.storage not in ("text", ""):
            return False
        try:
            (suspect.raw or b"").decode()
        except UnicodeDecodeError:
            return True
        return False

    def message(self, spot: Spot, count: int) -> str:
        return f"{values(count)} {spot.name} {are(count)} not valid UTF-8"

    def remedy(self, spot: Spot) -> str:
        return "correct the values at the source (often they are Latin-1)"
