"""A104: text outside of the target's character set (an emoji for utf8mb3)."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.rule import CellRule, Spot, are, values
from outgrow.dialects.suspects import Probe, Suspect, Test, fits
from outgrow.lines import Kind


class OutsideCharset(CellRule):
    """utf8mb3 takes no character of four bytes; lenient modes cut the text there."""

    id = "A104"
    title = "Text has characters that the target's character set does not."
    policies = ("strip", "null", "reject")
    kinds = frozenset({Kind.TEXT, Kind.JSON})

    def codec(self, spot: Spot) -> str | None:
        there = spot.stage.there
        if there is None:
            return None
        return there.charset(spot.target) if spot.target is not None else spot.stage.charset

    def argument(self, spot: Spot) -> str:
        return self.codec(spot) or ""

    def probes(self, spot: Spot) -> Iterable[Probe]:
        codec = self.codec(spot)
        if codec is not None:
            yield spot.probe(Test.FOREIGN, codec)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        try:
            return not fits((suspect.raw or b"").decode(), self.codec(spot) or "utf-8")
        except UnicodeDecodeError:
            return False

    def message(self, spot: Spot, count: int) -> str:
        charset = spot.target.charset if spot.target and spot.target.charset else "the target's character set"
        return f"{values(count)} {spot.name} {are(count)} outside of {charset}"

    def remedy(self, spot: Spot) -> str:
        return "make the target's database, tables and connection utf8mb4 (or UTF8) before moving"
