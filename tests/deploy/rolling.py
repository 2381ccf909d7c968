"""Versions of plaza as plain processes behind nginx, deployed by the script that a host runs; and a load."""

from __future__ import annotations

import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.conftest import ROOT

REPLICAS = 2
GETS, POSTS = "/readyz", "/api/auth/token"


@dataclass
class Host:
    """A machine of its own: a folder for the state, ports, and one database."""

    folder: Path
    port: int
    environment: dict[str, str]

    def deploy(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "deploy/deploy.py"), "--driver", "processes", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=180)

    def version(self, name: str, workers: dict[str, list[str]] | None = None) -> Path:
        """A checked-out version with these workers: what is the same is linked."""
        folder = self.folder / name
        folder.mkdir()
        for part in ("manage.py", "plaza"):
            (folder / part).symlink_to(ROOT / part)
        copy_deploy(folder, workers)
        return folder

    def replicas(self) -> list[int]:
        """The processes that serve, by the drivers' own notes."""
        return sorted(int(file.read_text()) for file in (self.folder / "state").glob("*-?.pid"))

    def worker(self, name: str) -> int:
        """Its process; 0 where none is noted."""
        file = self.folder / f"state/worker-{name}.pid"
        return int(file.read_text().split()[0]) if file.exists() else 0

    @property
    def mails(self) -> Path:
        """Where those that were sent are."""
        return self.folder / "mails"


def copy_deploy(folder: Path, workers: dict[str, list[str]] | None = None) -> None:
    """The files of a deployment; by default without workers, four of which cost as much as the servers."""
    left = shutil.ignore_patterns("state", "secrets", "__pycache__", "workers.json")
    shutil.copytree(ROOT / "deploy", folder / "deploy", ignore=left)
    if workers:
        (folder / "deploy/workers.json").write_text(json.dumps(workers))


@contextmanager
def host(folder: Path, url: str) -> Iterator[Host]:
    first = ports(1 + 2 * REPLICAS)
    kept = {k: v for k, v in os.environ.items() if not k.endswith(("DATABASE_URL", "REPLICA_URL"))}
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT), kept.get("PYTHONPATH", "")])
    environment = {
        **kept, "PYTHONPATH": path, "DATABASE_URL": url, "DEBUG": "0", "SECRET_KEY": "only-for-this-test" * 4,
        "ALLOWED_HOSTS": "localhost", "LIMITS": "0", "WEB_REPLICAS": str(REPLICAS), "WEB_CONCURRENCY": "1",
        "DEPLOY_STATE": str(folder / "state"), "PORT": str(first[0]), "BLUE_PORT": str(first[1]),
        "GREEN_PORT": str(first[1 + REPLICAS]), "DRAIN_SECONDS": "1", "READY_SECONDS": "60", "MAX_REQUESTS": "0",
        "STAY_SECONDS": "3",
        "EMAIL_URL": f"filemail:///{folder}/mails",
    }  # fmt: skip
    made = Host(folder, first[0], environment)
    try:
        yield made
    finally:
        for file in [
            *(folder / "state").glob("*-?.pid"),
            *(folder / "state").glob("worker-*.pid"),
            folder / "state/tmp/nginx.pid",
        ]:
            with suppress(OSError, ValueError):
                os.kill(int(file.read_text().split()[0]), signal.SIGTERM)


def ports(amount: int) -> list[int]:
    """So many free ports in a row, below those that the system gives to whoever connects."""
    while True:
        first = random.randrange(20_000, 32_000 - amount)
        with suppress(OSError), ExitStack() as stack:
            for number in range(amount):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", first + number))
            return [first + number for number in range(amount)]


