"""The process that keeps one server per engine for a whole process tree.

The first process to ask starts it; its children (pytest's workers, a command under test) find it by
the environment variable OUTGROW_KEEPER. Servers start when first asked for, and end with their keeper,
which ends with the process that started it, however that ends.
"""

from __future__ import annotations

import atexit
import os
import secrets
import subprocess
import sys
import threading
from dataclasses import fields
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

from tests.engines.errors import EngineUnavailable
from tests.engines.server import PrivateServer, Server

_VARIABLE = "OUTGROW_KEEPER"
_LOOPBACK = "127.0.0.1"
_ROOT = Path(__file__).parents[2]
_own: subprocess.Popen[str] | None = None
_handed: dict[tuple[str, str], Server] = {}
"""By keeper and engine: an answer costs two round trips of 40 ms, and never changes."""


def provide(engine: str) -> Server:
    """The shared server of this engine, started now if nobody asked before."""
    known = _handed.get((os.environ.get(_VARIABLE, ""), engine))
    if known is not None:
        return known
    ensure()
    return _handed.setdefault((os.environ[_VARIABLE], engine), _server(_ask(engine), engine))


def used() -> dict[str, Server]:
    """The shared servers handed out so far."""
    if not _alive():
        return {}
    return {engine: _server(answer, engine) for engine, answer in _ask("used").items()}


def ensure() -> None:
    """Start a keeper unless this process tree has one."""
    global _own
    if _alive():
        return
    key = secrets.token_hex(16)
    _own = subprocess.Popen(
        [sys.executable, "-m", "tests.engines.keeper"],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert _own.stdin is not None
    assert _own.stdout is not None
    _own.stdin.write(key + "\n")
    _own.stdin.flush()
    port = _own.stdout.readline().strip()
    if not port:
        raise RuntimeError("the process that keeps the test servers did not start")
    os.environ[_VARIABLE] = f"{port}:{key}"
    atexit.register(close, os.getpid())


def close(owner: int | None = None) -> None:
    """End the servers, if this process started their keeper, and wait until they are gone."""
    global _own
    if _own is None or (owner is not None and owner != os.getpid()):
        return
    os.environ.pop(_VARIABLE, None)
    for pipe in (_own.stdin, _own.stdout):
        assert pipe is not None
        pipe.close()
    _own.wait(timeout=120)
    _own = None


def _alive() -> bool:
    if _VARIABLE not in os.environ:
        return False
    try:
        return bool(_ask("hello"))
    except (OSError, EOFError):
        return False


def _ask(request: str) -> Any:
    port, key = os.environ[_VARIABLE].split(":")
    with Client((_LOOPBACK, int(port)), authkey=bytes.fromhex(key)) as connection:
        connection.send(request)
        return connection.recv()


def _server(answer: Any, engine: str) -> Server:
    if isinstance(answer, EngineUnavailable):
        raise answer
    if isinstance(answer, str):
        raise RuntimeError(answer)
    facts = dict(answer)
    version = facts.pop("version")
    server = Server(**facts)
    server.__dict__["version"] = version
    return server


class _Keeper:
    """The keeper's own process."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.servers: list[PrivateServer] = []
        self.locks = {engine: threading.Lock() for engine in ("postgresql", "mysql", "mariadb")}

    def answer(self, request: str) -> Any:
        if request == "hello":
            return True
        if request == "used":
            return {engine: facts for engine, facts in self.answers.items() if type(facts) is dict}
        if request not in self.locks:
            return f"no such server: {request}; there are {', '.join(self.locks)}"
        with self.locks[request]:
            if request not in self.answers:
                self.answers[request] = self.start(request)
            return self.answers[request]

    def start(self, engine: str) -> Any:
        from tests.engines.private import start

        try:
            url = os.environ.get(f"OUTGROW_TEST_{engine.upper()}_URL")
            if url:
                server = Server.at(engine, url)
            else:
                server = start(engine, {}, durable=False)
                self.servers.append(server)
            facts = {each.name: getattr(server, each.name) for each in fields(Server)}
            return {**facts, "version": server.version}
        except EngineUnavailable as error:
            return error
        except Exception as error:
            return f"{engine} could not be started: {error}"

    def serve(self, listener: Listener) -> None:
        while True:
            try:
                connection = listener.accept()
            except Exception:  # a wrong key, or a caller that left: the next one may be right
                continue
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: Connection) -> None:
        with connection:
            try:
                connection.send(self.answer(connection.recv()))
            except (OSError, EOFError):
                return

    def finish(self) -> None:
        for server in self.servers:
            server.destroy()


def _main() -> None:
    key = bytes.fromhex(sys.stdin.readline().strip())
    keeper = _Keeper()
    with Listener((_LOOPBACK, 0), authkey=key, backlog=64) as listener:
        print(listener.address[1], flush=True)
        threading.Thread(target=keeper.serve, args=(listener,), daemon=True).start()
        sys.stdin.read()  # ends when the owner ends
        keeper.finish()
        os._exit(0)  # a server that was starting meanwhile ends with its warden


if __name__ == "__main__":
    _main()
