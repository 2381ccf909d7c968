"""A702: a table whose declared columns are wider than one row of the target."""

from __future__ import annotations

from collections.abc import Iterator

from outgrow.audit.a101_text_too_long import BOUNDED
from outgrow.audit.rule import SOURCE, Stage, StageRule
from outgrow.findings import Finding, NotJudged

PER_CHARACTER = 4  # bytes of utf8mb4


class RowSize(StageRule):
    """65,535 bytes on MySQL: sixteen varchar(1000) are one too many, and an old migration may have had them."""

    id = "A702"
    title = "The declared columns of a table are wider than a row of the target may be."
    stages = (SOURCE,)

    def examine(self, stage: Stage) -> Iterator[Finding | NotJudged]:
        most = stage.limits.row_bytes if stage.limits else None
        for plan in stage.plan.tables if most else ():
            fields = plan.table.fields.values()
            width = sum(PER_CHARACTER * f.max_length + 2 for f in fields if f.internal_type in BOUNDED and f.max_length)
            if most and width > most:
                yield self.finding(
                    plan.name, "", f"{plan.name} declares {width} bytes a row, and the target allows {most}",
                    remedy="turn the longest CharFields into TextFields by a migration",
                )  # fmt: skip
