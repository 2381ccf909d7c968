"""``outgrow loose …``: what its actions print, and their exit codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from django.db import Error

from outgrow.cli.progress import Display, write_json
from outgrow.errors import Unreachable
from outgrow.options import Options
from outgrow.report import words
from outgrow.routing.loose import cleaning, install, orphans
from outgrow.routing.loose.limits import Limits

Given = Mapping[str, Any]


def loose(options: Options, display: Display, given: Given) -> int:
    try:
        return _CARRY_OUT[given["action"]](given)
    except Error as error:  # its text may hold values of rows
        raise Unreachable(
            f"a database of the loose references could not be used ({type(error).__name__}): see that each of them can "
            "be reached by its settings, and run this again."
        ) from error


def _install(given: Given) -> int:
    changes = install.install(given["aliases"], prune=given["prune"])
    _say(given, asdict(changes), _changes_text(changes, "Everything stands as wanted; nothing was changed."))
    return 0


def _remove(given: Given) -> int:
    changes = install.remove(given["aliases"], discard=given["discard"])
    _say(given, asdict(changes), _changes_text(changes, "There was nothing to remove."))
    return 0


def _changes_text(changes: install.Changes, nothing: str) -> str:
    lines = [f"made     {one}" for one in changes.made] + [f"dropped  {one}" for one in changes.dropped]
    return "\n".join(lines) or nothing


def _status(given: Given) -> int:
    found = install.status(given["aliases"])
    complete = all(database.is_complete for database in found)
    _say(given, {"complete": complete, "databases": [asdict(d) for d in found]}, _status_text(found))
    return 0 if complete else 1


def _status_text(found: list[install.DatabaseState]) -> str:
    lines = []
    for database in found:
        lines.append(f"{database.alias}: {'' if database.tables else 'a table of ours is missing, '}"
                     f"{words.plural(len(database.parents), 'column')} referred to")  # fmt: skip
        for state in database.parents:
            lines.append(f"  {state.parent}  ({', '.join(state.references)})  {_parent_text(state)}")
        lines += [f"  no reference wants the trigger {stray}" for stray in database.strays]
        if database.stray_tombstones:
            lines.append(f"  no reference wants {words.plural(database.stray_tombstones, 'tombstone')}")
        if database.gaps:
            lines.append(f"  found by the round and by scan only: {database.gaps}")
    if any(not database.is_complete for database in found):
        lines.append("Next: `outgrow loose install`.")
    elif any(database.strays or database.stray_tombstones for database in found):
        lines.append("Next: `outgrow loose install --prune`, if no other project needs them.")
    return "\n".join(lines) or "The project has no loose reference."


def _parent_text(state: install.ParentState) -> str:
    if state.no_table:
        return "its table is not in this database"
    events = (("no trigger", state.missing), ("switched off", state.disabled))
    faults = [f"{what}: {', '.join(names)}" for what, names in events if names]
    if not state.waiting:
        return "; ".join([*faults, "no tombstone waits"])
    since = f", the oldest since {words.moment(state.oldest)}"
    return "; ".join([*faults, f"{words.plural(state.waiting, 'tombstone')} waiting{since}"])


def _clean(given: Given) -> int:
    limits = Limits(max(1, given["batch"]), given["limit"] or None, given["look"] or None, given["seconds"] or None)
    done = cleaning.clean(given["references"], given["aliases"], limits)
    _say(given, {"well": done.is_well, **asdict(done)}, _clean_text(done))
    return 0 if done.is_well else 1


def _clean_text(done: cleaning.Cleaned) -> str:
    lines = []
    for name, count in done.references.items():
        line = f"{name} ({count.action}): {words.plural(count.cleaned, 'row')} cleaned"
        line += f", {words.number(count.looked)} looked at"
        if count.missing:
            line += f", {words.plural(count.missing, 'key')} without a parent found"
        if count.refused:
            line += f"; {words.plural(count.refused, 'row')} cannot go, as something protects them"
        if count.failed:
            line += f"; stopped by {count.failed}"
        lines.append(line)
    left = f"{words.plural(done.tombstones, 'tombstone')} done, {words.number(done.waiting)} waiting"
    lines.append(f"{left}, {words.seconds(done.seconds)}{'; a limit ended the run' if done.unfinished else ''}")
    return "\n".join(lines) if done.references else "The project has no loose reference."


def _scan(given: Given) -> int:
    found = orphans.scan(given["references"], given["aliases"], shown=given["sample"])
    _say(given, _orphans_dict(found), _orphans_text(found))
    return 1 if any(one.rows for one in found) else 0


def _repair(given: Given) -> int:
    if given["dry_run"]:
        found = orphans.scan(given["references"], given["aliases"], shown=given["sample"])
        text = f"{_orphans_text(found)}\nThis was a dry run: nothing was changed."
        _say(given, {**_orphans_dict(found), "dry_run": True}, text)
        return 1 if any(one.rows for one in found) else 0

    def counted(found: list[orphans.Orphans]) -> None:
        if not given.get("json"):
            print(_orphans_text(found), flush=True)

    done = orphans.repair(
        given["references"], given["aliases"], batch=max(1, given["batch"]), wait=given["wait"], shown=given["sample"],
        counted=counted,
    )  # fmt: skip
    _say(given, _orphans_dict(done), "\n".join(_repaired_text(one) for one in done if one.rows))
    return 1 if any(one.refused for one in done) else 0


def _orphans_dict(found: list[orphans.Orphans]) -> dict[str, Any]:
    return {"orphans": sum(one.rows for one in found), "references": [asdict(one) for one in found]}


def _orphans_text(found: list[orphans.Orphans]) -> str:
    lines = []
    for one in found:
        if not one.rows:
            lines.append(f"{one.reference} ({one.action}): no orphan")
            continue
        verb = "refers" if one.rows == 1 else "refer"
        what = f"{words.plural(one.rows, 'row')} {verb} to {words.plural(one.keys, 'missing key')} of {one.parent}"
        sample = ", ".join(f"{child} → {key}" for child, key in one.sample)
        lines.append(f"{one.reference} ({one.action}): {what}{f', such as {sample}' if sample else ''}")
    return "\n".join(lines) or "The project has no loose reference."


def _repaired_text(one: orphans.Orphans) -> str:
    verb = "deleted" if one.action == "CASCADE" else "set to NULL"
    refused = f"; {words.plural(one.refused, 'row')} cannot go, as something protects them" if one.refused else ""
    return f"{one.reference}: {words.plural(one.cleaned, 'row')} {verb}{refused}"


_CARRY_OUT: dict[str, Callable[[Given], int]] = {
    "install": _install, "status": _status, "remove": _remove, "clean": _clean, "scan": _scan, "repair": _repair,
}  # fmt: skip


def _say(given: Given, value: dict[str, Any], text: str) -> None:
    if given.get("json"):
        write_json({"kind": "result", **value})
    elif text:
        print(text)
