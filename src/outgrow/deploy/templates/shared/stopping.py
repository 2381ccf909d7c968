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


class Stopped(Failed):
    """By a signal."""


GRACE = 10  # seconds for a command that was told to end
PAUSE = 0.3  # seconds between two looks


class Stopping:
    """What was heard of such signals; nothing is raised where nobody looks."""

    def __init__(self) -> None:
        self._asked = False
        self._at_once = False

    def listen(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
                signal.signal(number, self._hear)

    def look(self) -> None:
        """Raises Stopped if one came."""
        if self._asked:
            raise Stopped("it was stopped by a signal")

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """In here a command that runs is ended when one comes."""
        self.look()
        self._at_once = True
        try:
            yield
        finally:
            self._at_once = False

    def look_while_running(self) -> None:
        """Raises Stopped once: what ends the command is a command as well."""
        if self._at_once and self._asked:
            self._at_once = False
            self.look()

    def _hear(self, number: int, frame: object) -> None:
        was, self._asked = self._asked, True
        if not (was or self._at_once):
            with suppress(OSError):
                os.write(2, b"a signal: it stops, or ends, where nothing is left half done\n")


STOPPING = Stopping()


def finish(command: list[str], folder: Path | str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and keep what it says. Ctrl-C does not reach it, as it has a session of its own; where
    we stop it is told to end, and has GRACE seconds. Raises Failed then, and where there is no such program.
    """
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    try:
        process = subprocess.Popen(
            command, cwd=folder, start_new_session=True, stdin=subprocess.DEVNULL, text=True, errors="replace", **pipes
        )
    except OSError as error:
        raise Failed(f"{command[0]} cannot be started: {error.strerror}: install it, or put it into PATH") from None
    with process:
        try:
            said, wrong = _said(process)
        except BaseException:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=GRACE)
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, said, wrong)


def _said(process: subprocess.Popen[str]) -> tuple[str, str]:
    while True:
        try:
            return process.communicate(timeout=PAUSE)
        except subprocess.TimeoutExpired:
            STOPPING.look_while_running()
