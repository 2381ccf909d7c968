"""A503: a unique key that only the target has."""

from __future__ import annotations

from collections.abc import Iterator

from outgrow.audit.rule import TARGET, Stage, StageRule
from outgrow.audit.uniques import collisions, same_on_source, uniques
from outgrow.dialects.base import SchemaObject
from outgrow.findings import Finding, NotJudged


class NewUniques(StageRule):
    """The same migrations make some keys on one engine only: rows that are legal here are duplicates there."""

    id = "A503"
    title = "Rows are duplicates under a unique key that only the target has."
    stages = (TARGET,)

    def examine(self, stage: Stage) -> Iterator[Finding | NotJudged]:
        for plan in stage.plan.tables:
            if plan.target is None:
                continue
            done: set[str] = set()
            names = {o.name for o in uniques(plan.source)}
            for unique in uniques(plan.target):
                known = same_on_source(plan, unique) or (unique.name in names and not loosely(unique))
                what = unique.definition if loosely(unique) else f"{unique.columns} {unique.condition}"
                if not known and what not in done and stage.holds_rows(plan):
                    done.add(what)
                    yield from collisions(
                        self, stage, plan, unique,
                        f"the key {unique.name} exists on the target only, or is computed differently there",
                        "delete or correct the duplicates at the source",
                    )  # fmt: skip


def loosely(unique: SchemaObject) -> bool:
    """Over an expression: lower() of one engine is not lower() of another."""
    return unique.expression or not unique.columns
