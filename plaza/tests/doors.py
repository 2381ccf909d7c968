"""A door before a database, which a test may shut: whoever is in is thrown out, and nobody else comes in.

python -m plaza.tests.doors PORT SERVER_HOST SERVER_PORT
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

from plaza.postgres import free_port


class Door:
    """A relay in a process of its own: where that ends, the kernel closes its connections as a dead server's."""

    def __init__(self, host: str, port: int) -> None:
        self.port, self._server = free_port(), (host, str(port))
        self.open()

    def open(self) -> None:
        self._relay = subprocess.Popen([sys.executable, "-m", "plaza.tests.doors", str(self.port), *self._server])
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise RuntimeError("the door did not open")

    def shut(self) -> None:
        self._relay.kill()
        self._relay.wait(30)


@contextmanager
def door(url: str) -> Iterator[tuple[str, Door]]:
    """The URL by which a database is reached through a door, and the door."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    found = Door(parts.hostname, parts.port)
    try:
        credentials = parts.netloc.rpartition("@")[0]
        yield urlunsplit(parts._replace(netloc=f"{credentials}@127.0.0.1:{found.port}")), found
    finally:
        found.shut()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while said := await source.read(65536):
            target.write(said)
            await target.drain()
    target.close()


async def _relay(port: int, host: str, server: int) -> None:
    async def let_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, questions = await asyncio.open_connection(host, server)
        await asyncio.gather(_copy(reader, questions), _copy(answers, writer))

    async with await asyncio.start_server(let_in, "127.0.0.1", port) as listening:
        await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(_relay(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
