"""Outgrow itself: the whole command in a process of its own, timed from outside, its steps as it logs them."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import source

JOBS = 2
COMMAND = ("manage.py", "outgrow", "move", "--from", "default", "--to", "env:TARGET", "--jobs", str(JOBS), "--json")
SPOKEN = f"python {' '.join(COMMAND)}"
MIGRATE = "schema"  # the step that runs the project's own migrate


def move(from_url: str, to_url: str, watch: Callable[[int], None] = lambda pid: None) -> dict[str, Any]:
    """Seconds of the command from a cold shell, of each step, and of the command less the project's own migrate.

    ``watch`` is told the process's id as soon as it runs.
    """
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryFile("w+") as said:
        environment = source.environment(from_url, TARGET=to_url, XDG_CACHE_HOME=home)
        start = time.perf_counter()
        command = [sys.executable, *COMMAND]
        with subprocess.Popen(
            command, cwd=source.ROOT, env=environment, stdout=said, stderr=subprocess.PIPE, text=True
        ) as process:
            watch(process.pid)
            _, errors = process.communicate()
        seconds = time.perf_counter() - start
        said.seek(0)
        lines = [json.loads(line) for line in said]
    if process.returncode:
        last = " ".join(str(line.get("error") or line.get("text") or line) for line in lines[-1:])
        raise RuntimeError(f"`{SPOKEN}` ended with exit code {process.returncode}: {last} {errors.strip()[-1000:]}")
    return {"what": "outgrow", **_figures(lines, seconds)}


def _figures(lines: Sequence[dict[str, Any]], seconds: float) -> dict[str, Any]:
    steps: dict[str, float] = {}
    for line in lines:
        if line.get("kind") == "step_finished":
            steps[line["step"]] = steps.get(line["step"], 0.0) + line.get("seconds", 0.0)
    reports = [line["report"] for line in lines if "report" in line]
    if not reports or reports[-1]["state"] != "verified":
        raise RuntimeError(f"the move was not verified: {lines[-1] if lines else 'it said nothing'}")
    if MIGRATE not in steps:
        raise RuntimeError(f"the step {MIGRATE} was not logged; there were {', '.join(steps)}")
    return {
        "seconds": seconds,
        "less migrate": seconds - steps[MIGRATE],
        "copy and restore": steps["copy"] + steps["restore"],
        "rows": reports[-1]["rows"],
        "steps": steps,
        "start and end of the process": seconds - sum(steps.values()),
    }


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"
