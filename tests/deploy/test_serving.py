"""How gunicorn answers with the configuration that `outgrow deploy init` writes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.deploy.conftest import ROOT
from tests.deploy.rolling import ports

APPLICATION = """
BODY = b"x" * 2000

def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/nothing":
        start_response("204 No Content", [])
        return []
    if path == "/broken":
        start_response("200 OK", [])
        return ["a text, where WSGI wants bytes"]
    if path == "/pieces":
        start_response("200 OK", [("Content-Length", "4000")])
        return [BODY, BODY]
    start_response("200 OK", [("Content-Length", "2000")])
    return [BODY]
"""
ASKED = 200


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """The port of a gunicorn that serves the application above, by the written configuration."""
    (folder / "answering.py").write_text(APPLICATION)
    (port,) = ports(1)
    command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy/gunicorn.conf.py"), "answering"]
    environment = {**os.environ, "BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "1"}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            until = time.monotonic() + 30
            while time.monotonic() < until:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.05)
            yield port
        finally:
            server.terminate()
            server.wait(30)


def asked(connection: socket.socket, path: str) -> bytes:
    """What comes with the first read: what one send of the server's put there, and what followed in that moment."""
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return connection.recv(65_536)


def test_head_and_body_leave_in_one_piece_so_that_a_killed_server_sends_no_half_of_an_answer(tmp_path: Path) -> None:
    whole = 0
    with served(tmp_path) as port, socket.create_connection(("127.0.0.1", port), 30) as connection:
        for _ in range(ASKED):
            first = asked(connection, "/")
            head, _, body = first.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK")
            whole += len(body) == 2000
            while len(body) < 2000:
                body += connection.recv(65_536)
    assert whole == ASKED


def test_an_answer_without_a_body_and_one_of_several_pieces_come_whole(tmp_path: Path) -> None:
    with served(tmp_path) as port, socket.create_connection(("127.0.0.1", port), 30) as connection:
        assert asked(connection, "/nothing").startswith(b"HTTP/1.1 204 No Content\r\n")
        _, _, body = asked(connection, "/pieces").partition(b"\r\n\r\n")
        while len(body) < 4000:
            body += connection.recv(65_536)
        assert body == b"x" * 4000
        assert asked(connection, "/").startswith(b"HTTP/1.1 200 OK\r\n")  # nothing is left over


def test_an_answer_that_cannot_be_sent_is_an_error_and_not_silence(tmp_path: Path) -> None:
    with served(tmp_path) as port, socket.create_connection(("127.0.0.1", port), 30) as connection:
        assert asked(connection, "/broken").startswith(b"HTTP/1.1 500 ")
