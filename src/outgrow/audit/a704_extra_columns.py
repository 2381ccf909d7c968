"""A704: columns of the target that want a value that the source does not have."""

from __future__ import annotations

from collections.abc import Iterator

from outgrow.audit.rule import TARGET, Stage, StageRule
from outgrow.findings import Finding, NotJudged


class ExtraColumns(StageRule):
    """Every row would be refused."""

    id = "A704"
    title = "The target has a NOT NULL column without a default that the source does not have."
    stages = (TARGET,)

    def examine(self, stage: Stage) -> Iterator[Finding | NotJudged]:
        for plan in stage.plan.tables:
            for name in plan.extra:
                column = plan.target.column(name) if plan.target else None
                if column and not column.nullable and column.default is None and not column.identity:
                    yield self.finding(
                        plan.name, name, f"{plan.name}.{name} of the target must have a value, and the source has none",
                        plan.source.rows, "apply the pending migrations at the source first, or give it a default",
                    )  # fmt: skip
