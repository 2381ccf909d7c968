"""A703: tables and columns that the target does not have."""

from __future__ import annotations

from collections.abc import Iterator

from outgrow.audit.rule import TARGET, Stage, StageRule
from outgrow.dialects.suspects import Probe, Test
from outgrow.findings import Finding, NotJudged, Severity
from outgrow.lines import Kind
from outgrow.plan import TablePlan


class Missing(StageRule):
    """A column without a value on any row loses nothing; any other does."""

    id = "A703"
    title = "A table or column of the source has no place on the target."
    policies = ("archive",)  # of a table; a column's values have nowhere to go
    stages = (TARGET,)

    def examine(self, stage: Stage) -> Iterator[Finding | NotJudged]:
        for plan in stage.plan.tables:
            if plan.target is None:
                yield self.table(plan, stage.holds_rows(plan))
                continue
            for name in plan.missing:
                yield self.column(stage, plan, name)

    def table(self, plan: TablePlan, held: bool) -> Finding:
        rows = f"about {plan.source.rows} rows" if plan.source.rows else "rows"
        message = f"the target has no table {plan.name}, which {f'holds {rows}' if held else 'is empty'}"
        remedy = "make it by a migration, or keep its rows in a file beside with --fix A703=archive"
        severity = Severity.ERROR if held else Severity.NOTE
        return self.finding(plan.name, "", message, plan.source.rows, remedy, severity=severity, policies=self.policies)

    def column(self, stage: Stage, plan: TablePlan, name: str) -> Finding:
        column = plan.source.column(name)
        assert column is not None
        with stage.sessions() as session:
            held = stage.suspects.hits(session, plan.name, [Probe(column, Kind.NATIVE, Test.PRESENT)])
        message = f"the target has no column {plan.name}.{name}, which {'holds values' if held else 'is empty'}"
        remedy = "bring models and migrations of the project in line with its tables, then audit again"
        severity = Severity.ERROR if held else Severity.NOTE
        return self.finding(plan.name, name, message, plan.source.rows, remedy, severity=severity)
