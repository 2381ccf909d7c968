"""A real PgBouncer in transaction mode before a PostgreSQL server, for as long as a block lasts."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.engines import debian

PACKAGES = ("pgbouncer", "libevent-2.1-7", "libc-ares2")


@contextmanager
def pgbouncer(url: str, folder: Path) -> Iterator[str]:
    """The URL of the same database through the pooler; skips where there is none and none can be had."""
    program, libraries = _program()
    parts = urlsplit(url)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "users.txt").write_text(f'"{parts.username}" "{parts.password}"\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host={parts.hostname} port={parts.port}\n[pgbouncer]\npool_mode = transaction\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = plain\n"
        f"auth_file = {folder}/users.txt\nignore_startup_parameters = extra_float_digits,options\n"
        + ("user = nobody\n" if os.geteuid() == 0 else "")
    )
    for path in (folder, *folder.parents):
        if path.owner() == "root" and os.geteuid() == 0 and str(path).startswith("/tmp/"):
            path.chmod(path.stat().st_mode | 0o055)
    for name in ("users.txt", "pgbouncer.ini"):
        (folder / name).chmod(0o644)
    environment = {**os.environ, "LD_LIBRARY_PATH": libraries}
    log = folder / "pgbouncer.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [program, "-q", str(folder / "pgbouncer.ini")], env=environment, stdout=output, stderr=output
        )
    try:
        _wait_for(port, process, log)
        yield url.replace(f"@{parts.hostname}:{parts.port}/", f"@127.0.0.1:{port}/")
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"pgbouncer did not start: {log.read_text()}")


def _program() -> tuple[str, str]:
    """Its path, and where its libraries are: from PATH, or of Debian's packages, unpacked in the cache."""
    if found := shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
        return found, ""
    if not debian.can_install():
        pytest.skip("there is no pgbouncer here; install it")
    root = debian.cache() / "pgbouncer"
    with debian.locked("pgbouncer"):
        if not (root / ".complete").exists():
            root.mkdir(parents=True, exist_ok=True)
            done = subprocess.run(["apt-get", "-q", "download", *PACKAGES], cwd=root, capture_output=True, check=False)
            if done.returncode:
                pytest.skip("there is no pgbouncer here, and apt-get cannot download one")
            for package in root.glob("*.deb"):
                subprocess.run(["dpkg", "-x", str(package), str(root)], check=True)
            (root / ".complete").touch()
    return str(root / "usr/sbin/pgbouncer"), ":".join(map(str, root.glob("usr/lib/*-linux-gnu")))
