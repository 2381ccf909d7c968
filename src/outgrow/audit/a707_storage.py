"""A707: tables of the target whose storage has no transactions."""

from __future__ import annotations

from collections.abc import Iterator

from outgrow.audit.rule import TARGET, Stage, StageRule
from outgrow.findings import Finding, NotJudged

WITHOUT_TRANSACTIONS = ("myisam", "aria", "memory", "archive", "csv", "merge", "mrg_myisam", "blackhole")


class Storage(StageRule):
    """A chunk's rows and its "done" must commit together."""

    id = "A707"
    title = "A table of the target is stored by an engine without transactions."
    stages = (TARGET,)

    def examine(self, stage: Stage) -> Iterator[Finding | NotJudged]:
        for plan in stage.plan.tables:
            if plan.target is not None and plan.target.storage.lower() in WITHOUT_TRANSACTIONS:
                yield self.finding(
                    plan.name, "", f"{plan.target.name} is stored by {plan.target.storage}, which has no transactions",
                    plan.source.rows, f"ALTER TABLE {plan.target.name} ENGINE=InnoDB on the target",
                )  # fmt: skip
