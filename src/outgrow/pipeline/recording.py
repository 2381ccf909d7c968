"""The steps of a move, in its ledger."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from outgrow.events import Event, Watch
from outgrow.ledger import Ledger
from outgrow.patience import patiently


class Recorder:
    """Passes events on, and tells the ledger of steps: of the first ones as soon as there is a ledger."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._ledger: Ledger | None = None
        self._early: list[Event] = []

    def write_to(self, ledger: Ledger) -> None:
        for event in self._early:
            ledger.step(event.step, event.seconds)
        self._ledger = ledger

    def __call__(self, event: Event) -> None:
        if event.kind == "step_finished" and self._ledger is None:
            self._early.append(event)
        elif event.kind == "step_started" and self._ledger is not None:
            self._tell(self._ledger.check, event)  # what follows may be DDL, which cannot be conditional
            self._tell(partial(self._ledger.step, event.step, state="started"), event)
        elif event.kind == "step_finished" and self._ledger is not None:
            self._tell(partial(self._ledger.step, event.step, event.seconds), event)
        self._watch(event)

    def _tell(self, act: Callable[[], None], event: Event) -> None:
        assert self._ledger is not None
        patiently(self._ledger.dialect, self._watch, event.step, act)
