"""How a deployment stops that somebody ends: by TERM, by Ctrl-C, or by a terminal that was lost (HUP).

It stops while migrations run and between two looks of `deploy.wait`, and undoes itself. No other step is cut in two: of
a `switch` nobody would know which version nginx serves. Nor is undoing, by somebody who types Ctrl-C twice.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from state import Failed

GRACE = 10  # seconds for a command that was told to end


class Stopping:
    """What was heard of such signals."""

    def __init__(self) -> None:
        self._asked = False
        self._now = False

    def listen(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._hear)

    def look(self) -> None:
        """Raises Failed if one came."""
        if self._asked:
            raise Failed("it was stopped by a signal")

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """In here it need not be asked: Failed is raised when one comes."""
        self.look()
        self._now = True
        try:
            yield
        finally:
            self._now = False

    def _hear(self, number: int, frame: object) -> None:
        was, self._asked = self._asked, True
        if self._now:
            self._now = False
            self.look()
        if not was:
            with suppress(OSError):
                os.write(2, b"a signal: it stops, or ends, where nothing is left half done\n")


def finish(command: list[str], folder: Path | str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and keep what it says. Ctrl-C does not reach it, as it has a session of its own; stopped
    with us it is told so and has GRACE seconds. Raises Failed where there is no such program.
    """
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    try:
        process = subprocess.Popen(
            command, cwd=folder, start_new_session=True, stdin=subprocess.DEVNULL, text=True, **pipes
        )
    except OSError as error:
        raise Failed(f"{command[0]} cannot be started: {error.strerror}: install it, or put it into PATH") from None
    with process:
        try:
            said, wrong = process.communicate()
        except BaseException:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=GRACE)
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, said, wrong)
