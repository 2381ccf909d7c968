"""A105: text that is too long for the index on its column."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.rule import SOURCE, CellRule, Spot, are, values
from outgrow.audit.trial import refuses
from outgrow.dialects.base import ObjectKind, Table
from outgrow.dialects.suspects import Probe, Suspect, Test
from outgrow.lines import Kind

INDEXES = (ObjectKind.PRIMARY, ObjectKind.UNIQUE, ObjectKind.INDEX)


def is_indexed(table: Table, column: str) -> bool:
    """Whether an ordinary index stores the column's values."""
    return any(o.kind in INDEXES and column in o.columns and not special(o.definition) for o in table.objects)


def special(definition: str) -> bool:
    """An index that is no b-tree stores something else than the value."""
    return " USING " in definition.upper() and " USING BTREE" not in definition.upper()


class IndexedTextTooLong(CellRule):
    """A b-tree entry must fit a third of a page, after compression: the target itself judges each long value."""

    id = "A105"
    title = "Indexed text is too long for the target's index."
    policies = ("cut", "null", "reject")
    advised = ("cut",)
    kinds = frozenset({Kind.TEXT, Kind.BINARY})

    def limit(self, spot: Spot) -> int | None:
        return spot.facts.index_value_bytes if spot.facts else None

    def argument(self, spot: Spot) -> str:
        return f"{self.limit(spot)}b"

    def probes(self, spot: Spot) -> Iterable[Probe]:
        table = spot.plan.source if spot.stage.name == SOURCE else spot.plan.target
        name = spot.target.name if spot.target else spot.source.name
        limit = self.limit(spot)
        if limit is not None and table is not None and is_indexed(table, name):
            yield spot.probe(Test.LARGER, limit)

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        raw = suspect.raw or b""
        if len(raw) <= (self.limit(spot) or 0):
            return False
        return spot.stage.session is None or refuses(spot.stage, spot.target, raw, indexed=True)

    def message(self, spot: Spot, count: int) -> str:
        return f"{values(count)} {spot.name} {are(count)} too long for the target's index on the column"

    def remedy(self, spot: Spot) -> str:
        return "shorten the values, or drop the index by a migration"