@dataclass
class Load:
    """Clients who ask again and again, each time over a new connection; what they got."""

    port: int
    clients: int = 4
    methods: tuple[str, ...] = ("GET", "POST")
    got: Counter[str] = field(default_factory=Counter)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Load:
        self._threads = [threading.Thread(target=self._client, args=(number,)) for number in range(self.clients)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    @property
    def failed(self) -> dict[str, int]:
        """Everything but the answers that were to be expected."""
        return {what: n for what, n in self.got.items() if what not in ("GET 200", "POST 400")}

    def _client(self, number: int) -> None:
        while not self._over.is_set():
            self.got[self._ask(self.methods[number % len(self.methods)])] += 1
            time.sleep(0.02)

    def _ask(self, method: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Host": "localhost", "Content-Type": "application/json"}
        try:
            body = b"{}" if method == "POST" else None  # refused by the application, and cheap
            connection.request(method, POSTS if body else GETS, body, headers)
            answer = connection.getresponse()
            answer.read()
            return f"{method} {answer.status}"
        except (OSError, http.client.HTTPException) as error:
            return f"{method} {type(error).__name__}"
        finally:
            connection.close()


@contextmanager
def slow_upload(port: int, seconds: float) -> Iterator[list[int]]:
    """Who sends a body for so long; the list gets the status that came of it."""
    pieces, got = int(seconds / 0.2), list[int]()

    def body() -> Iterator[bytes]:
        for _ in range(pieces):
            yield b" " * 100
            time.sleep(0.2)

    def send() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Host": "localhost", "Content-Type": "application/json", "Content-Length": str(pieces * 100)}
        connection.request("POST", POSTS, body(), headers)
        got.append(connection.getresponse().status)
        connection.close()

    thread = threading.Thread(target=send)
    thread.start()
    time.sleep(0.5)
    yield got
    thread.join()


def register(port: int, name: str) -> None:
    """Somebody new, who is written a mail."""
    wanted = {"nickname": name, "email": f"{name}@example.org", "password": "a word of nine letters"}
    headers = {"Host": "localhost", "Content-Type": "application/json", "Idempotency-Key": name}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/api/auth/register", json.dumps(wanted), headers)
    assert connection.getresponse().status == 202
    connection.close()


def until(good: Callable[[], bool], seconds: float, otherwise: str) -> None:
    over = time.monotonic() + seconds
    while not good():
        assert time.monotonic() < over, otherwise
        time.sleep(0.1)


def until_asked(load: Load, times: int) -> None:
    """Wait until so many more answers have come."""
    wanted = load.got.total() + times
    while load.got.total() < wanted:
        time.sleep(0.05)


def broken_build(made: Host) -> Path:
    """A version that starts and never becomes ready; whatever it is asked besides /readyz it writes down."""
    return with_application(
        made,
        "broken",
        "from pathlib import Path\n"
        "def application(environ, start_response):\n"
        "    if environ['PATH_INFO'] != '/readyz' or environ.get('HTTP_X_FORWARDED_FOR'):\n"
        "        (Path(__file__).parent / 'asked').write_text(environ['PATH_INFO'])\n"
        "    start_response('503 Service Unavailable', [('Content-Length', '0')])\n"
        "    return [b'']\n",
    )


def with_application(made: Host, name: str, code: str) -> Path:
    """A version whose web servers run this instead of the project."""
    folder = made.folder / name
    folder.mkdir()
    for part in ("manage.py", "plaza"):
        (folder / part).symlink_to(ROOT / part)
    copy_deploy(folder)
    config = folder / "deploy/gunicorn.conf.py"
    config.write_text(
        config.read_text().replace('wsgi_app = "plaza.wsgi:application"', f'wsgi_app = "{name}:application"')
    )
    (folder / f"{name}.py").write_text(code)
    return folder


def with_nginx(version: Path, line: str) -> Path:
    """The version, whose nginx.conf has one line more."""
    file = version / "deploy/nginx.conf"
    file.write_text(file.read_text().replace("http {\n", f"http {{\n    {line}\n", 1))
    return version


def answer(port: int, path: str = GETS) -> int:
    """The status of one GET."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Host": "localhost"})
    status = connection.getresponse().status
    connection.close()
    return status


def broken_migration(made: Host) -> Path:
    """A version whose newest migration fails."""
    return migrating(made, "failing", "raise RuntimeError('this migration fails')")


def migrating(made: Host, name: str, body: str) -> Path:
    """A version with one more migration, which does something by Python."""
    folder = made.folder / name
    folder.mkdir()
    (folder / "manage.py").symlink_to(ROOT / "manage.py")
    copy_deploy(folder)
    shutil.copytree(ROOT / "plaza", folder / "plaza", ignore=shutil.ignore_patterns("tests", "__pycache__"))
    migrations = folder / "plaza/social/migrations"
    last = max(file.stem for file in migrations.glob("[0-9]*.py"))
    (migrations / f"9999_{name}.py").write_text(
        "from django.db import migrations\n"
        f"def do(apps, schema_editor):\n    {body}\n"
        "class Migration(migrations.Migration):\n"
        f"    dependencies = [('social', '{last}')]\n"
        "    operations = [migrations.RunPython(do, hints={'model_name': 'post'})]\n"
    )
    return folder
