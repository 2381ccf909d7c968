"""A108: texts that the source calls equal and the target does not."""

from __future__ import annotations

from collections.abc import Iterator

from outgrow.audit.rule import SOURCE, Stage, StageRule
from outgrow.audit.uniques import UNIQUE
from outgrow.findings import Finding, NotJudged, Severity
from outgrow.lines import Kind
from outgrow.plan import TablePlan

SHOWN = 3


class TellingApart(StageRule):
    """MySQL finds joe for Joe, PostgreSQL does not: a login fails, or a second Joe signs up.

    Only unique columns are named, for people and links are looked up by these; every row arrives as it is.
    """

    id = "A108"
    title = "Texts that were equal on the source are told apart on the target."
    severity = Severity.NOTE
    stages = (SOURCE,)

    def examine(self, stage: Stage) -> Iterator[Finding | NotJudged]:
        if stage.there is None or stage.collation is not None:  # the target is as lenient, or more so (A502)
            return
        found = [f"{plan.name}.{name}" for plan in stage.plan.tables for name in self.lenient(stage, plan)]
        if found:
            shown = ", ".join(found[:SHOWN]) + (", …" if len(found) > SHOWN else "")
            yield self.finding(
                "", "", f"texts that differ by case or accent only are equal here and different on the target, in "
                f"{len(found)} unique column(s): {shown}", len(found),
                remedy="look at logins and links that rely on it: ask with iexact, or name a db_collation in the model",
            )  # fmt: skip

    def lenient(self, stage: Stage, plan: TablePlan) -> Iterator[str]:
        """Columns of unique keys whose collation the model leaves to the engine."""
        unique = {c for o in plan.source.objects if o.kind in UNIQUE for c in o.columns}
        for column in plan.source.columns:
            info = plan.table.fields.get(column.name)
            if column.name in unique and info is not None and info.collation is None:
                text = stage.source.kind(column, info.kind) is Kind.TEXT
                if text and not stage.suspects.is_exact(column):
                    yield column.name
