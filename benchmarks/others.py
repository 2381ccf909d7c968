"""Other ways to move the same rows, each with what it needs to come to an end, and every table counted afterwards."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks import source
from benchmarks.targets import Target, name_of
from tests.engines import debian

SQLITE3_TO_MYSQL = "sqlite3-to-mysql==2.6.1"
LONGEST = 3600


class Missing(Exception):
    """The tool cannot be had here; the result says so instead of a figure."""


# -- pgloader ---------------------------------------------------------------------------------------------------------
def pgloader(from_url: str, target: Target, to_url: str, expected: Mapping[str, int]) -> dict[str, Any]:
    """pgloader with its defaults: its own schema, not Django's; nothing is compared."""
    program = _pgloader()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "move.load"
        script.touch(mode=0o600)  # it holds a password, which therefore is in no argument
        script.write_text(f"LOAD DATABASE FROM {from_url} INTO {to_url};\n")
        command = [program, "--root-dir", folder, str(script)]
        seconds, output = _timed_from_start(command, folder)
    if lost := [line for line in output.splitlines() if " ERROR " in line or " FATAL " in line]:
        raise RuntimeError(f"pgloader failed: {lost[0]}")
    schema = name_of(from_url) if from_url.startswith("mysql") else "public"
    source.compare_counts(expected, target.counts(to_url, list(expected), schema))
    return {"what": "pgloader", "seconds": seconds, "counts": "equal"}


def _timed_from_start(command: Sequence[str], folder: str) -> tuple[float, str]:
    """pgloader 3.6.9 now and then dies before it has begun ("Failed to start the monitor thread"): then once more."""
    for _ in range(3):
        try:
            return _timed(command, folder)
        except RuntimeError as error:
            if "monitor thread" not in str(error):
                raise
            failed = error
    raise failed


def _pgloader() -> str:
    if not shutil.which("pgloader") and debian.can_install():
        debian.install("pgloader", "pgloader")
    program = shutil.which("pgloader")
    if program is None:
        raise Missing("pgloader is not installed, and only root on Debian can install it here")
    return program


# -- sqlite3-to-mysql -------------------------------------------------------------------------------------------------
# With its defaults it dies on the first foreign key (an INT refers to a BIGINT); TEXT ends at 64 kB, and the
# default INSERT IGNORE would not say so.
TO_MYSQL = ("--mysql-text-type", "longtext", "--mysql-integer-type", "BIGINT", "--mysql-insert-method", "default")


def sqlite3_to_mysql(path: Path, target: Target, to_url: str, expected: Mapping[str, int]) -> dict[str, Any]:
    """sqlite3-to-mysql into a database of its own making."""
    parts = urlsplit(to_url)
    command = [
        str(_venv("sqlite3-to-mysql", SQLITE3_TO_MYSQL) / "sqlite3mysql"), "--quiet",
        "--sqlite-file", str(path), "--mysql-database", name_of(to_url), "--mysql-host", str(parts.hostname),
        "--mysql-port", str(parts.port), "--mysql-user", str(parts.username),
        "--mysql-password", str(parts.password), *TO_MYSQL,
    ]  # fmt: skip
    seconds, _ = _timed(command)
    source.compare_counts(expected, target.counts(to_url, list(expected)))
    return {"what": "sqlite3-to-mysql", "seconds": seconds, "counts": "equal"}


def _venv(name: str, requirement: str) -> Path:
    """The bin folder of a virtual environment that holds one tool; made once."""
    folder = source.CACHE / name
    if not (folder / ".complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)])
        _run([str(folder / "bin" / "pip"), "install", "-q", requirement])
        (folder / ".complete").touch()
    return folder / "bin"


# -- dumpdata and loaddata --------------------------------------------------------------------------------------------
# What migrate makes by itself is left out; --natural-foreign, often added, would ask for a user by name in every row.
DUMP = ("dumpdata", "-e", "contenttypes", "-e", "auth.permission", "-e", "outgrow")


def dump_and_load(from_url: str, target: Target, to_url: str, expected: Mapping[str, int]) -> dict[str, Any]:
    """Django's own two commands with the fewest options that let them finish; migrate is not counted."""
    source.manage(to_url, "migrate", "--verbosity=0")
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "plaza.json")
        start = time.perf_counter()
        source.manage(from_url, *DUMP, "-o", file)
        dumped = time.perf_counter()
        size = os.path.getsize(file)
        source.manage(to_url, "loaddata", file)
        done = time.perf_counter()
    phases = {"dumpdata": dumped - start, "loaddata": done - dumped}
    source.compare_counts(expected, target.counts(to_url, list(expected)))
    return {"what": "dumpdata + loaddata", "seconds": done - start, "phases": phases, "bytes of JSON": size}


# -- running them -----------------------------------------------------------------------------------------------------
def _timed(command: Sequence[str], folder: str | None = None) -> tuple[float, str]:
    start = time.perf_counter()
    output = _run(command, folder)
    return time.perf_counter() - start, output


def _run(command: Sequence[str], folder: str | None = None) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LONGEST, errors="replace")
    output = done.stdout + done.stderr
    if done.returncode:
        name = Path(command[0]).name
        raise RuntimeError(f"{name} ended with exit code {done.returncode}: {output.strip()[-1500:]}")
    return output


def versions() -> dict[str, str]:
    """What the tools that are here say of themselves."""
    found = {}
    if program := shutil.which("pgloader"):
        package = subprocess.run(["dpkg-query", "-W", "-f=${Version}", "pgloader"], capture_output=True, text=True)
        found["pgloader"] = package.stdout or _run([program, "--version"]).split('"')[1]
    tool = source.CACHE / "sqlite3-to-mysql" / "bin" / "pip"
    if tool.exists():
        listed = json.loads(_run([str(tool), "list", "--format=json", "--disable-pip-version-check"]))
        wanted = ("sqlite3-to-mysql", "mysql-connector-python")
        found.update({entry["name"]: entry["version"] for entry in listed if entry["name"] in wanted})
    return found
