"""The commands: each calls one function of the pipeline, prints what came of it, and gives an exit code."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from outgrow import pipeline
from outgrow.cli import deploying, doctor, loose, migrate, outcome, provision, rehearsing
from outgrow.cli.files import write
from outgrow.cli.progress import Display, write_json
from outgrow.ledger.records import RunRecord
from outgrow.options import Options
from outgrow.report import build
from outgrow.report.html import as_html
from outgrow.report.text import as_text

Given = Mapping[str, Any]


def audit(options: Options, display: Display, given: Given) -> int:
    with display:
        found = pipeline.audit(options, display)
    _result(given, outcome.audit_dict(found), lambda: outcome.audit_text(found, options))
    return 1 if outcome.still_loses(found, options) else 0


def plan(options: Options, display: Display, given: Given) -> int:
    with display:
        made = pipeline.plan(options, display)
    _result(given, {"plan": made.as_dict()}, lambda: outcome.plan_text(made))
    return 0


def move(options: Options, display: Display, given: Given) -> int:
    if options.undo:
        with display:
            undone = pipeline.undo(options, display)
        _result(given, outcome.undo_dict(undone), lambda: outcome.undo_text(undone))
        return 0
    if options.drop_source:
        with display:
            dropped = pipeline.drop_source(options, display)
        _result(given, {"dropped": dict(dropped.dropped)}, lambda: outcome.drop_text(dropped))
        return 0
    with display:
        moved = pipeline.move(options, display)
    _result(given, outcome.move_dict(moved), lambda: outcome.move_text(moved, options))
    return 0


def verify(options: Options, display: Display, given: Given) -> int:
    with display:
        result = pipeline.verify(options, display)
    _result(given, outcome.verify_dict(result), lambda: outcome.verify_text(result))
    return 0 if result.equal else 1


def status(options: Options, display: Display, given: Given) -> int:
    record = _record(options)
    if given.get("json"):
        write_json(outcome.status_dict(record))
    else:
        print(outcome.status_text(record))
    return 0


def report(options: Options, display: Display, given: Given) -> int:
    made = build(_record(options))
    if file := given.get("html"):
        write(Path(file), as_html(made))
        if not given.get("json"):
            print(f"The report is in {file}.")
    if given.get("json"):
        print(json.dumps(made.as_dict(), ensure_ascii=False, indent=2, default=str))
    elif not given.get("html"):
        print(as_text(made), end="")
    return 0


COMMANDS: dict[str, Callable[[Options, Display, Given], int]] = {
    "audit": audit, "plan": plan, "move": move, "verify": verify, "status": status, "report": report,
    "migrate": migrate.migrate,
    "rehearse": rehearsing.rehearse,
    "loose": loose.loose,
    "doctor": doctor.doctor,
    "provision": provision.provision,
    "deploy": deploying.deploy,
}  # fmt: skip


def _result(given: Given, value: dict[str, Any], text: Callable[[], str]) -> None:
    if given.get("json"):
        write_json({"kind": "result", **value})
    else:
        print(text())


def _record(options: Options) -> RunRecord:
    record = pipeline.status(options)["run"]
    assert isinstance(record, RunRecord)
    return record
