"""A706: fields that exist on one engine only."""

from __future__ import annotations

from collections.abc import Iterator

from outgrow.audit.rule import SOURCE, Stage, StageRule
from outgrow.findings import Finding, NotJudged


class OtherEnginesFields(StageRule):
    """Arrays, ranges, hstore, search vectors, geometries: refused early, with the list."""

    id = "A706"
    title = "A field exists on another engine than the target only."
    stages = (SOURCE,)

    def examine(self, stage: Stage) -> Iterator[Finding | NotJudged]:
        if stage.target is None:
            return
        for plan in stage.plan.tables:
            for column, info in plan.table.fields.items():
                # A generated one is not copied, and its class may depend on the engine: the target's schema will tell.
                if info.only_on not in (None, stage.target.name) and not info.generated:
                    yield self.finding(
                        plan.name, column, f"{info.label} is a {info.internal_type}, which only {info.only_on} has",
                        plan.source.rows, "replace the field (a JSONField, a table) by a migration, or keep the engine",
                    )  # fmt: skip
