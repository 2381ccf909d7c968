"""A result: what was measured, on which machine, with which versions; one JSON file each, never edited by hand."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks import others
from benchmarks.source import CACHE, ROOT

KEPT = ROOT / "benchmarks" / "results"
TRIALS = CACHE / "results"  # with fewer rows than the table is about: to see that it works
FULL = 1_000_000
_PACKAGES = ("Django", "psycopg", "psycopg-binary", "mysqlclient", "dj-database-url", "rich", "xxhash")


def write(what: str, rows: int, body: Mapping[str, Any], command: str) -> Path:
    """Keep a result; a full one where it is committed, a trial in the cache."""
    folder = KEPT if rows >= FULL else TRIALS
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{time.strftime('%Y-%m-%d')}-{what}.json"
    head = {
        "what": what,
        "rows": rows,
        "at": time.strftime("%Y-%m-%d %H:%M:%S%z"),
        "command": command,
        "machine": machine(),
        "versions": versions(),
    }
    path.write_text(json.dumps({**head, **body}, indent=1, ensure_ascii=False) + "\n")
    return path


def newest(folder: Path) -> dict[str, dict[str, Any]]:
    """The newest result of each kind."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        result = json.loads(path.read_text())
        if result["what"] not in found or found[result["what"]]["at"] <= result["at"]:
            found[result["what"]] = {**result, "file": path.name}
    return found


def machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _processor(),
        "cores used": len(os.sched_getaffinity(0)),
        "memory, GB": round(memory / 1e9, 1),
        "system": f"{platform.system()}, {_system()}",
        "load at the end": [round(load, 2) for load in os.getloadavg()],
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return "of an unknown name"


def versions() -> dict[str, str]:
    found = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True
    ).stdout.strip()
    return {"Outgrow": commit or version("django-outgrow"), **found, **others.versions()}


def median(runs: Iterable[Mapping[str, Any]], key: str = "seconds") -> float:
    return statistics.median(float(run[key]) for run in runs)


def middle(runs: Sequence[Mapping[str, Any]], key: str = "seconds") -> Mapping[str, Any]:
    """The run whose figure is the median (the lower one of two)."""
    return sorted(runs, key=lambda run: float(run[key]))[(len(runs) - 1) // 2]
