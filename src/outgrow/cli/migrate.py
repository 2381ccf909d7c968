"""``outgrow migrate``: the plan, the run, what came of it; ``--check`` and ``--lint``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from outgrow import migrating
from outgrow.cli.progress import Display, write_json
from outgrow.events import Event
from outgrow.migrating import DatabasePlan, Outcome, State
from outgrow.options import MigrateOptions, Options
from outgrow.report import words

Given = Mapping[str, Any]


def migrate(options: Options, display: Display, given: Given) -> int:
    settings = settings_from(given)
    if given.get("check"):
        return check(settings, display, given)
    if given.get("lint"):
        return lint(given)
    with display:
        plans = migrating.plan(settings, display)
    result = {"kind": "plan", "databases": [plan.as_dict() for plan in plans]}
    if given.get("json"):
        write_json(result)
    elif given["verbosity"] or given.get("plan_only"):
        print(plan_text(plans), flush=True)
    if given.get("plan_only"):
        return 0
    with display:
        if len(plans) > 1:
            for finding in migrating.lint(pending=plans):
                display(Event("warning", text=finding.text))
        outcome = migrating.migrate(settings, plans, display)
    if given.get("json"):
        write_json({"kind": "result", **outcome.as_json()})
    else:
        print(outcome_text(outcome))
    return 0


def check(settings: MigrateOptions, display: Display, given: Given) -> int:
    with display:
        found = migrating.check(settings, display)
    wrong = [finding for finding in found if finding.wrong]
    if given.get("json"):
        write_json({"kind": "result", "findings": [finding.as_dict() for finding in found]})
    else:
        for finding in found:
            print(f"{'' if finding.wrong else 'Note: '}{finding.text}")
        if not wrong:
            print("Every table, column and index of the models is where its owner is.")
    return 1 if wrong else 0


def lint(given: Given) -> int:
    found = migrating.lint()
    if given.get("json"):
        write_json({"kind": "result", "findings": [finding.as_dict() for finding in found]})
    else:
        for finding in found:
            print(finding.text)
        if not found:
            print("Every data migration says which database it is for.")
    return 1 if found else 0


def settings_from(given: Given) -> MigrateOptions:
    return MigrateOptions(
        tuple(given.get("databases") or ()), given["wait"], bool(given.get("run_syncdb")),
        frozenset(given.get("crossing") or ()), bool(given.get("skip_checks")),
    )  # fmt: skip


def plan_text(plans: Sequence[DatabasePlan]) -> str:
    """The databases in order, each with its migrations in order."""
    lines = []
    for number, plan in enumerate(plans, 1):
        amount = _amount(plan)
        lines.append(f"{number}. {plan.alias} ({plan.spoken}): {amount}")
        lines += [f"     {step.migration}" for step in plan.steps if step.acts]
    return "\n".join(lines)


def _amount(plan: DatabasePlan) -> str:
    if not plan.steps:
        return "nothing to apply"
    parts = [f"{words.plural(len(plan.acting), 'migration')} to apply" if plan.acting else "nothing to apply"]
    if plan.recorded:
        parts.append(f"{words.number(len(plan.recorded))} of other databases to record")
    return ", ".join(parts)


def outcome_text(outcome: Outcome) -> str:
    lines = []
    for result in outcome.results:
        done = f"{words.plural(len(result.applied), 'migration')} applied" if result.applied else "nothing to do"
        done += f", {words.number(len(result.recorded))} of other databases recorded" if result.recorded else ""
        lines.append(f"{result.alias}: {done}, {words.seconds(result.seconds)}")
    done_all = len(outcome.named(State.DONE))
    return "\n".join([*lines, f"{words.plural(done_all, 'database')} migrated."])
