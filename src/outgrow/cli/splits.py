"""What the commands say of a split: what crosses, how to go on, what was undone and dropped."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from outgrow.options import Options
from outgrow.pipeline import DropResult, MoveResult, UndoResult
from outgrow.plan import Plan
from outgrow.report import build, words
from outgrow.report.text import as_text
from outgrow.scope import Scope

_HEADS = {
    "foreign key": "Foreign keys that cross",
    "many-to-many": "Many-to-many relations that cross",
    "generic foreign key": "Generic foreign keys",
    "generic relation": "Generic relations that cross",
    "cascade": "Deletions that cross",
}


def plan_parts(plan: Plan, scope: Scope) -> list[str]:
    """The paragraphs of a split's plan."""
    parts = [f"Split out of {scope.source} into {scope.target}: {', '.join(scope.apps)}"]
    for kind, head in _HEADS.items():
        found = [c for c in scope.crossings if c.kind == kind]
        if found:
            lines = (f"  {c.where} → {c.other}\n      {c.becomes}" for c in found)
            parts.append(f"{head}\n" + "\n".join(lines))
    if plan.keys:
        keys = (f"  {k.table}.{', '.join(k.columns)} → {k.refers[0] if k.refers else ''}" for k in plan.keys)
        parts.append(f"Constraints of {scope.source} that are dropped at the switch\n" + "\n".join(keys))
    if plan.leaning:
        what = (f"  {one.kind} {one.name} → {one.table}" for one in plan.leaning)
        parts.append(
            f"What else of {scope.source} asks for the tables that move: it goes on asking the old copies, and a key "
            "refuses rows that refer to new ones; drop or change it at the switch\n" + "\n".join(what)
        )
    broken = sum(c.works == "no" for c in scope.crossings)
    if broken:
        parts.append(
            f"{words.plural(broken, 'relation')} will not work after the switch until the project is changed: see what "
            "is said of each."
        )
    return parts


def move_text(moved: MoveResult, options: Options) -> str:
    """A split that ended well."""
    assert moved.run is not None
    text = as_text(build(moved.run))
    rows = sum((moved.counted or {}).values())
    text += (
        f"\nThe project was loaded with these lines at the end of its settings and counted {words.plural(rows, 'row')} "
    )
    text += "where the router finds them.\n"
    if not options.verify:
        return text + (
            "\nThe rows are copied, not verified, and the source is as it was: go on with `outgrow move --apps … "
            "--resume`, which verifies them and switches."
        )
    if moved.switched is None:
        return text + "\nThe source is as it was: stop the site and go on with `outgrow move --apps … --resume`."
    return text + (
        f"\nThe source was switched: {words.plural(moved.switched, 'constraint')} that crossed are gone from it, and "
        "kept in the ledger.\nNext: put these lines at the end of the settings, restart every process, and later "
        "`outgrow move --drop-source`; or go back with `outgrow move --undo`."
    )


def undo_dict(result: UndoResult) -> dict[str, Any]:
    return {"undone": asdict(result)}


def undo_text(result: UndoResult) -> str:
    text = f"The source has its {words.plural(len(result.restored), 'constraint')} again: use the old settings."
    if result.changed:
        text += (
            f"\nWarning: {', '.join(result.changed)} changed on the new side since the switch; what was written there "
            "is not in the source."
        )
    return text


def drop_text(result: DropResult) -> str:
    lines = "\n".join(f"  {name}  {words.plural(rows, 'row')}" for name, rows in result.dropped.items())
    return f"{words.plural(len(result.dropped), 'table')} dropped from the source, each as it was copied\n{lines}"
