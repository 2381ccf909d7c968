"""A303: a decimal that cannot be read, or has more digits than its column."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal, InvalidOperation

from outgrow.audit.rule import CellRule, Spot, are, have, values
from outgrow.dialects.suspects import ALL_DIGITS, Probe, Suspect, Test
from outgrow.lines import Kind

FIFTEEN = Context(prec=15)  # Django's own reading of a decimal that SQLite holds as a double


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

    def kept(self, spot: Spot) -> int | None:
        """Digits that the target stores, where the column may hold more: SQLite rounds without a word."""
        most = spot.facts.decimal_digits if spot.facts else None
        precision = spot.source.precision
        here = spot.stage.suspects.facts.decimal_digits  # nothing there has more
        return None if most is None or here or (precision is not None and precision <= most) else most

    def probes(self, spot: Spot) -> Iterable[Probe]:
        yield spot.probe(Test.UNREADABLE)
        whole = self.whole(spot)
        if whole is not None:
            most = 10**whole - 10 ** max(0, whole - 15)
            yield spot.probe(Test.OUTSIDE, -most, most)
        kept = self.kept(spot)
        if kept is not None:
            yield spot.probe(Test.DIGITS, spot.digits[1] or 0, kept)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        if suspect.storage in ("text", "blob") or not suspect.readable:
            return suspect.storage not in ("text", "blob")  # what is no number at all is A302's
        _, scale = spot.digits
        whole = self.whole(spot)
        try:
            number = Decimal((suspect.raw or b"").decode())
            if suspect.storage == "real" and scale is not None:
                number = round(FIFTEEN.create_decimal_from_float(float(number)), scale)
        except (ValueError, InvalidOperation):
            return True
        if not number.is_finite():
            return False
        kept, digits = self.kept(spot), number.normalize(ALL_DIGITS).as_tuple()
        as_integer = not spot.source.scale and number == number.to_integral_value() and -(2**63) < number < 2**63
        if kept is not None and len(digits.digits) > kept and not as_integer:
            return True
        return whole is not None and not -(10**whole) < number < 10**whole  # abs() would round

    def message(self, spot: Spot, count: int) -> str:
        precision, scale = spot.digits
        if precision is None or self.kept(spot) is not None:
            return f"{values(count)} {spot.name} {have(count)} more digits than the target keeps"
        return f"{values(count)} {spot.name} {are(count)} no decimal of {precision} digits with {scale} after the point"
