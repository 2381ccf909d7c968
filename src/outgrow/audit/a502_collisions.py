"""A502: unique values that are one value under the target's collation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from outgrow.audit.rule import SOURCE, Stage, StageRule
from outgrow.audit.uniques import (
    as_by_default,
    collisions,
    default_texts,
    loose_texts,
    may_collide,
    same_on_source,
    uniques,
)
from outgrow.dialects.base import SchemaObject
from outgrow.findings import Finding, NotJudged
from outgrow.plan import TablePlan


class Collisions(StageRule):
    """'ALPHA' and 'Alpha', 'ideeen' and 'ideeën', 'a' and 'a ': judged by the target, never imitated."""

    id = "A502"
    title = "Unique values are equal under the target's collation (case, accents, trailing blanks)."

    def examine(self, stage: Stage) -> Iterator[Finding | NotJudged]:
        for plan in stage.plan.tables:
            if stage.name == SOURCE:
                yield from self.by_default(stage, plan)
            elif plan.target is not None:
                yield from self.as_they_are(stage, plan)

    def by_default(self, stage: Stage, plan: TablePlan) -> Iterator[Finding | NotJudged]:
        """Before the target has tables: under the default collation of its database, which Django's columns get.

        The source's definition is left out: to MySQL, PostgreSQL's "name" is a text.
        """
        if stage.collation is None:
            return
        for unique in {o.columns: o for o in uniques(plan.source)}.values():
            texts = default_texts(stage, plan, unique)
            if texts and unique.condition is None and not unique.expression and may_collide(stage, plan, texts):
                yield from self.ask(stage, as_by_default(stage, plan, unique), replace(unique, definition=""))

    def as_they_are(self, stage: Stage, plan: TablePlan) -> Iterator[Finding | NotJudged]:
        """Under the live columns' own collations."""
        assert plan.target is not None
        done: set[tuple[str, ...]] = set()
        for unique in uniques(plan.target):
            texts = loose_texts(stage, plan, unique)
            if texts and unique.columns not in done and same_on_source(plan, unique):
                done.add(unique.columns)
                if may_collide(stage, plan, texts):
                    yield from self.ask(stage, plan, unique)

    def ask(self, stage: Stage, plan: TablePlan, unique: SchemaObject) -> Iterator[Finding | NotJudged]:
        yield from collisions(
            self, stage, plan, unique, "the target takes their texts for equal",
            "rename one row of each group at the source, or give the column an exact collation by a migration "
            "(db_collation)",
        )  # fmt: skip
