"""The child process of the schema room: a job down its standard input, events up its standard output, a log beside.

The job holds the target's password, so it goes down a pipe, never into arguments or environment.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from outgrow import allocator
from outgrow.errors import Refused
from outgrow.masks import scrub

PULSE = 2.0  # seconds between signs of life to the child, which gives up after some without one
CHILD = Path(__file__).with_name("child.py")
LOG_BYTES = 64_000
LOG_LINES = 200


def pack(**job: Any) -> bytes:
    try:
        return pickle.dumps(job, protocol=4)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise Refused(
            f"the target's database settings hold a value that cannot be handed to another process ({error}): "
            "use plain values (text, numbers, lists) in its OPTIONS and rerun."
        ) from error


def run(python: str, job: bytes, log: IO[bytes], hear: Callable[[dict[str, Any]], None]) -> int:
    """Run the child to its end; it dies with us, whatever ends us."""
    allocator.give_back()  # the child is a second interpreter with the whole project in it
    child = subprocess.Popen(
        [python, "-P", str(CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,  # Ctrl-C is for us, and we end the child
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        with suppress(BrokenPipeError):  # it died at once: its log says why
            child.stdin.write(job)
            child.stdin.flush()  # and stays open: it is the child's lifeline
        with _pulse(child.stdin):
            for line in child.stdout:
                hear(json.loads(line))
            return child.wait()
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
        child.stdout.close()
        with suppress(BrokenPipeError):
            child.stdin.close()


@contextmanager
def _pulse(pipe: IO[bytes]) -> Iterator[None]:
    """Signs of life for the child: a parent that is stopped must not leave it at work."""
    done = threading.Event()

    def beat() -> None:
        with suppress(OSError, ValueError):  # the child is gone
            while not done.wait(PULSE):
                pipe.write(b".")
                pipe.flush()

    thread = threading.Thread(target=beat, name="outgrow-pulse", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def read_log(log: IO[bytes], secrets: Iterable[str]) -> str:
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - LOG_BYTES))
    lines = scrub(log.read().decode(errors="replace"), secrets).splitlines()
    return "\n".join(lines[-LOG_LINES:])
