"""A303: a decimal that cannot be read, or has more digits than its column."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from outgrow.audit.rule import CellRule, Spot, are, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind


class DecimalUnfit(CellRule):
    """Django itself cannot read a decimal that SQLite rounded up to one digit more (InvalidOperation)."""

    id = "A303"
    title = "A decimal cannot be read, or does not fit its column's digits."
    policies = ("null", "reject")
    kinds = frozenset({Kind.DECIMAL})

    def whole(self, spot: Spot) -> int | None:
        """Digits before the point."""
        precision, scale = spot.digits
        return precision - scale if precision is not None and scale is not None else None

    def probes(self, spot: Spot) -> Iterable[Probe]:
        yield spot.probe(Test.UNREADABLE)
        whole = self.whole(spot)
        if whole is not None:
            most = 10**whole - 1 if whole < 15 else 10**whole
            yield spot.probe(Test.OUTSIDE, -most, most)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        if suspect.storage in ("text", "blob") or not suspect.readable:
            return suspect.storage not in ("text", "blob")  # what is no number at all is A302's
        _, scale = spot.digits
        whole = self.whole(spot)
        try:
            number = Decimal((suspect.raw or b"").decode())
            if suspect.storage == "real" and scale is not None:
                number = round(Decimal(repr(float(number))), scale)
        except (ValueError, InvalidOperation):
            return True
        return whole is not None and number.is_finite() and abs(number) >= 10**whole

    def message(self, spot: Spot, count: int) -> str:
        precision, scale = spot.digits
        return f"{values(count)} {spot.name} {are(count)} no decimal of {precision} digits with {scale} after the point"
