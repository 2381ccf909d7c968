"""The service as it is loaded: the layout's databases with made rows, gunicorns, nginx, the outbox's worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plaza.tests.fronting import FILES, nginx
from plaza.tests.serving import PROCESSES, ROOT, THREADS, Service, web_server
from tests.service.__main__ import LAYOUTS
from tests.service.templates import database

DRAIN = 120  # seconds
SHAPE = {"processes of a web server": PROCESSES, "threads of a process": THREADS}


@dataclass(frozen=True)
class Stage:
    folder: Path
    environment: dict[str, str]
    front: Service
    servers: list[Service]
    worker: subprocess.Popen[bytes]

    def run(self, *arguments: str) -> str:
        """Python in the project; what it printed."""
        return run(self.environment, *arguments)

    def memory(self) -> dict[str, float]:
        """MB of the largest worker of each web server."""
        return {f"server {number}": largest(server) for number, server in enumerate(self.servers, 1)}

    def drained(self) -> None:
        """Until the worker has handed out everything, or is past the longest claim of one that was killed."""
        until = time.monotonic() + DRAIN
        while time.monotonic() < until:
            command = [sys.executable, "-m", "benchmarks.load.gates", "waiting"]
            if not subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True).returncode:
                return
            time.sleep(1)


def largest(server: Service) -> float:
    """MB of the largest of its workers, as PSS: what they share is shared out among them."""
    import psutil

    assert server.process is not None
    return round(max(_pss(worker.pid) for worker in psutil.Process(server.process.pid).children()), 1)


def _pss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000


def run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed: {(done.stderr or done.stdout).strip()[-3000:]}")
    return done.stdout


@contextmanager
def filled(folder: Path, layout: str, rows: int) -> Iterator[dict[str, str]]:
    """The environment of a project on this layout, migrated and filled."""
    media = folder / "media"
    media.mkdir()
    with ExitStack() as stack:
        urls = {name: stack.enter_context(database(engine)) for name, engine in LAYOUTS[layout].items()}
        if layout == "L0":
            urls = dict.fromkeys(urls, f"sqlite:///{folder}/plaza.sqlite3")
        known = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
        environment = {
            **known, **urls, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]), "LIMITS": "0",
            "DJANGO_SETTINGS_MODULE": "plaza.settings", "MEDIA_ROOT": str(media), "X_ACCEL": FILES, "DEBUG": "0",
            "SECRET_KEY": "of this load alone", "ALLOWED_HOSTS": "localhost,127.0.0.1",
        }  # fmt: skip
        run(environment, "manage.py", "outgrow", "migrate")
        run(environment, "manage.py", "plaza_fill", "--rows", str(rows))
        yield environment


@contextmanager
def stage(folder: Path, layout: str, web: int, rows: int) -> Iterator[Stage]:
    with ExitStack() as stack:
        environment = stack.enter_context(filled(folder, layout, rows))
        (folder / "cast.json").write_text(run(environment, "-m", "benchmarks.load.cast"))
        servers = [stack.enter_context(web_server(folder, environment)) for _ in range(web)]
        front = stack.enter_context(nginx(folder, servers, folder / "media"))
        log = stack.enter_context((folder / "drain.log").open("wb"))
        worker = subprocess.Popen([sys.executable, "manage.py", "plaza_drain"], cwd=ROOT, env=environment, stderr=log)
        stack.callback(worker.wait, 30)
        stack.callback(worker.terminate)
        yield Stage(folder, environment, front, servers, worker)


def gates(stage: Stage, acked: Path) -> dict[str, Any]:
    """What is wrong, by gate."""
    return dict(json.loads(stage.run("-m", "benchmarks.load.gates", str(acked))))
