"""A602: an IP address that is none, or has a netmask."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.rule import CellRule, Spot, are, values
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind


class AddressRefused(CellRule):
    """Text of 39 characters takes anything; inet and inet6 do not."""

    id = "A602"
    title = "An IP address cannot be read, or has a netmask."
    policies = ("null", "reject")
    kinds = frozenset({Kind.INET})

    def probes(self, spot: Spot) -> Iterable[Probe]:
        facts = spot.facts
        native = spot.source.type == "inet"  # may have a netmask
        if native or (facts is not None and (spot.target.type if spot.target else "inet") in facts.inet_types):
            yield spot.probe(Test.UNREADABLE)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        return not suspect.readable

    def message(self, spot: Spot, count: int) -> str:
        return f"{values(count)} {spot.name} {are(count)} no IP address that the target takes"
