"""One small process per server, which takes the server with it however its owner dies.

The owner holds the warden's standard input. When that closes (also by kill -9) the warden kills the
server and removes its files; when the warden itself is killed, the kernel kills the server
(PR_SET_PDEATHSIG; it must be asked for after the user has changed, since that clears it).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
_LOG_LINES = 15


@dataclass(frozen=True)
class Job:
    """How a server is started: command, user, root directory, files to remove at the end."""

    command: Sequence[str]
    folder: str  # everything of this server; removed at the end
    log: str
    root: str | None = None  # chroot
    user: int | None = None
    group: int | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def become(self) -> None:
        """In the child, before exec: enter the root, drop rights, die with the parent."""
        if self.root is not None:
            os.chroot(self.root)
            os.chdir("/")
        if self.user is not None and self.group is not None:
            os.setgroups([])
            os.setgid(self.group)
            os.setuid(self.user)
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)

    def spawn(self, command: Sequence[str], log: Any) -> subprocess.Popen[bytes]:
        """Start a command in the server's place."""
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", **self.environment},
            start_new_session=True,
            preexec_fn=self.become,
        )


class Warden:
    """The owner's end: orders go down a pipe, answers come back on another."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C in the terminal is for the tests, not for us
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
        self._ask(json.dumps(asdict(job)))

    @property
    def folder(self) -> str:
        """Where everything of the server lies."""
        return self._job.folder

    @property
    def pid(self) -> int:
        """The warden's own process."""
        return self._process.pid

    def prepare(self, command: Sequence[str]) -> int:
        """Run a command that ends by itself, such as initdb; returns its exit code."""
        return int(self._ask(json.dumps({"run": list(command)})))

    def start(self) -> int:
        """Start the server process and return its id."""
        return int(self._ask('"start"'))

    def wait(self, seconds: float) -> int | None:
        """The server's exit code, or None if it still runs after so many seconds."""
        answer = self._ask(json.dumps({"wait": seconds}))
        return None if answer == "running" else int(answer)

    def log(self) -> str:
        """The server's log, or what there is of it."""
        with contextlib.suppress(OSError):
            return Path(self._job.log).read_text(errors="replace")
        return ""

    def last_words(self) -> str:
        """The end of the log, for an error message."""
        return "\n".join(self.log().splitlines()[-_LOG_LINES:])

    def end(self) -> None:
        """Kill the server, remove its files and wait until both are done."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process.wait(timeout=60)

    def _ask(self, line: str) -> str:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line + "\n")
        process.stdin.flush()
        answer = process.stdout.readline().strip()
        if not answer:
            raise RuntimeError(f"the process that watches over a test server died: {line}")
        return answer


class _Watch:
    """The warden's own process."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.owner = os.getppid()
        self.server: subprocess.Popen[bytes] | None = None

    def obey(self, order: Any) -> str:
        if order == "start":
            with open(self.job.log, "ab") as log:
                self.server = self.job.spawn(self.job.command, log)
            return str(self.server.pid)
        if "run" in order:
            with open(self.job.log, "ab") as log:
                return str(self.job.spawn(order["run"], log).wait(timeout=300))
        return self._wait(order["wait"])

    def _wait(self, seconds: float) -> str:
        if self.server is None:
            return "0"
        try:
            return str(self.server.wait(seconds))
        except subprocess.TimeoutExpired:
            return "running"

    def serve(self) -> None:
        """Answer orders until the owner is gone; a changed parent counts as gone as well."""
        rest = b""
        while os.getppid() == self.owner:
            if not select.select([0], [], [], 1.0)[0]:
                if self.server is not None:
                    self.server.poll()
                continue
            data = os.read(0, 65536)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                print(self.obey(json.loads(line)), flush=True)

    def finish(self) -> None:
        """Kill the server with its whole family, then remove its files."""
        import psutil

        if self.server is not None and self.server.poll() is None:
            family = psutil.Process(self.server.pid).children(recursive=True)
            self.server.kill()
            self.server.wait()
            for process in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            psutil.wait_procs(family, timeout=10)
        for _ in range(5):
            shutil.rmtree(self.job.folder, ignore_errors=True)
            if not os.path.exists(self.job.folder):
                return
            time.sleep(0.2)


def _main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with open(0, "rb", buffering=0, closefd=False) as orders:  # unbuffered: select() sees the rest
        watch = _Watch(Job(**json.loads(orders.readline())))
    print("ready", flush=True)
    try:
        watch.serve()
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        watch.finish()


if __name__ == "__main__":
    _main()
