"""A403: a duration that is none, has months, or is longer than the target's type."""

from __future__ import annotations

import re
from collections.abc import Iterable

from outgrow.audit.rule import CellRule, Spot, are, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind

DAYS = re.compile(r"(-?\d+) days?")


class DurationUnfit(CellRule):
    """An interval of one month has no length; microseconds in 64 bits end after 292,471 years."""

    id = "A403"
    title = "A duration cannot be read, has months, or is out of range."
    policies = ("null", "reject")
    kinds = frozenset({Kind.DURATION})

    def probes(self, spot: Spot) -> Iterable[Probe]:
        yield spot.probe(Test.UNREADABLE)
        if spot.facts is not None and spot.source.type == "interval" and not spot.facts.long_durations:
            yield spot.probe(Test.OUTSIDE, -(2**63), 2**63 - 1)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        if not suspect.readable:
            return True
        days = DAYS.search((suspect.raw or b"").decode("utf-8", "replace"))
        too_long = days is not None and abs(int(days[1])) >= 2**63 // 86_400_000_000
        return too_long and spot.facts is not None and not spot.facts.long_durations

    def message(self, spot: Spot, count: int) -> str:
        return f"{values(count)} {spot.name} {are(count)} no duration of days, seconds and microseconds"
