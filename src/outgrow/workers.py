"""The heartbeat: a thread beside the run that tells other movers, through the ledger, that this one is at work."""

from __future__ import annotations

import threading
from collections.abc import Callable

from outgrow.errors import LostOwnership


class Heartbeat:
    """Calls ``beat`` every few seconds until the block ends; a beat that fails is tried again at the next turn.

    ``lost`` is set, and ``on_lost`` called once, when the run was taken over by somebody else.
    """

    def __init__(self, beat: Callable[[], None], every: float, on_lost: Callable[[], None] | None = None) -> None:
        self.lost = threading.Event()
        self._beat, self._every, self._on_lost = beat, every, on_lost
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outgrow-heartbeat", daemon=True)

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self._beat()
            except LostOwnership:
                self.lost.set()
                if self._on_lost:
                    self._on_lost()
                return
            except Exception:  # the server is away or the file is locked: what matters fails loudly elsewhere
                continue

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join(timeout=self._every)
