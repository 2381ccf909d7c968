"""A106: a value of more bytes than the target's type or packet takes."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.rule import CellRule, Spot, are, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind

STATEMENT = 64 * 1024  # what stands around the value in its packet


def room_in(packet: int) -> int:
    """Bytes that a value may have; half of a packet that is hardly larger than the statement itself."""
    return packet - min(STATEMENT, packet // 2)


class ValueTooLarge(CellRule):
    """A TEXT of MySQL ends at 65,535 bytes; a packet at max_allowed_packet."""

    id = "A106"
    title = "A value is larger than the target's type or max_allowed_packet allows."
    policies = ("null", "reject")
    kinds = frozenset({Kind.TEXT, Kind.BINARY, Kind.JSON})

    def limit(self, spot: Spot) -> int | None:
        limits = spot.stage.limits
        if limits is None:
            return None
        known = [room_in(limits.packet_bytes)] if limits.packet_bytes else []
        if spot.kind is Kind.BINARY:
            known = [most // 2 for most in known]  # it travels as hex
        if spot.target is not None:
            known += [limits.text_bytes[spot.target.type]] if spot.target.type in limits.text_bytes else []
            known += [spot.target.length] if spot.kind is Kind.BINARY and spot.target.length else []
        return min(known, default=None)

    def probes(self, spot: Spot) -> Iterable[Probe]:
        limit = self.limit(spot)
        if limit is not None:
            yield spot.probe(Test.LARGER, limit)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        raw = suspect.raw or b""
        halved = spot.kind is Kind.BINARY and not suspect.storage  # servers hand bytes out as hex
        return (len(raw) // 2 if halved else len(raw)) > (self.limit(spot) or 0)

    def message(self, spot: Spot, count: int) -> str:
        return (
            f"{values(count)} {spot.name} {are(count)} larger than the {self.limit(spot)} bytes that the target takes"
        )

    def remedy(self, spot: Spot) -> str:
        return "raise max_allowed_packet on the target, or give the column a larger type by a migration"
