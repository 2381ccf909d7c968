"""The service as it is deployed: gunicorn with four processes on databases of its own, asked by many clients."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.datastructures import CaseInsensitiveMapping

from plaza.postgres import free_port
from plaza.tests import copies

ROOT = Path(__file__).resolve().parents[2]
PROCESSES, THREADS = 4, 4


@dataclass(frozen=True)
class Answer:
    """What came back; JSON is read, and anything else is left as bytes."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Service:
    """Where it listens, and its first process."""

    port: int
    process: subprocess.Popen[bytes] | None = None

    def raw(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body of what comes back, as they are."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, CaseInsensitiveMapping(dict(answer.getheaders())), answer.read()
        finally:
            connection.close()

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """A request with JSON or, where they are given, bytes."""
        is_bytes = isinstance(body, bytes)
        kind = "application/octet-stream" if is_bytes else "application/json"
        sent = {"Content-Type": kind, "Idempotency-Key": str(uuid.uuid4()), **headers}
        said = body if is_bytes or body is None else json.dumps(body).encode()
        status, found, text = self.raw(method, path, said, **sent)
        is_json = "json" in found.get("Content-Type", "")
        return Answer(status, (json.loads(text) if is_json else text) if text else None, found)

    def together(self, amount: int, act: Callable[[int], Answer]) -> list[Answer]:
        """As many clients at the same time."""
        with ThreadPoolExecutor(amount) as pool:
            return list(pool.map(act, range(amount)))

    def kill(self) -> None:
        """End all of its processes as the kernel does where memory is short."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[Service]:
    """The service on the databases of this layout; a file of its own where that is SQLite."""
    with web_server(folder, prepared(folder, **settings)) as service:
        yield service


def prepared(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a web server on the databases of this layout, which hold their tables."""
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    media = {"MEDIA_ROOT": str(folder / "media")}
    no_mails = {"EMAIL_URL": "dummymail://"}  # else a drain prints them, those of other tests too, among what is read
    environment = {**os.environ, "LIMITS": "0", "PYTHONPATH": path, **no_mails, **media, **settings}
    if environment.get("DATABASE_URL", "").startswith("sqlite"):
        environment["DATABASE_URL"] = f"sqlite:///{copies.file(copies.known()['DATABASE_URL'], folder)}"
    return environment


@contextmanager
def web_server(folder: Path, environment: Mapping[str, str], processes: int = PROCESSES) -> Iterator[Service]:
    """A gunicorn on a port of its own; several may share databases, as several machines do."""
    port = free_port()
    command = ["-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}",
               "--workers", str(processes), "--threads", str(THREADS), "--max-requests", "0",
               "--limit-request-line", "0"]  # fmt: skip
    log = folder / f"gunicorn-{port}.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True
        )
        try:
            service = Service(port, server)
            wait_for(service, log)
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


def wait_for(service: Service, log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and (service.process is None or service.process.poll() is None):
        try:
            if service.send("GET", "/readyz").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"it did not become ready: {log.read_text()[-2000:]}")
