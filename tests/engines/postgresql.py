"""PostgreSQL: how a private server is made, and how to talk to one."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from tests.engines.origins import Program
    from tests.engines.server import Server
    from tests.engines.warden import Warden

SCHEME = "postgresql"
VERSION = "SELECT current_setting('server_version')"
HOME = "postgres"
ADMINISTRATOR = "postgres"
ACCOUNTS = ("postgres", "nobody")  # the server refuses to run as root
STOP_SIGNAL = signal.SIGINT  # "fast": clients are cut off, data are written
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def preparation(program: Program, folder: str) -> list[str]:
    """The initdb command; `folder` is how the server sees it, and holds the file `secret`."""
    return [
        program.tool("initdb"),
        f"--pgdata={folder}/data",
        f"--username={ADMINISTRATOR}",
        f"--pwfile={folder}/secret",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
        "--no-instructions",
    ]


def standby(program: Program, folder: str, primary: Server) -> list[str]:
    """The command that makes the data directory of a streaming replica; PGPASSWORD holds the primary's password."""
    return [
        program.tool("pg_basebackup"),
        f"--pgdata={folder}/data",
        f"--host={primary.host}",
        f"--port={primary.port}",
        f"--username={primary.user}",
        "--write-recovery-conf",
        "--checkpoint=fast",
        "--no-sync",
    ]


def secret_file(program: Program, password: str) -> str:
    """What the file `secret` must hold for the preparation."""
    return password + "\n"


def command(program: Program, folder: str, port: int, settings: Mapping[str, str]) -> list[str]:
    """The command that starts the server in the foreground."""
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",  # their paths must not exceed 107 bytes; TCP has no limit
        **settings,
    }
    options = [f"--{name}={value}" for name, value in settings.items()]
    return [program.server, "-D", f"{folder}/data", *options]


def connect(server: Server, database: str = "") -> psycopg.Connection[Any]:
    """Connect as administrator, in autocommit mode."""
    return psycopg.connect(
        host=server.host,
        port=server.port,
        user=server.user,
        password=server.password,
        dbname=database or server.home or HOME,
        connect_timeout=10,
        autocommit=True,
    )


def wait_until_ready(server: Server, warden: Warden, seconds: float = 60) -> None:
    """Return when the server answers a login; fail with its last words when it does not."""
    end = time.monotonic() + seconds
    while True:
        try:
            connect(server).close()
            return
        except psycopg.OperationalError as error:
            if warden.wait(0.05) is not None or time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL did not start: {warden.last_words()}") from error


def create_statement(name: str, *, encoding: str = "UTF8", locale: str | None = None) -> str:
    """CREATE DATABASE with the encoding and locale asked for."""
    place = f" LOCALE '{locale}'" if locale else ""
    return f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING '{encoding}'{place}"


def drop_statement(name: str) -> str:
    """DROP DATABASE that ends whoever is still connected."""
    return f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'


def library_of(server: Path) -> Path:
    """The installation to copy when the server's user cannot reach the binaries."""
    return server.parent.parent
