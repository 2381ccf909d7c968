"""Results of the pipeline as text and as JSON."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from outgrow.cli import splits
from outgrow.events import STEPS
from outgrow.findings import Finding, Severity
from outgrow.ledger import UNFINISHED, FindingRecord, RunRecord
from outgrow.ledger.holder import standing
from outgrow.ledger.owning import can_resume
from outgrow.options import Options
from outgrow.pipeline import AuditReport, MoveResult, VerifyResult
from outgrow.plan import Plan
from outgrow.report import build, words
from outgrow.report.text import as_text, findings, table
from outgrow.verify import Verdict

SHOWN, SHOWN_OF_TABLE = 30, 3


# -- audit ------------------------------------------------------------------------------------------------------------
def still_loses(report: AuditReport, options: Options) -> bool:
    """Whether anything would be lost that no --fix answers."""
    return any(f.severity == Severity.ERROR and not _answer(f, options) for f in report.result.findings)


def _answer(finding: Finding, options: Options) -> str:
    """The policy that was chosen for a finding, where it can be applied to it."""
    policy = options.fixes.get(finding.id, "")
    return policy if policy in finding.policies else ""


def audit_dict(report: AuditReport) -> dict[str, Any]:
    return report.result.as_json(all_keys=True)


def audit_text(report: AuditReport, options: Options) -> str:
    result = report.result
    rows = [
        FindingRecord(
            "", f.id, f.severity.value, _where(f), f.table, f.column, f.count, f.sample, f.remedy,
            _answer(f, options),
        )
        for f in result.findings
    ]  # fmt: skip
    losing = sum(f.severity == Severity.ERROR for f in result.findings)
    head = f"{report.plan.source} to {report.plan.target}: "
    if losing:
        head += f"{words.plural(losing, 'finding')} would lose data."
    elif rows:
        head += f"nothing would be lost; {words.plural(len(rows), 'note')}."
    else:
        head += f"nothing found in {_rows(report.plan)} of {words.plural(len(report.plan.tables), 'table')}."
    parts = [head, findings(rows)]
    if result.not_judged:
        parts.append("Not judged:\n" + "\n".join(f"  {n.id}  {n.message}" for n in result.not_judged))
    return "\n\n".join(p for p in parts if p)


def _where(finding: Finding) -> str:
    """The message, with its place in front unless it says that itself."""
    place = f"{finding.table}.{finding.column}".strip(".")
    return finding.message if not place or finding.table in finding.message else f"{place}: {finding.message}"


# -- plan -------------------------------------------------------------------------------------------------------------
def plan_text(plan: Plan) -> str:
    facts = plan.facts
    lines = [
        f"{plan.source} ({facts['source version']}) to {plan.target} ({facts['target version'] or 'not there yet'})",
        f"  {_rows(plan)}, {words.size(plan.bytes)}, in {words.plural(len(plan.tables), 'table')}; about "
        f"{words.seconds(facts['estimated seconds'])} with {words.plural(plan.jobs, 'worker')}",
        f"  disk: {_disk(facts)}",
        "  steps: " + ", ".join(s for s in STEPS if s not in _left_out(plan)),
    ]
    rows = [
        (str(n), t.name, words.number(t.source.rows), words.size(t.source.bytes))
        for n, t in enumerate(plan.tables, start=1)
    ]
    parts = ["\n".join(lines), table(("", "table", "rows", "size"), rows, right=(0, 2, 3))]
    if plan.others:
        others = (f"  {t.name}: {t.action.value} ({t.reason})" for t in plan.others)
        parts.append("Not copied\n" + "\n".join(others))
    if plan.scope is not None:
        parts += splits.plan_parts(plan, plan.scope)
    return "\n\n".join(parts)


def _left_out(plan: Plan) -> set[str]:
    return ({"verify"} if not plan.verify else set()) | ({"switch"} if plan.scope is None else set())


def _rows(plan: Plan) -> str:
    return f"{'' if plan.facts['rows counted'] else 'about '}{words.plural(plan.rows, 'row')}"


def _disk(facts: Mapping[str, Any]) -> str:
    needed = f"{words.size(facts['target bytes needed'])} needed on the target"
    if facts["target bytes free"] is not None:
        needed += f", {words.size(facts['target bytes free'])} free"
    if facts["snapshot bytes"]:
        needed += f"; {words.size(facts['snapshot bytes'])} here for the snapshot of the source"
    return needed


# -- move -------------------------------------------------------------------------------------------------------------
def move_dict(moved: MoveResult) -> dict[str, Any]:
    if moved.run is None:
        return {"dry_run": True, "plan": moved.plan.as_dict()}
    split = {} if moved.plan.scope is None else {"switched": moved.switched}
    counted = dict(moved.counted or {})
    return {"report": build(moved.run).as_dict(), "settings": moved.settings, "counted": counted, **split}


def move_text(moved: MoveResult, options: Options) -> str:
    if moved.run is None:
        return f"{plan_text(moved.plan)}\n\nThis was a dry run: nothing was written."
    if moved.plan.scope is not None:
        return splits.move_text(moved, options)
    text = as_text(build(moved.run))
    if any((moved.counted or {}).values()):
        text += f"\nThe project was loaded through these settings and counted {_counted(moved)}.\n"
    if not options.verify:
        text += "\nThe rows are copied, not verified: run `outgrow verify`.\n"
    return text + "\nNext: `outgrow report --html outgrow-report.html` for all of it as a page."


def _counted(moved: MoveResult) -> str:
    """The rows of the models, and where the others are: a smaller number than that of the copy looks like a loss."""
    assert moved.run is not None
    counted = moved.counted or {}
    rows = sum(counted.values())
    rest = build(moved.run).rows - rows
    others = [t.name for t in moved.plan.tables if (t.target.name if t.target else t.name) not in counted]
    if rest <= 0:
        return words.plural(rows, "row")
    verb = "is" if rest == 1 else "are"
    return (
        f"{words.plural(rows, 'row')}; {words.number(rest)} more {verb} in tables without a model: {', '.join(others)}"
    )


undo_dict, undo_text, drop_text = splits.undo_dict, splits.undo_text, splits.drop_text


# -- verify -----------------------------------------------------------------------------------------------------------
def verify_dict(result: VerifyResult) -> dict[str, Any]:
    tables = [
        {
            "table": v.table, "equal": v.equal, "source": str(v.source), "target": str(v.target), "sampled": v.sampled,
            "sampled_equal": v.sampled_equal, "differences": [asdict(d) for d in v.differences],
            "orphans": list(v.orphans),
        }
        for v in result.verdicts
    ]  # fmt: skip
    return {"equal": result.equal, "rows": result.rows, "tables": tables}


def verify_text(result: VerifyResult) -> str:
    rows = [
        (
            v.table, words.number(v.source.rows), words.number(v.target.rows),
            "equal" if v.source == v.target else "DIFFER",
            _sample(v.sampled, v.sampled_equal),
        )
        for v in result.verdicts
    ]  # fmt: skip
    parts = [table(("table", "source", "target", "digests", "sample"), rows, right=(1, 2))]
    unequal = [v for v in result.verdicts if not v.equal]
    if found := [line for v in unequal for line in _differences(v)]:
        more = [f"  and more in {words.plural(len(unequal), 'table')}: --json has more"] if len(found) > SHOWN else []
        parts.append("Differences\n" + "\n".join([*found[:SHOWN], *more]))
    if unequal:
        parts.append(f"{len(unequal)} of {len(rows)} tables differ.")
    else:
        amount = f"{words.plural(result.rows, 'row')} in {words.plural(len(rows), 'table')}"
        parts.append(f"Source and target are equal: {amount}.")
    return "\n\n".join(parts)


def _differences(verdict: Verdict) -> list[str]:
    """A few lines for a table, so that one table's thousand do not hide the next."""
    found = [*map(str, verdict.differences), *verdict.orphans]
    more = [f"  {verdict.table}: {len(found) - SHOWN_OF_TABLE} more found"] if len(found) > SHOWN_OF_TABLE else []
    return [*(f"  {line}" for line in found[:SHOWN_OF_TABLE]), *more]


