"""A504: a check that only the target has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from outgrow.audit.rule import TARGET, Stage, StageRule
from outgrow.audit.trial import CannotTry, trial
from outgrow.dialects.base import ObjectKind, SchemaObject
from outgrow.dialects.suspects import as_key
from outgrow.findings import Finding, NotJudged
from outgrow.plan import TablePlan

AT_LEAST_ZERO = re.compile(r"""^[(\s]*["`]?([^"`]+?)["`]?[)\s]*>=\s*\(?0\)?[)\s]*$""")
MOST = 1000


class NewChecks(StageRule):
    """The source's rows are held against the target's own condition, on the target."""

    id = "A504"
    title = "Rows break a check constraint that only the target has."
    stages = (TARGET,)

    def examine(self, stage: Stage) -> Iterator[Finding | NotJudged]:
        for plan in stage.plan.tables:
            if plan.target is None:
                continue
            here = [o for o in plan.source.objects if o.kind is ObjectKind.CHECK]
            for check in plan.target.objects:
                known = check.kind is not ObjectKind.CHECK or self.is_known(stage, plan, check, here)
                if not known and stage.holds_rows(plan):
                    yield from self.hold_against(stage, plan, check)

    def is_known(self, stage: Stage, plan: TablePlan, check: SchemaObject, here: list[SchemaObject]) -> bool:
        """Whether the source enforces it too, or another rule judges it."""
        assert stage.there is not None
        if any(check.name == o.name or f'"{check.name}"' in o.definition for o in here):
            return True
        condition = stage.there.check_condition(check)
        if condition is None:
            return check.name == "(table)"  # a whole table's text, made by the same models
        if "json_valid" in condition.lower():
            return True
        match = AT_LEAST_ZERO.match(condition)
        info = plan.table.fields.get(match[1]) if match else None
        return info is not None and info.internal_type.startswith("Positive")

    def hold_against(self, stage: Stage, plan: TablePlan, check: SchemaObject) -> Iterator[Finding | NotJudged]:
        assert stage.there is not None
        assert stage.target is not None
        assert plan.target is not None
        condition = stage.there.check_condition(check)
        if condition is None:
            yield self.not_judged(plan.name, "", f"the check {check.name} has no condition that can be read")
            return
        columns = list(check.columns) or [c.name for c in plan.target.columns]
        try:
            with trial(stage, plan, columns) as made:
                assert stage.session is not None
                q = stage.target.quote
                chosen = ",".join(q(c) for c in made.reading.key) or "1"
                found = stage.session.query(
                    f"SELECT {chosen} FROM {q(made.reading.table)} WHERE NOT ({condition}) LIMIT {MOST}"
                )
        except Exception as error:
            why = str(error) if isinstance(error, CannotTry) else stage.target.explain(error)
            yield self.not_judged(plan.name, "", f"the check {check.name}: {why}")
            return
        if found:
            keys = tuple(tuple(map(as_key, row)) for row in found) if plan.source.key else ()
            more = "at least " if len(found) >= MOST else ""
            message = f"{more}{len(found)} row(s) of {plan.name} break the target's check {check.name}"
            remedy = "correct the rows at the source, or drop the check by a migration"
            yield self.finding(plan.name, ", ".join(check.columns), message, len(found), remedy, keys=keys)
