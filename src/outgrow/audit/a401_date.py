"""A401: a date, time or datetime that cannot be read, is zero, or is outside of the target's range."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.rule import CellRule, Spot, are, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind


class DateUnfit(CellRule):
    """0000-00-00, infinity, 44 BC, 24:00, an hour beyond the day, '31/12/2024' in a text-kept column."""

    id = "A401"
    title = "A date or time cannot be read, is zero, or is outside of the target's range."
    policies = ("null", "reject")
    kinds = frozenset({Kind.DATE, Kind.TIME, Kind.DATETIME})

    def span(self, spot: Spot) -> tuple[str, str] | None:
        """First and last moment of a live type that has a short range."""
        if spot.facts is None or spot.target is None or spot.kind is not Kind.DATETIME:
            return None
        return spot.facts.moments.get(spot.target.type)

    def probes(self, spot: Spot) -> Iterable[Probe]:
        yield spot.probe(Test.UNREADABLE)
        span = self.span(spot)
        if span is not None:
            yield spot.probe(Test.OUTSIDE, *span)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        span = self.span(spot)
        text = (suspect.raw or b"").decode("utf-8", "replace")
        return not suspect.readable or (span is not None and not span[0] <= text <= span[1])

    def message(self, spot: Spot, count: int) -> str:
        return f"{values(count)} {spot.name} {are(count)} no {spot.kind} that the target can hold"
