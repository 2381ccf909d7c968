"""A101: text that is longer than its column."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.rule import CellRule, Spot, are, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind

BOUNDED = ("CharField", "SlugField", "FileField", "FilePathField", "EmailField", "URLField")


class TextTooLong(CellRule):
    """SQLite keeps any length in varchar(40); others refuse the row or, asked to ignore errors, cut it."""

    id = "A101"
    title = "Text is longer than its column on the target."
    policies = ("cut", "null", "reject")
    advised = ("cut",)
    kinds = frozenset({Kind.TEXT})

    def limit(self, spot: Spot) -> int | None:
        if spot.facts is None or not spot.facts.enforces_length:
            return None
        if spot.target is not None:
            return spot.target.length
        return spot.info.max_length if spot.info and spot.internal_type in BOUNDED else None

    def argument(self, spot: Spot) -> str:
        return str(self.limit(spot))

    def probes(self, spot: Spot) -> Iterable[Probe]:
        limit = self.limit(spot)
        if limit is not None:
            yield spot.probe(Test.LONGER, limit)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        text = (suspect.raw or b"").decode("utf-8", "replace")
        return len(text) > (self.limit(spot) or 0)

    def message(self, spot: Spot, count: int) -> str:
        return f"{values(count)} {spot.name} {are(count)} longer than the column's {self.limit(spot)} characters"

    def remedy(self, spot: Spot) -> str:
        label = spot.info.label if spot.info else spot.name
        return f"shorten the values, or raise max_length of {label} by a migration"
