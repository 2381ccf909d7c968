"""What the steps tell whoever watches: one event type, handed to a callback (as Django's MigrationExecutor does).

The command layer turns events into progress bars, plain lines or JSON; the ledger keeps the steps' seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any

STEPS = (
    "check",  # both ends reachable, not one database, target empty, nobody else at work
    "inventory",  # what the project holds
    "plan",
    "audit source",
    "schema",  # the project's own migrate in a child process, then its rows cleared
    "audit target",
    "archive",  # rows of tables that have no place on the target
    "set aside",  # indexes, unique keys, foreign keys, triggers
    "copy",
    "restore",  # exactly what was set aside, then the sequences
    "statistics",  # of the copied tables, for the server's planner
    "verify",
    "settings",  # load the project through the printed settings and count
    "switch",  # of a split: the source's constraints between what moved and what stays are dropped
)


@dataclass(frozen=True, slots=True)
class Event:
    """``kind``: step_started | step_finished | total | progress | note | warning. Numbers that do not apply are 0."""

    kind: str
    step: str = ""
    table: str = ""
    rows: int = 0  # total: rows expected; progress: rows done since the last event
    bytes: int = 0
    seconds: float = 0.0
    text: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {k: v for k, v in asdict(self).items() if v or k == "kind"}


Watch = Callable[[Event], None]


def silent(event: Event) -> None:
    """Watch nothing."""


@contextmanager
def step(watch: Watch, name: str) -> Iterator[None]:
    """Announce a step and, when it ended well, its seconds."""
    watch(Event("step_started", step=name))
    start = monotonic()
    yield
    watch(Event("step_finished", step=name, seconds=monotonic() - start))
