"""The heartbeat goes on until the block ends, and learns when the run was taken over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from outgrow.dialects.base import Dialect, Session
from outgrow.ledger import Ledger
from outgrow.workers import Heartbeat


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_beats_are_counted_in_the_ledger(ledger: Ledger, connect: Callable[[], Session]) -> None:
    pulse = connect()
    before = ledger.holder.beats
    with Heartbeat(lambda: ledger.beat(pulse), 0.05):
        wait_for(lambda: ledger.holder.beats >= before + 3)
    after = ledger.holder.beats
    time.sleep(0.2)
    assert ledger.holder.beats == after


def test_it_stops_and_says_so_when_another_mover_owns_the_run(
    ledger: Ledger, dialect: Dialect, connect: Callable[[], Session]
) -> None:
    pulse = connect()
    ledger.release()
    Ledger.resume(dialect, connect())
    told: list[str] = []
    with Heartbeat(lambda: ledger.beat(pulse), 0.05, lambda: told.append("lost")) as heart:
        wait_for(heart.lost.is_set)
        time.sleep(0.2)
    assert told == ["lost"]


def test_a_beat_that_fails_is_tried_again() -> None:
    attempts = []
    enough = threading.Event()

    def beat() -> None:
        attempts.append(1)
        if len(attempts) < 3:
            raise ConnectionError("the server is away")
        enough.set()

    with Heartbeat(beat, 0.02) as heart:
        assert enough.wait(5)
        assert not heart.lost.is_set()
