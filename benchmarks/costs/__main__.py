"""`python -m benchmarks.costs [--only ENGINE] [--keep]`: reads as ratios, their growth, and a worker's memory."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from benchmarks import results
from benchmarks.costs.limits import FEW, GROWTH, LIMITS, MANY, MEMORY, QUERIES
from benchmarks.load import stage
from plaza.tests.serving import ROOT, web_server
from tests.service.templates import database

ENGINES = ("sqlite", "postgresql", "mysql", "mariadb")
ROWS = 100_000
PARTS = ("reads", "growth", "memory")
TURNS = 5


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.costs", description=__doc__)
    parser.add_argument("--only", choices=ENGINES, action="append", help="this engine alone; may be repeated")
    parser.add_argument("--part", choices=PARTS, action="append", help="this part alone; may be repeated")
    parser.add_argument("--many", type=int, default=MANY, help="posts that the feed has grown to")
    parser.add_argument("--keep", action="store_true", help="write a result")
    given = parser.parse_args(arguments)
    body: dict[str, Any] = {"rows": ROWS, "posts": [FEW, given.many], "engines": {}}
    for engine in given.only or ENGINES:
        body["engines"][engine] = found = {}
        for part in given.part or PARTS:
            with TemporaryDirectory(prefix="costs-") as name:
                found[part] = {"reads": reads, "growth": growth, "memory": memory}[part](Path(name), engine, given.many)
            print(f"{engine}, {part}: {json.dumps(found[part])}", flush=True)
    wrong = list(too_much(body))
    print("\n".join(wrong) or "all within their limits")
    for what, parts in (("plaza-costs", {"reads", "memory"}), ("plaza-growth", {"growth"})):
        kept = {engine: {part: found[part] for part in parts & set(found)} for engine, found in body["engines"].items()}
        if given.keep and any(kept.values()):
            command = f"python -m benchmarks.costs {' '.join(arguments)}"
            results.write(what, results.FULL, {**body, "engines": kept}, command)
    return int(bool(wrong))


def too_much(body: dict[str, Any]) -> Iterator[str]:
    for engine, found in body["engines"].items():
        for kind, limit in LIMITS.items():
            figures = found.get("reads", {}).get(kind)
            if figures and figures["ratio"] > limit:
                yield f"{engine}: {kind} costs {figures['ratio']:.2f} times the floor, at most {limit:g} expected"
            if figures and figures["queries"] > QUERIES:
                yield f"{engine}: {kind} makes {figures['queries']} queries, at most {QUERIES} expected"
        if found.get("growth", {}).get("grown", 0) > GROWTH:
            yield f"{engine}: the home feed grew {found['growth']['grown']:.2f} times, at most {GROWTH:g} expected"
        if found.get("memory", 0) > MEMORY:
            yield f"{engine}: a worker has {found['memory']} MB, at most {MEMORY} expected"


@contextmanager
def migrated(folder: Path, engine: str) -> Iterator[dict[str, str]]:
    with database(engine) as url:
        known = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
        environment = {
            **known, "DATABASE_URL": f"sqlite:///{folder}/plaza.sqlite3" if engine == "sqlite" else url,
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]), "DJANGO_SETTINGS_MODULE": "plaza.settings",
            "LIMITS": "0", "DEBUG": "0", "SECRET_KEY": "of this measurement alone", "MEDIA_ROOT": f"{folder}/media",
            "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
        }  # fmt: skip
        stage.run(environment, "manage.py", "migrate", "-v0")
        yield environment


def reads(folder: Path, engine: str, many: int) -> dict[str, Any]:
    with migrated(folder, engine) as environment:
        stage.run(environment, "manage.py", "plaza_fill", "--rows", str(ROWS))
        return dict(json.loads(stage.run(environment, "-m", "benchmarks.costs.inside", "reads")))


def growth(folder: Path, engine: str, many: int) -> dict[str, Any]:
    """By how much a feed takes longer: both databases asked by turns, the floor of each turn the measure of both."""
    turns: dict[int, list[dict[str, Any]]] = {FEW: [], many: []}
    with ExitStack() as stack:
        places = {}
        for posts in turns:
            (place := folder / f"{posts}").mkdir()
            places[posts] = stack.enter_context(migrated(place, engine))
            stage.run(places[posts], "-m", "benchmarks.costs.inside", "fill", str(posts))
        for _ in range(TURNS):
            for posts, environment in places.items():
                turns[posts].append(json.loads(stage.run(environment, "-m", "benchmarks.costs.inside", "growth")))
    ratios = {posts: [turn["home feed"]["ratio"] for turn in found] for posts, found in turns.items()}
    grown = statistics.median(lots / few for few, lots in zip(ratios[FEW], ratios[many], strict=True))
    return {**{f"{posts}": _middle(found) for posts, found in turns.items()}, "grown": round(grown, 3)}


def _middle(turns: list[dict[str, Any]]) -> dict[str, Any]:
    """The turn whose feed is the median."""
    return sorted(turns, key=lambda turn: turn["home feed"]["ratio"])[len(turns) // 2]


def memory(folder: Path, engine: str, many: int) -> float:
    """MB of the largest worker (PSS) after requests of every kind, and a picture."""
    with migrated(folder, engine) as environment:
        stage.run(environment, "manage.py", "plaza_fill", "--rows", "30000")
        cast = json.loads(stage.run(environment, "-m", "benchmarks.load.cast"))
        out = BytesIO()
        Image.effect_noise((1600, 1200), 80).convert("RGB").save(out, "JPEG")
        image = out.getvalue()
        with web_server(folder, environment, 2) as service:
            for number in range(300):
                bearer = {"Authorization": f"Bearer {cast['users'][number % 100]['token']}", "Host": "localhost"}
                for path in (
                    "/api/feed/home", f"/api/posts/{cast['posts'][number % 100]}", "/api/me/subscriptions/videos",
                    f"/api/videos/{cast['videos'][number % 50]}", "/api/notifications", "/api/schema",
                    f"/api/restaurants/{cast['restaurants'][0]}/slots?date={cast['day']}&party=2",
                )[: 7 if number < 10 else 5]:  # fmt: skip
                    status, _, said = service.raw("GET", path, **bearer)
                    assert status in (200, 404), (path, said[:300])  # some block who asks
                if number % 30 == 0:
                    answer = service.send("PUT", "/api/me/image", image, **bearer)
                    assert answer.status == 200, answer
            return stage.largest(service)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
