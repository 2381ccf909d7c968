"""The service as it runs: gunicorn with four processes on databases of its own, asked by many clients at once."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plaza.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]
PROCESSES, THREADS = 4, 4


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any


@dataclass(frozen=True)
class Service:
    """Where it listens."""

    port: int

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            sent = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4()), **headers}
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            answer = connection.getresponse()
            text = answer.read()
            return Answer(answer.status, json.loads(text) if text else None)
        finally:
            connection.close()

    def together(self, amount: int, act: Callable[[int], Answer]) -> list[Answer]:
        """As many clients at the same time."""
        with ThreadPoolExecutor(amount) as pool:
            return list(pool.map(act, range(amount)))


@contextmanager
def served(folder: Path, *, migrate: bool = True, **settings: str) -> Iterator[Service]:
    """The service on the databases of this layout, migrated; a file of its own where that is SQLite."""
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    environment = {**os.environ, "LIMITS": "0", "PYTHONPATH": path, **settings}
    if environment.get("DATABASE_URL", "").startswith("sqlite"):
        environment["DATABASE_URL"] = f"sqlite:///{folder}/plaza.sqlite3"
    if migrate:
        command = [sys.executable, "manage.py", "outgrow", "migrate"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    port = free_port()
    command = ["-m", "gunicorn", "plaza.wsgi", "-b", f"127.0.0.1:{port}", "-w", str(PROCESSES), "--threads",
               str(THREADS), "--no-control-socket"]  # fmt: skip
    with (folder / "gunicorn.log").open("wb") as log:
        server = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            service = Service(port)
            _wait(service, server, folder)
            yield service
        finally:
            server.terminate()
            server.wait(30)


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """The URL of a Redis of one's own, which keeps nothing."""
    port = free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    with (folder / "redis.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            for _ in range(100):
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(30)


def _wait(service: Service, server: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            if service.send("GET", "/readyz").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"gunicorn did not become ready: {(folder / 'gunicorn.log').read_text()[-2000:]}")
