"""A802: tables without a primary key."""

from __future__ import annotations

from collections.abc import Iterator

from outgrow.audit.rule import SOURCE, Stage, StageRule
from outgrow.findings import Finding, NotJudged, Severity


class NoKey(StageRule):
    """Such a table is one chunk: copied whole, compared as a bag of rows, and copied whole again after a crash."""

    id = "A802"
    title = "A table has no primary key: it is copied as one piece, and redone whole after a failure."
    severity = Severity.NOTE
    stages = (SOURCE,)

    def examine(self, stage: Stage) -> Iterator[Finding | NotJudged]:
        for plan in stage.plan.tables:
            if not plan.source.key:
                count = plan.source.rows
                message = f"{plan.name} has no primary key to cut it by: its {count} rows are copied as one piece"
                yield self.finding(plan.name, "", message, count, "add a primary key if it is large")