def _sample(amount: int, equal: bool | None) -> str:
    return "" if equal is None else f"{'equal' if equal else 'DIFFER'} ({words.number(amount)})"


# -- status -----------------------------------------------------------------------------------------------------------
def status_dict(record: RunRecord) -> dict[str, Any]:
    rows = sum(c.rows for c in record.chunks if c.done)
    return {
        "run": record.id, "state": record.state, "source": record.source, "target": record.target,
        "started": record.started, "finished": record.finished, "rows": rows,
        "expected": sum(t.expected for t in record.tables), "at_work": _at_work(record),
        "holder": asdict(record.holder) if record.holder.host else None,
        "tables": {t.name: t.state for t in record.tables if t.action == "copy"},
    }  # fmt: skip


def _at_work(record: RunRecord) -> bool:
    return bool(record.holder.host) and standing(record.holder) == "running"


_HOLDERS = {"running": "is at work", "gone": "no longer runs", "silent": "is no longer heard of"}


def status_text(record: RunRecord) -> str:
    report = build(record)
    lines = [f"Run {record.id}, {record.source} to {record.target}: {record.state}.", f"  {report.sentence}"]
    expected = sum(t.expected for t in record.tables)
    if record.state in UNFINISHED and expected:
        rows = sum(c.rows for c in record.chunks if c.done)
        lines.append(f"  {words.number(rows)} of about {words.number(expected)} rows ({100 * rows // expected} %)")
    if record.holder.host:
        where = f"process {record.holder.pid} on {record.holder.host}"
        heard = words.seconds(max(0.0, time.time() - record.holder.beat_at))
        lines.append(f"  {where} {_HOLDERS[standing(record.holder)]}; last heartbeat {heard} ago")
    if can_resume(record) and not _at_work(record):
        lines.append("  nobody is at work on it: go on with `outgrow move --resume`")
    if record.steps:
        last = record.steps[-1]
        lines.append(
            f"  last step: {last.name} ({last.state}{', ' + words.seconds(last.seconds) if last.seconds else ''})"
        )
    return "\n".join(lines)
