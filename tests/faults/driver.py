"""Movers under test: started, watched by their events, and killed, stopped or interrupted by process id."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 150.0

# Small chunks, so that a few thousand rows are many transactions.
SMALL = "import outgrow.transfer as t; t.CHUNK_BYTES = 60_000; t.LEAST_ROWS = 100\n"
POINTS = SMALL + "from tests.faults.points import *\n"
# Two heartbeats and a little instead of five: the one that takes over knows sooner that the other is stopped.
HASTY = """from outgrow.ledger import Ledger
for entrance in (Ledger.resume, Ledger.clear_the_way):
    entrance.__func__.__kwdefaults__['patience'] = 7.0
"""


Event = dict[str, Any]


@dataclass(frozen=True)
class Ended:
    """What a mover said and its exit code (minus the signal that killed it)."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """The last thing on stderr."""
        return self.err.strip().splitlines()[-1] if self.err.strip() else ""


@dataclass
class Mover:
    """One mover process."""

    nursery: Nursery
    pid: int
    files: tuple[Path, Path]
    _code: int | None = field(default=None, init=False)

    def events(self) -> list[Event]:
        """What it has told so far with --json; the last line may still be in writing."""
        lines = self.files[0].read_text().split("\n")[:-1] if self.files[0].exists() else []
        return [json.loads(line) for line in lines if line.startswith("{")]

    def code(self) -> int | None:
        """Its exit code, None while it runs."""
        if self._code is None:
            self._code = self.nursery.ask({"ended": self.pid})
        return self._code

    def until(self, condition: Callable[[list[Event]], bool], *, seconds: float = PATIENCE) -> bool:
        """Wait until its events meet a condition; False when it ended before."""
        end = time.monotonic() + seconds
        while not condition(self.events()):
            if self.code() is not None:
                return condition(self.events())
            assert time.monotonic() < end, f"nothing happened in {seconds} s\n{self.files[1].read_text()}"
            time.sleep(0.01)
        return True

    def until_step(self, name: str) -> bool:
        return self.until(lambda events: any(e["kind"] == "step_started" and e["step"] == name for e in events))

    def until_stopped(self, *, seconds: float = PATIENCE) -> None:
        """Wait until it has stopped itself at a point of tests.faults.points."""
        end = time.monotonic() + seconds
        while psutil.Process(self.pid).status() != psutil.STATUS_STOPPED:
            assert self.code() is None, self.files[1].read_text()
            assert time.monotonic() < end, "the mover did not come to its point"
            time.sleep(0.01)

    def signal(self, number: int) -> None:
        if self.code() is None:
            os.kill(self.pid, number)

    def kill(self) -> Ended:
        self.signal(signal.SIGKILL)
        return self.end()

    def end(self, *, seconds: float = PATIENCE) -> Ended:
        """Wait until it has ended."""
        stop = time.monotonic() + seconds
        while (code := self.code()) is None:
            if time.monotonic() > stop:
                self.signal(signal.SIGKILL)
                raise AssertionError(f"the mover hung\n{self.files[1].read_text()}\n{self.events()[-5:]}")
            time.sleep(0.01)
        return Ended(code, *(file.read_text() if file.exists() else "" for file in self.files))


class Nursery:
    """Forks movers of one project with one source."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._numbers = itertools.count(1)
        self._log = (folder / "nursery.log").open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._log, text=True, env={**clean(), "XDG_CACHE_HOME": str(folder), **environment},
        )  # fmt: skip
        assert self._hear() == "ready"

    def start(
        self, target: str, *arguments: str, command: str = "move", patch: str = SMALL, **environment: str
    ) -> Mover:
        """`outgrow move --to env:TARGET …` in a process of its own."""
        name = f"mover{next(self._numbers)}"
        files = (self.folder / f"{name}.out", self.folder / f"{name}.err")
        argv = [command, "--to", "env:TARGET", "--json", "--no-color", *arguments]
        world = {"TARGET": target, **environment}
        order = {"argv": argv, "files": [str(f) for f in files], "patch": patch, "environment": world}
        return Mover(self, self.ask(order), files)

    def run(self, target: str, *arguments: str, command: str = "move", patch: str = SMALL, **environment: str) -> Ended:
        return self.start(target, *arguments, command=command, patch=patch, **environment).end()

    def finish(self, target: str, *arguments: str, **environment: str) -> Ended:
        """Go on with whatever an earlier mover left, and end well."""
        ended = self.run(target, "--resume", *arguments, **environment)
        if ended.code == 2 and "nothing to resume" in ended.err:  # it never came to its ledger
            ended = self.run(target, *arguments, **environment)
        assert ended.code == 0, ended.err
        return ended

    def ask(self, order: Mapping[str, Any]) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._hear()

    def _hear(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the nursery died: {(self.folder / 'nursery.log').read_text()}"
        return json.loads(line)

    def close(self) -> None:
        for child in psutil.Process(self._process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        for pipe in (self._process.stdin, self._process.stdout, self._log):
            assert pipe is not None
            pipe.close()
        self._process.wait(timeout=30)


def clean() -> dict[str, str]:
    """This environment without what would lead a project elsewhere."""
    away = ("DJANGO_SETTINGS_MODULE", "DATABASE_URL")
    kept = {name: value for name, value in os.environ.items() if name not in away}
    return {**kept, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}


def command(*arguments: str, patch: str = "", **environment: str) -> Ended:
    """`manage.py outgrow …` as a person runs it, in a fresh interpreter."""
    start = [str(ROOT / "manage.py")]
    if patch:
        code = (
            f"{patch}\nimport sys, runpy; sys.argv[0] = {start[0]!r}; runpy.run_path({start[0]!r}, run_name='__main__')"
        )
        start = ["-c", code]
    done = subprocess.run(
        [sys.executable, *start, "outgrow", *arguments], cwd=ROOT, env={**clean(), **environment}, capture_output=True,
        text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    return Ended(done.returncode, done.stdout, done.stderr)


@contextlib.contextmanager
def background(task: Callable[[], None], *, every: float = 0.02) -> Iterator[None]:
    """Repeat a task in a thread until the block ends; what it raises is raised here."""
    import threading

    stop, errors = threading.Event(), list[BaseException]()

    def loop() -> None:
        try:
            while not stop.wait(every):
                task()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if errors:
        raise errors[0]
