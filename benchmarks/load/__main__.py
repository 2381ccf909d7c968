"""`python -m benchmarks.load --layout L1 --web 2 --rate 10 20 40 --seconds 60 [--keep]`.

Each rate in turn, on the same stage; then the gates. One that does not hold, or an error that is not the service's to
give, and the run has failed. --keep writes benchmarks/results/DATE-load-….json, of which docs/benchmarks.md is made.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import results
from benchmarks.load.profiles import PROFILES
from benchmarks.load.stage import SHAPE, Stage, gates, stage
from plaza.tests.serving import ROOT
from tests.service.__main__ import LAYOUTS

WARM = 5.0
"""Seconds in which requests are made and not counted."""
HOLDS = {"P99, ms": 500, "errors": 0.001}
LEAVERS = 3


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--layout", choices=LAYOUTS, default="L1")
    parser.add_argument("--web", type=int, default=2, help="web servers behind nginx")
    parser.add_argument("--profile", choices=PROFILES, default="all")
    parser.add_argument("--rate", type=float, nargs="+", default=[20], help="requests a second, one rate after another")
    parser.add_argument("--seconds", type=float, default=60, help="of each rate")
    parser.add_argument("--rows", type=int, default=100_000, help="of made data")
    parser.add_argument("--keep", action="store_true", help="write a result")
    given = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="load-") as name:
        body = measure(Path(name), given)
    for step in body["steps"]:
        said = ", ".join(f"{what} {step['all'][what]:g}" for what in ("P50, ms", "P95, ms", "P99, ms"))
        print(f"{given.layout} WEB={given.web} {step['rate']:g}/s: {said}, errors {step['all']['errors']:.2%}")
        for error, many in step["first errors"].items():
            print(f"  {many} × {error}")
    wrong = {gate: found for gate, found in body["gates"].items() if found}
    print("gates: " + ("; ".join(f"{gate}: {found}" for gate, found in wrong.items()) or "all hold"))
    if given.keep:
        what = f"load-{given.layout}-web{given.web}" + ("" if given.profile == "all" else f"-{given.profile}")
        results.write(what, results.FULL, body, f"python -m benchmarks.load {' '.join(arguments)}")
    return int(bool(wrong) or any(step["all"]["errors"] > HOLDS["errors"] for step in body["steps"]))


def measure(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    with stage(folder, given.layout, given.web, given.rows) as found:
        acked: list[Any] = []
        steps = []
        for number, rate in enumerate(given.rate):
            said = load(found, given.profile, rate, given.seconds, seed=number)
            acked += said["acked"]
            steps.append({"rate": rate, **summary(said["samples"], given.seconds)})
        memory = found.memory()
        leave(found)
        time.sleep(3)  # what waits in a process is written
        found.drained()
        (folder / "acked.json").write_text(json.dumps({"acked": acked}))
        held = [step["rate"] for step in steps if is_held(step["all"])]
        return {
            "rows": given.rows, "layout": given.layout, "web": given.web, "profile": given.profile,
            "seconds": given.seconds, "single host": True, **SHAPE, "steps": steps, "held": max(held, default=None),
            "memory, MB": memory, "gates": gates(found, folder / "acked.json"),
        }  # fmt: skip


def is_held(step: dict[str, Any]) -> bool:
    return all(step[what] <= limit for what, limit in HOLDS.items())


def load(found: Stage, profile: str, rate: float, seconds: float, *, seed: int) -> dict[str, Any]:
    """Locust, in a process of its own."""
    out = found.folder / f"samples-{seed}.json"
    plan = {
        "port": found.front.port, "profile": profile, "rate": rate, "seconds": seconds, "warm": WARM, "seed": seed,
        "cast": str(found.folder / "cast.json"), "out": str(out),
    }  # fmt: skip
    command = ["-m", "locust", "-f", "benchmarks/load/locustfile.py", "--headless", "-u", "1", "-r", "1",
               "--only-summary", "--loglevel", "WARNING", "--exit-code-on-error", "0"]  # fmt: skip
    environment = {**os.environ, "LOAD_PLAN": json.dumps(plan), "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode or not out.exists():
        raise RuntimeError(f"locust failed: {(done.stderr or done.stdout)[-3000:]}")
    return dict(json.loads(out.read_text()))


def summary(samples: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
    counted = [one for one in samples if not one["warming"]]
    names = sorted({one["name"] for one in counted})
    errors = Counter(f"{one['name']}: {one['error']}" for one in samples if one["error"])
    return {
        "all": _of(counted, seconds),
        "by request": {name: _of([one for one in counted if one["name"] == name], seconds) for name in names},
        "first errors": dict(errors.most_common(10)),
    }


def _of(samples: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
    times = sorted(one["ms"] for one in samples)
    cuts = statistics.quantiles(times, n=100, method="inclusive") if len(times) > 1 else [*times * 99]
    return {
        "requests": len(samples), "a second": round(len(samples) / seconds, 2),
        "P50, ms": round(cuts[49], 1), "P95, ms": round(cuts[94], 1), "P99, ms": round(cuts[98], 1),
        "errors": sum(bool(one["error"]) for one in samples) / len(samples),
        "statuses": {str(status): many for status, many in sorted(Counter(one["status"] for one in samples).items())},
    }  # fmt: skip


def leave(found: Stage) -> None:
    """Some of the users delete their accounts: the gates look for what is left of them."""
    cast = json.loads((found.folder / "cast.json").read_text())
    for user in cast["users"][:LEAVERS]:
        answer = found.front.send("DELETE", "/api/me", Authorization=f"Bearer {user['token']}", Host="localhost")
        assert answer.status == 204, answer


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
