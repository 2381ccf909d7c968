"""A306: decimals that SQLite rounded long before the move."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.rule import CellRule, Spot, are, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.findings import Severity
from outgrow.lines import Kind


class RoundedDecimal(CellRule):
    """SQLite keeps 15 digits of a decimal: the loss happened before, and nothing here repairs it."""

    id = "A306"
    title = "A decimal has more digits than SQLite kept; it was rounded when it was stored."
    severity = Severity.WARNING
    kinds = frozenset({Kind.DECIMAL})

    def probes(self, spot: Spot) -> Iterable[Probe]:
        precision, scale = spot.digits
        if precision is not None and scale is not None and precision > 15:
            yield spot.probe(Test.DIGITS, scale, 15)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        return suspect.storage in ("real", "integer") and suspect.readable

    def message(self, spot: Spot, count: int) -> str:
        return f"{values(count)} {spot.name} {are(count)} longer than a double holds: digits after the 15th are lost"

    def remedy(self, spot: Spot) -> str:
        return "nothing is lost by the move; compare with another record of these amounts if you have one"
