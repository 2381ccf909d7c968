"""A501: keys that point at no row."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.audit.rule import SOURCE, CellRule, Spot, rows
from outgrow.dialects.base import ObjectKind
from outgrow.dialects.suspects import Probe, Suspect, Test


class Orphans(CellRule):
    """SQLite went unenforced for years; an empty string as "no parent" passes there, too.

    No constraint of the source proves anything: `pg_restore --disable-triggers` and `foreign_key_checks=0` leave
    orphans under a key that the catalog calls valid.
    """

    id = "A501"
    title = "A foreign key points at a row that does not exist."
    policies = ("null", "reject")
    stages = (SOURCE,)

    def parent(self, spot: Spot) -> tuple[str, str] | None:
        """The parent's (table, column), where the target will hold a constraint."""
        info = spot.info
        if info is not None:
            return info.refers if info.constrained else None
        for o in spot.plan.source.objects:
            if o.kind is ObjectKind.FOREIGN and o.columns == (spot.source.name,) and o.refers:
                return o.refers[0], o.refers[1][0]
        return None

    def probes(self, spot: Spot) -> Iterable[Probe]:
        parent = self.parent(spot)
        if parent is None:
            return
        copied = {t.name.lower(): t.source for t in spot.stage.plan.tables}
        table = copied.get(parent[0].lower())
        if table is not None and table.column(parent[1]) is not None:
            yield spot.probe(Test.ORPHAN, spot.plan.name, table.name, parent[1])

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        return True

    def message(self, spot: Spot, count: int) -> str:
        parent = self.parent(spot) or ("", "")
        verb = "points" if count == 1 else "point"
        return f"{rows(count)} {spot.plan.name} {verb} by {spot.source.name} at no row of {parent[0]}"

    def remedy(self, spot: Spot) -> str:
        return "delete or correct the rows at the source"
