"""Patience with a target that goes away: a restart is no reason to begin again, a server that never returns is one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from outgrow.dialects.base import Dialect, Trouble
from outgrow.errors import Unreachable
from outgrow.events import Event, Watch

Result = TypeVar("Result")

SECONDS = 90.0  # that a lost target may take to come back
LOSSES = 5  # of a session at work; what ends the server each time would do so for ever


class Patience:
    """What one piece of work grants the target: ``SECONDS`` from the first loss, and ``LOSSES`` in all."""

    def __init__(self, dialect: Dialect, watch: Watch, step: str, table: str) -> None:
        self._dialect, self._watch, self._step, self._table = dialect, watch, step, table
        self._end = float("inf")
        self._losses = 0
        self._pauses = 0

    def lasts(self, error: BaseException) -> bool:
        """Whether the target went away, or is still away, with this error, and to try again is worth it."""
        fresh = self._dialect.trouble(error) is Trouble.LOST
        if not fresh and not isinstance(error, Unreachable):
            return False
        self._losses += fresh
        self._end = min(self._end, time.monotonic() + SECONDS)
        if time.monotonic() > self._end or self._losses > LOSSES:
            return False
        if fresh:
            text = "the target went away; waiting for it to come back"
            self._watch(Event("warning", self._step, self._table, text=text))
        return True

    def pause(self) -> float:
        """Seconds until the next try, each time longer."""
        self._pauses += 1
        return min(5.0, 0.2 * 2.0**self._pauses)


def patiently(dialect: Dialect, watch: Watch, step: str, act: Callable[[], Result]) -> Result:
    """Do what may be done twice, again when the target went away meanwhile."""
    patience = Patience(dialect, watch, step, "")
    while True:
        try:
            return act()
        except Exception as error:
            if not patience.lasts(error):
                raise
        time.sleep(patience.pause())
