"""A304: a float that the target cannot hold: infinity, not a number, or more bits than its type has."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable

from outgrow.audit.rule import CellRule, Spot, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind


class FloatUnfit(CellRule):
    """MySQL holds no infinity, SQLite turns NaN into NULL, and a single precision column halves the digits."""

    id = "A304"
    title = "A float is one that the target cannot hold."
    policies = ("null", "reject")
    kinds = frozenset({Kind.FLOAT})

    def is_single(self, spot: Spot) -> bool:
        facts, target = spot.facts, spot.target
        return facts is not None and target is not None and target.type in facts.singles

    def probes(self, spot: Spot) -> Iterable[Probe]:
        if self.is_single(spot):
            yield spot.probe(Test.PRESENT)
        elif spot.facts is not None and not (spot.facts.holds_infinity and spot.facts.holds_nan):
            yield spot.probe(Test.ENDLESS)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        facts = spot.facts
        try:
            number = float(suspect.raw or b"")
        except ValueError:
            return False
        if facts is None or not math.isfinite(number):
            return facts is not None and not (facts.holds_nan if math.isnan(number) else facts.holds_infinity)
        try:
            return self.is_single(spot) and struct.unpack("f", struct.pack("f", number))[0] != number
        except OverflowError:
            return True

    def message(self, spot: Spot, count: int) -> str:
        return f"{values(count)} {spot.name} cannot be held by the target (infinite, not a number, or too precise)"
