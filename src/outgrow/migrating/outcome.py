"""What became of each database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.migrations.exceptions import MigrationSchemaMissing
from django.db.transaction import TransactionManagementError

from outgrow.errors import OutgrowError
from outgrow.masks import quiet


class State(StrEnum):
    NOT_STARTED = "not started"
    DONE = "done"
    FAILED = "failed"


@dataclass
class Result:
    """One database. What another process applied while this one waited for its lock is not in ``applied``."""

    alias: str
    spoken: str
    state: State = State.NOT_STARTED
    applied: list[str] = field(default_factory=list)
    recorded: list[str] = field(default_factory=list)  # of other databases
    migration: str = ""  # the one at which it failed
    error: str = ""
    half: bool = False  # the engine does not undo what the failed migration did
    seconds: float = 0.0
    printed: str = ""  # what the project's own code wrote

    def fail(self, error: BaseException, explain: Callable[[BaseException], str]) -> None:
        self.state = State.FAILED
        self.error = _one_line(error, explain)

    def as_dict(self) -> dict[str, Any]:
        return {
            "database": self.alias,
            "spoken": self.spoken,
            "state": str(self.state),
            "applied": list(self.applied),
            "recorded": list(self.recorded),
            "failed_at": self.migration or None,
            "error": self.error or None,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True)
class Outcome:
    results: Sequence[Result]

    def named(self, state: State) -> list[str]:
        return [result.alias for result in self.results if result.state is state]

    def as_json(self, all_keys: bool = True) -> dict[str, Any]:
        return {"databases": [result.as_dict() for result in self.results]}


class MigrationFailed(OutgrowError):
    """One database could not be migrated; the ones before it are done, the ones after it were not touched."""

    exit_code = 1

    def __init__(self, result: Outcome) -> None:
        self.result = result
        failed = next(r for r in result.results if r.state is State.FAILED)
        self.log = failed.printed
        at = f" at {failed.migration}" if failed.migration else ""
        half = ", which may be half applied, for this engine does not undo changes of tables" if failed.half else ""
        parts = [f"{failed.alias} could not be migrated{at}{half}: {failed.error.rstrip('.')}."]
        if done := result.named(State.DONE):
            parts.append(f"Done: {', '.join(done)}.")
        if left := result.named(State.NOT_STARTED):
            parts.append(f"Not started: {', '.join(left)}.")
        parts.append("Mend it and run this again: it goes on where each history stands.")
        super().__init__(" ".join(parts))


def _first(error: BaseException) -> BaseException:
    """What broke the transaction, where Django only says that it is broken, as on SQLite by its look at constraints."""
    while isinstance(error, TransactionManagementError):
        below = error.__context__ or error.__cause__
        if below is None:
            break
        error = below
    return error


def _one_line(error: BaseException, explain: Callable[[BaseException], str]) -> str:
    """The error in one clause without values of rows: the driver's own through ``explain``, others masked."""
    error = _first(error)
    if isinstance(error, OutgrowError):
        return str(error)
    if isinstance(error, MigrationSchemaMissing) and error.__context__ is not None:
        said = _one_line(error.__context__, explain).rstrip(".")
        return f"the table django_migrations cannot be made ({said}): give its user the right to create tables"
    cause = error.__cause__
    if type(error).__module__.startswith("django.db") and cause is not None:
        return explain(cause)
    text = quiet(" ".join(str(error).split()))
    return f"{type(error).__name__}: {text[:300]}" if text else type(error).__name__
