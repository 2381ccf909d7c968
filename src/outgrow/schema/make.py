"""The parent's side of the schema step: start the child, hear its events, turn its failure into one sentence.

The target's settings go down a pipe, never into arguments or environment. What the project prints is kept in a file
without a name and shown, scrubbed, only when the step fails. A failed attempt drops exactly the tables that it made,
so that the next one (``--schema current``) finds the target as it was; after a kill, ``keep`` says what was there
before the run.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from outgrow.dialects.base import Settings
from outgrow.errors import OutgrowError, Unreachable
from outgrow.events import Event, Watch, silent
from outgrow.masks import scrub
from outgrow.schema.process import pack, read_log, run

Mode = Literal["migrate", "current"]


class SchemaFailed(OutgrowError):
    """The project's migrations, or the tables of its models, could not be made on the target.

    ``migration`` is the one that failed, if any; ``log`` is the end of what the project printed, without secrets.
    """

    def __init__(self, message: str, *, migration: str | None = None, reason: str = "", log: str = "") -> None:
        super().__init__(message)
        self.migration = migration
        self.reason = reason
        self.log = log


@dataclass(frozen=True, slots=True)
class SchemaResult:
    """What was made: (migration, seconds) in order, and the tables and views that are new."""

    mode: Mode
    migrations: tuple[tuple[str, float], ...] = ()
    made: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()  # mode "current": migrations whose SQL was not run


@dataclass
class _Heard:
    """What the child has said so far."""

    migrations: list[tuple[str, float]] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    made: list[str] | None = None
    failure: dict[str, Any] | None = None
    running: str | None = None


def make_schema(
    target_settings: Settings,
    *,
    settings_module: str,
    mode: Mode = "migrate",
    watch: Watch = silent,
    python: str = sys.executable,
    extra_models: Sequence[str] = (),
    cache_tables: Sequence[str] = (),
    keep: Collection[str] | None = None,
    owners: Mapping[str, Any] | None = None,
    only: Collection[str] = (),
) -> SchemaResult:
    """Make the target's schema by the project's own code, in a child process that knows no other database.

    ``extra_models`` are labels of unmanaged models, ``cache_tables`` names of database caches, whose tables the source
    holds. ``keep`` are the tables that were on the target before this run began: everything else there was left by an
    unfinished attempt and is dropped first, unless the migration history itself was there before. Without ``keep``
    nothing is dropped and ``migrate`` continues where it is.

    ``owners`` is OUTGROW["OWNERS"] as seen from the target, which is "default" there ("elsewhere" is every other
    database): only what "default" owns is made, without constraints that leave it. ``only`` are the tables that the
    target is to have for it (lower case).
    """
    job = pack(
        target=dict(target_settings),
        settings_module=settings_module,
        mode=mode,
        extra_models=list(extra_models),
        cache_tables=list(cache_tables),
        keep=None if keep is None else list(keep),
        owners=None if owners is None else dict(owners),
        only=list(only),
        path=[os.path.abspath(entry) for entry in sys.path],
        parent=os.getpid(),
    )
    heard = _Heard(secrets=_secrets(target_settings))
    with tempfile.TemporaryFile() as log:
        code = run(python, job, log, lambda event: _hear(event, heard, watch))
        if heard.failure is not None or heard.made is None:
            raise _failure(heard, code, mode, read_log(log, heard.secrets))
    return SchemaResult(mode, tuple(heard.migrations), tuple(heard.made), tuple(heard.not_run))


def _hear(event: dict[str, Any], heard: _Heard, watch: Watch) -> None:
    match event["event"]:
        case "secrets":
            heard.secrets.extend(event["values"])
        case "started":
            heard.running = event["migration"]
            watch(Event("note", step="schema", text=f"migrating {event['migration']}"))
        case "finished":
            heard.running = None
            heard.migrations.append((event["migration"], event["seconds"]))
            watch(Event("note", step="schema", text=f"migrated {event['migration']}", seconds=event["seconds"]))
        case "not run":
            heard.not_run.append(event["migration"])
            watch(
                Event(
                    "warning",
                    step="schema",
                    text=f"the SQL of {event['migration']} was not run; see whether today's schema needs it",
                )
            )
        case "done":
            heard.made = event["made"]
        case "failed":
            heard.failure = event


def _failure(heard: _Heard, code: int, mode: Mode, log: str) -> OutgrowError:
    """The child's failure as one sentence."""
    failure = heard.failure or {"stage": "died", "migration": heard.running, "undone": False, "left": []}
    why = scrub(failure.get("reason", f"the child process ended with code {code}"), heard.secrets)
    engine = failure.get("display") or "the target"
    migration = failure["migration"]
    if failure["stage"] == "connect":
        return Unreachable(f"the target cannot be reached with the project's driver: {why}; check it and rerun.")
    if failure["stage"] == "load":
        text = f"the project cannot be loaded with the target as its only database: {why}; correct this and rerun."
    elif migration and failure["stage"] == "migrate":
        text = (
            f"the migration {migration} cannot run on {engine}: {why}; correct it and rerun with --restart, or with "
            "--restart --schema current, which makes the tables of today's models and records the migrations as "
            f"applied. {_state(failure)}"
        )
    elif failure["stage"] == "died":
        text = f"the schema step died{f' in {migration}' if migration else ''}: {why}; rerun with --resume."
    else:
        what = "the project's migrate failed" if mode == "migrate" else "the tables of today's models cannot be made"
        text = f"{what} on {engine}: {why}; correct this and rerun. {_state(failure)}"
    return SchemaFailed(text.strip(), migration=migration, reason=why, log=log)


def _state(failure: dict[str, Any]) -> str:
    """What the failed attempt left on the target."""
    if failure["undone"] and not failure["left"]:
        return "The target is as it was before."
    if failure["undone"]:
        return f"{len(failure['left'])} tables could not be dropped again ({failure['left'][0]}, …): empty the target."
    if failure["left"]:
        return f"It left {len(failure['left'])} new tables on the target, which already had a migration history."
    return ""


def _secrets(target: Settings) -> list[str]:
    """The target's own secrets, for a child that died before it could name any."""
    options = target.get("OPTIONS") or {}
    found = [target.get("PASSWORD"), *(v for k, v in options.items() if "pass" in k.lower())]
    return [str(value) for value in found if value]
