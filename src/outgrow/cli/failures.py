"""How a command ends that did not end well: one sentence on stderr, an exit code, and for the unforeseen a file."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from outgrow import places
from outgrow.errors import Interrupted, OutgrowError
from outgrow.masks import quiet, scrub

UNFORESEEN = 70  # EX_SOFTWARE of sysexits.h


def explain(error: BaseException, *, resume: str | None, show_traceback: bool, show_values: bool) -> tuple[str, int]:
    """What to print and the exit code. ``resume`` is the command to go on with, where something was written already."""
    if isinstance(error, KeyboardInterrupt | Interrupted):
        onward = f"go on with `{resume}`." if resume else "nothing was written to the target."
        return f"Stopped: {onward}", Interrupted.exit_code
    if isinstance(error, OutgrowError):
        text, log = _scrubbed(str(error)), _scrubbed(getattr(error, "log", ""))
        if show_traceback:
            return "\n".join(filter(None, (text, log, full(error, show_values)))), error.exit_code
        if log:
            text += f" For the whole story, what the project printed is in {_write(log, 'log')}, without secrets."
        return text, error.exit_code
    what = f"Something unforeseen happened ({type(error).__name__})"
    onward = f"; what is copied is kept, go on with `{resume}`" if resume else ""
    if show_traceback:
        return f"{full(error, show_values)}{what}{onward}.", UNFORESEEN
    where = _write(full(error, show_values), "traceback")
    return f"{what}{onward}: the traceback is in {where}, without values of rows and secrets.", UNFORESEEN


def full(error: BaseException, show_values: bool = False) -> str:
    """The traceback with its causes; messages may hold values of rows, so what they quote is masked."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        message = str(current) if show_values or isinstance(current, OutgrowError) else quiet(str(current))
        frames = "".join(traceback.format_tb(current.__traceback__))
        parts.append(f"Traceback (most recent call last):\n{frames}{type(current).__qualname__}: {message}\n")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return _scrubbed("\nwhich led to:\n\n".join(reversed(parts)))


def _scrubbed(text: str) -> str:
    try:
        secrets = places.known_secrets()
    except Exception:  # settings that could not be loaded have no secrets to show
        secrets = set()
    return scrub(text, secrets)


def _write(text: str, what: str) -> str:
    """The text in a new file that only its owner may read."""
    descriptor, path = tempfile.mkstemp(prefix=f"outgrow-{what}-", suffix=".txt")
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return path


@contextmanager
def stoppable() -> Iterator[None]:
    """SIGTERM and SIGHUP end a command as Ctrl-C does: in order, and resumable."""
    before: dict[int, Any] = {}
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            try:
                before[number] = signal.signal(number, _interrupt)
            except ValueError:  # not the main thread: call_command() in a server
                break
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


def speak_any_charset() -> None:
    """A table's name that the terminal's charset lacks (LANG=C) is shown by escapes: a move must not die of it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def say_json(text: str, code: int, error: BaseException) -> None:
    """The error as the last JSON line, with what an audit found."""
    found = getattr(error, "result", None)
    findings = found.as_json(all_keys=True) if found is not None else {}
    print(json.dumps({"kind": "error", "text": text, "exit_code": code, **findings}, default=str), flush=True)
