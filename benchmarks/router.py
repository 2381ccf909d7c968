"""`python -m benchmarks.router [--keep]`: what one `router.db_for_read` costs, with and without Outgrow's router.

All variants take turns in one process, and the figure is the median of the differences to Django's own answer without
any router. "replicas" is the answer within `outgrow.reading()` with a healthy replica, its connection open; "after a
write" the same once the replica has replayed the reader's own write, on a real PostgreSQL pair.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dj_database_url
import django
from django.conf import settings

from benchmarks import results
from tests.engines.replica import pair

CALLS, ROUNDS = 1_000, 301
LIMITS = {"owners": 2.0, "not reading": 2.0, "replicas": 6.0, "replicas, after a write": 6.0}  # microseconds


def measure(ask: Callable[[], Any]) -> float:
    """Microseconds of one call, loop included, by this thread's CPU time: other processes may use the cores."""
    turns = range(CALLS)
    begin = time.thread_time_ns()
    for _ in turns:
        ask()
    return (time.thread_time_ns() - begin) / CALLS / 1000


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="write benchmarks/results/DATE-router.json")
    given = parser.parse_args(arguments)
    with TemporaryDirectory() as folder, pair("postgresql") as servers:
        figures = run(Path(folder), *servers.urls)
    for name, figure in figures.items():
        print(f"{name:<24} {figure['median']:6.2f} µs (limit {LIMITS[name]:.0f})")
    if given.keep:
        results.write(
            "router",
            results.FULL,
            {"rows": None, "calls": CALLS, "rounds": ROUNDS, "microseconds": figures},
            "python -m benchmarks.router --keep",
        )
    else:
        print(json.dumps(figures))
    return int(any(figure["median"] > LIMITS[name] for name, figure in figures.items()))


def run(folder: Path, primary: str, replica: str) -> dict[str, dict[str, float]]:
    """Variant → median and quartiles of the difference, in microseconds."""
    settings.configure(
        SECRET_KEY="benchmark",
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
        DATABASES={
            "default": dj_database_url.parse(primary),
            "replica": dj_database_url.parse(replica),
            "other": dj_database_url.parse(f"sqlite:///{folder}/other.sqlite3"),
        },
        OUTGROW={"OWNERS": {"other": ["contenttypes"], "default": "*"}, "REPLICAS": {"default": ["replica"]}},
    )
    django.setup()
    from django.contrib.auth.models import Group
    from django.contrib.contenttypes.models import ContentType
    from django.db import connection, router
    from django.db.utils import ConnectionRouter

    import outgrow

    bare, ours = ConnectionRouter([]), ConnectionRouter(["outgrow.routing.Router"])
    router.routers = ours.routers

    def settled(block: Any) -> None:
        """Read until the replica answers."""
        end = time.monotonic() + 30
        while ours.db_for_read(Group) != "replica":
            assert time.monotonic() < end, "the replica does not serve"
            time.sleep(0.05)

    taken: dict[str, list[float]] = {name: [] for name in LIMITS}
    reading, wrote = outgrow.reading(), outgrow.reading()
    with wrote:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE written (id int)")
        settled(wrote)
        token = outgrow.position()
    with reading:
        settled(reading)
    for _ in range(ROUNDS):
        base = measure(lambda: bare.db_for_read(Group))
        taken["owners"].append(measure(lambda: ours.db_for_read(ContentType)) - base)
        taken["not reading"].append(measure(lambda: ours.db_for_read(Group)) - base)
        with reading:
            taken["replicas"].append(measure(lambda: ours.db_for_read(Group)) - base)
        with outgrow.after(token):
            settled(None)
            taken["replicas, after a write"].append(measure(lambda: ours.db_for_read(Group)) - base)
    return {name: _figures(each) for name, each in taken.items()}


def _figures(differences: list[float]) -> dict[str, float]:
    low, middle, high = statistics.quantiles(differences, n=4)
    return {"median": round(middle, 3), "quartiles": [round(low, 3), round(high, 3)]}  # type: ignore[dict-item]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
