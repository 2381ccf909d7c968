"""A708: an index whose declared columns are wider than the target's keys."""

from __future__ import annotations

from collections.abc import Iterator

from outgrow.audit.a101_text_too_long import BOUNDED
from outgrow.audit.a702_row_size import PER_CHARACTER
from outgrow.audit.rule import SOURCE, Stage, StageRule
from outgrow.dialects.base import ObjectKind, SchemaObject
from outgrow.findings import Finding, NotJudged
from outgrow.plan import TablePlan

KEYS = (ObjectKind.PRIMARY, ObjectKind.UNIQUE, ObjectKind.INDEX)


class IndexWidth(StageRule):
    """3,072 bytes on InnoDB: a unique CharField(max_length=800) in utf8mb4 makes migrate fail."""

    id = "A708"
    title = "An index is declared wider than the target's keys may be."
    stages = (SOURCE,)

    def examine(self, stage: Stage) -> Iterator[Finding | NotJudged]:
        most = stage.limits.index_bytes if stage.limits else None
        if most is None or stage.facts is None or stage.facts.index_value_bytes is not None:
            return  # the target judges each value, not the declaration
        for plan in stage.plan.tables:
            told = set()  # PostgreSQL has a second index for LIKE on the same column, which no other engine gets
            for index in plan.source.objects:
                width = self.width(plan, index) if index.kind in KEYS else 0
                if width > most and index.columns not in told:
                    told.add(index.columns)
                    yield self.finding(
                        plan.name, ", ".join(index.columns), f"the index {index.name} of {plan.name} is {width} bytes "
                        f"wide in utf8mb4, and the target allows {most}",
                        remedy="shorten max_length or drop the index by a new migration, apply it to the source, then "
                        "move with --schema current, since the old migration cannot run there",
                    )  # fmt: skip

    def width(self, plan: TablePlan, index: SchemaObject) -> int:
        fields = [plan.table.fields.get(c) for c in index.columns]
        return sum(PER_CHARACTER * f.max_length for f in fields if f and f.internal_type in BOUNDED and f.max_length)
