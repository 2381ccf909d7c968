"""``outgrow deploy init`` and ``check``: the diff, what became of each file; and each fault with what to write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from outgrow import deploy as deploy_
from outgrow.cli.progress import Display, write_json
from outgrow.deploy import MANIFEST, Fate, Fault, Plan, Weight
from outgrow.options import Options
from outgrow.report import words

Given = Mapping[str, Any]


def deploy(options: Options, display: Display, given: Given) -> int:
    return init(given) if given["deploy"] == "init" else check(given)


def init(given: Given) -> int:
    made = deploy_.plan(deploy_.root(), given.get("database"), given.get("ci"), force=bool(given.get("force")))
    dry = bool(given.get("dry_run"))
    if not given.get("json"):
        for change in made.changes:
            if change.writes and given["verbosity"] and change.page.path != MANIFEST:
                print(change.diff(), end="")
    if not dry:
        deploy_.write(made)
    if given.get("json"):
        write_json({"kind": "result", "written": not dry, **_as_dict(made)})
    else:
        print(init_text(made, dry=dry))
    return 0


def check(given: Given) -> int:
    """Exit code 1 if anything is severe; warnings are for people."""
    files, found = deploy_.check(deploy_.root())
    if given.get("json"):
        write_json({"kind": "result", "files": files, "faults": [one.as_dict() for one in found]})
    else:
        print(check_text(files, found))
    return int(any(one.weight is Weight.SEVERE for one in found))


def init_text(made: Plan, *, dry: bool) -> str:
    lines = []
    for fate in (Fate.NEW, Fate.UPDATED, Fate.REPLACED, Fate.ADDED):
        for change in made.of(fate):
            lines.append(f"{'would be ' if dry else ''}{fate}: {change.page.path}")
    kept = made.of(Fate.KEPT)
    lines += [f"kept, as it was changed by hand or was there before: {change.page.path}" for change in kept]
    lines += [f"Note: {note}" for note in made.notes]
    if made.nothing:
        lines.append("Nothing is to do: every file is as it would be written.")
    elif dry:
        lines.append("Nothing was written (--dry-run).")
    else:
        lines.append("Next: read deploy/RUNBOOK.md; `outgrow deploy check` re-checks the files at any time.")
    if kept:
        lines.append("What differs in a kept file: `outgrow deploy init --force --dry-run`.")
    return "\n".join(lines)


def check_text(files: Sequence[str], found: Sequence[Fault]) -> str:
    lines = []
    for one in found:
        lines += [
            f"{one.file}:{one.line}  {one.id}  {one.weight}: {one.rule.title}",
            f"    {one.found}",
            f"    Why: {one.rule.why}",
            f"    Instead: {one.rule.instead}",
            "",
        ]
    severe = sum(one.weight is Weight.SEVERE for one in found)
    head = f"{words.plural(len(files), 'file')} read: "
    if not found:
        return f"{head}nothing is wrong."
    return "\n".join([*lines, f"{head}{severe} severe, {words.plural(len(found) - severe, 'warning')}."])


def _as_dict(made: Plan) -> dict[str, Any]:
    files = [{"path": change.page.path, "fate": str(change.fate)} for change in made.changes]
    return {"nothing_to_do": made.nothing, "files": files, "notes": list(made.notes)}
