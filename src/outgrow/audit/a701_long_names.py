"""A701: identifiers that are too long for the target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from outgrow.audit.rule import SOURCE, Stage, StageRule
from outgrow.findings import Finding, NotJudged, Severity


class LongNames(StageRule):
    """Django shortens the names that it makes itself; a db_table or db_column it leaves to the server."""

    id = "A701"
    title = "A table or column has a name that is too long for the target."
    stages = (SOURCE,)

    def examine(self, stage: Stage) -> Iterator[Finding | NotJudged]:
        limit = stage.limits.identifier if stage.limits else None
        if limit is None or stage.facts is None:
            return
        shortens = stage.facts.shortens_names
        cut = Counter(shorten(t.name, limit, shortens) for t in stage.plan.tables)
        for plan in stage.plan.tables:
            names = [] if plan.table.full_name else [(plan.name, "")]
            names += [(c.name, c.name) for c in plan.source.columns]
            for name, column in names:
                if shorten(name, limit, shortens) != name:
                    collides = not column and cut[shorten(name, limit, shortens)] > 1
                    lost = collides or not shortens
                    what = f"column {plan.name}.{column}" if column else f"table {plan.name}"
                    message = f"the name of the {what} is longer than the target's {limit} characters"
                    yield self.finding(
                        plan.name, column, message, remedy="shorten db_table or db_column by a migration",
                        severity=Severity.ERROR if lost else Severity.WARNING,
                    )  # fmt: skip


def shorten(name: str, limit: int, by_bytes: bool) -> str:
    """What the server makes of a name: PostgreSQL counts bytes, MySQL characters."""
    return name.encode()[:limit].decode("utf-8", "ignore") if by_bytes else name[:limit]
