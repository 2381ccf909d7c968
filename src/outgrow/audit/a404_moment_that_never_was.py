"""A404: a naive datetime that never happened in its time zone."""

from __future__ import annotations

from outgrow.audit.a402_ambiguous_moment import NaiveMoment
from outgrow.audit.rule import Spot, are, values


class MomentThatNeverWas(NaiveMoment):
    """02:30 in the night when clocks go from 02:00 to 03:00: PostgreSQL makes 03:30 of it."""

    id = "A404"
    title = "A naive datetime never happened in the project's time zone."
    gaps = True

    def message(self, spot: Spot, count: int) -> str:
        zone = spot.stage.project.time_zone if spot.stage.project else ""
        return f"{values(count)} {spot.name} {are(count)} in an hour that clocks in {zone} left out"

    def remedy(self, spot: Spot) -> str:
        return "correct the values at the source: the target would move them by the hour"
