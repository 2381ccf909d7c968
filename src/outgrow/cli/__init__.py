"""The command layer: ``outgrow …`` from the shell, and the same under ``manage.py``. The only place that prints."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from outgrow import allocator
from outgrow.cli import arguments, failures, memory, project
from outgrow.errors import OutgrowError
from outgrow.options import Options
from outgrow.places import resolve

# steps during which a ledger exists
WRITING = {"schema", "audit target", "set aside", "copy", "restore", "statistics", "verify", "settings"}


def main(argv: Sequence[str] | None = None) -> int:
    """The console command: find the project, then do as asked."""
    parser = arguments.build("outgrow", called_from_command_line=True)
    given = vars(parser.parse_args(list(sys.argv[1:] if argv is None else argv)))
    try:
        if given["command"] == "provision" and not arguments.names_an_alias(given["on"]):
            project.load_if_it_can(given["settings"], given["pythonpath"])
        else:
            project.load(given["settings"], given["pythonpath"])
    except OutgrowError as error:
        failures.say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return run(given, "outgrow")


def run(given: dict[str, Any], prog: str) -> int:
    """Carry out a parsed command line in a project that is loaded; returns the exit code and never raises."""
    failures.speak_any_charset()
    # The project's 100,000 objects stay until the end: looked through again and again by the collector, they took a
    # third of verify's time.
    gc.freeze()
    allocator.share_one_arena()
    options = arguments.options_from(given)
    started: set[str] = set()
    try:
        with failures.stoppable() if given["command"] != "rehearse" else nullcontext():
            return _carry_out(given, options, started)
    except BrokenPipeError:  # `outgrow report | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (Exception, KeyboardInterrupt) as error:
        text, code = failures.explain(
            error, resume=_onward(given, prog, options, started),
            show_traceback=given["traceback"], show_values=given["show_values"],
        )  # fmt: skip
        if given.get("json"):
            failures.say_json(text, code, error)
        failures.say(text)
        return code


def _carry_out(given: dict[str, Any], options: Options, started: set[str]) -> int:
    """``started`` is filled with the names of the steps that began."""
    from outgrow.cli import commands, progress  # late: they need the project

    display = progress.display(
        json_lines=bool(given.get("json")), verbosity=given["verbosity"], no_color=given["no_color"],
        force_color=given["force_color"],
    )  # fmt: skip
    display.started = started
    target = _target(options.target) if "target" in given else None  # who takes no --to need not remember it
    return commands.COMMANDS[given["command"]](replace(options, target=target), display, given)


def _onward(given: dict[str, Any], prog: str, options: Options, started: set[str]) -> str | None:
    """The command that goes on, where something was written already."""
    if given["command"] == "migrate" and started:
        return f"{prog} migrate"
    if given["command"] == "provision" and given.get("name") and started:
        return arguments.provision_command(prog, given)
    return arguments.resume_command(prog, options) if given["command"] == "move" and started & WRITING else None


def _target(typed: str | None) -> str | None:
    """The target as typed, which is remembered once it is understood, or else the remembered one."""
    if typed is None:
        return memory.recall()
    resolve(typed)
    memory.remember(typed)
    return typed
