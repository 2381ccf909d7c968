"""A402: a naive datetime that happened twice in its time zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from outgrow.audit.rule import CellRule, Spot, are, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.findings import Severity
from outgrow.lines import Kind

FIRST, LAST = 1900, 2100


@lru_cache(maxsize=16)
def windows(zone: str, *, gaps: bool) -> tuple[tuple[str, str], ...]:
    """Local times that a zone's clocks left out (gaps) or showed twice, as (low, high) texts."""
    try:
        info = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ()
    return tuple((low, high) for low, high, gap in _windows(info) if gap is gaps)


def _windows(info: ZoneInfo) -> Iterator[tuple[str, str, bool]]:
    step = timedelta(days=7)
    moment = datetime(FIRST, 1, 1, tzinfo=UTC)
    while moment.year < LAST:
        before, after = moment.astimezone(info).utcoffset(), (moment + step).astimezone(info).utcoffset()
        if before != after and before is not None and after is not None:
            change = _change(info, moment, moment + step)
            low = (change + min(before, after)).replace(tzinfo=None)
            high = (change + max(before, after)).replace(tzinfo=None) - timedelta(microseconds=1)
            yield low.isoformat(" "), high.isoformat(" ", "microseconds"), after > before
        moment += step


def _change(info: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The second at which the offset changes, by bisection."""
    offset = low.astimezone(info).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(info).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high


class NaiveMoment(CellRule):
    """With USE_TZ = False an engine that keeps instants reads naive values in TIME_ZONE: an hour a year is doubtful."""

    policies = ("null", "reject")
    kinds = frozenset({Kind.DATETIME})
    gaps: ClassVar[bool]

    def probes(self, spot: Spot) -> Iterable[Probe]:
        facts, project = spot.facts, spot.stage.project
        aware = spot.info is not None and spot.info.aware
        same = spot.stage.suspects.facts.keeps_time_zone
        if facts is None or project is None or aware or same or not facts.keeps_time_zone:
            return
        doubtful = windows(project.time_zone, gaps=self.gaps)
        if doubtful and (spot.target is None or "without" not in spot.target.type):
            yield spot.probe(Test.WITHIN, *doubtful)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        text = (suspect.raw or b"").decode("utf-8", "replace")
        project = spot.stage.project
        doubtful = windows(project.time_zone, gaps=self.gaps) if project else ()
        return any(low <= text <= high for low, high in doubtful)


class AmbiguousMoment(NaiveMoment):
    """It reads as before, but which of the two it was is the target's guess."""

    id = "A402"
    title = "A naive datetime happened twice in the project's time zone."
    severity = Severity.WARNING
    gaps = False

    def message(self, spot: Spot, count: int) -> str:
        zone = spot.stage.project.time_zone if spot.stage.project else ""
        return f"{values(count)} {spot.name} {are(count)} in an hour that {zone} had twice"

    def remedy(self, spot: Spot) -> str:
        return "the target takes it for one of the two; correct the values if it matters which"
