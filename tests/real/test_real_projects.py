"""Real projects go round all four engines by the console command, with their settings as they are, and lose nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests import PROVE
from tests.conftest import MakeDatabase

from .contents import count, schema, unequal
from .projects import PROJECTS, RealProject

ROUND = ("sqlite", "postgresql", "mysql", "mariadb", "sqlite")
SHORT = ("sqlite", "postgresql", "mysql", "sqlite")
REBUILT = ("wagtailsearch_indexentry", "modelsearch_indexentry")

MINUTES = {"wagtail": 10.0}

pytestmark = pytest.mark.slow(1)


def test_a_real_project_is_equal_after_a_short_way_round(tmp_path: Path, make_database: MakeDatabase) -> None:
    project = PROJECTS["ara"](tmp_path)
    files = go_round(project, SHORT, make_database)
    assert_nothing_was_lost(project, *files)


@pytest.mark.prove
@pytest.mark.skipif(not PROVE, reason="minutes long: make prove")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow(MINUTES.get(n, 2))) for n in PROJECTS])
def test_every_real_project_is_equal_after_all_four_engines(
    name: str, tmp_path: Path, make_database: MakeDatabase
) -> None:
    project = PROJECTS[name](tmp_path)
    files = go_round(project, ROUND, make_database)
    assert_nothing_was_lost(project, *files)


def go_round(project: RealProject, engines: Sequence[str], make_database: MakeDatabase) -> tuple[str, str]:
    """Build the project on the first engine and move it from each to the next; the first and the last URL."""
    first = make_database(engines[0])
    project.build(first)
    here = first
    for engine, following in pairwise(engines):
        there = make_database(following)
        start = time.monotonic()
        hop(project, here, there)
        print(f"{engine} → {following}: {time.monotonic() - start:.0f} s")
        here = there
    return first, here


def hop(project: RealProject, here: str, there: str) -> None:
    """One move, verified; where the engine cannot run a migration, it is named and today's models serve."""
    moved = outgrow(project, here, there, "move")
    if moved["code"] != 0:
        assert "the migration " in moved["error"], moved["error"]
        assert "--schema current" in moved["error"]
        print(moved["error"])
        moved = outgrow(project, here, there, "move", "--restart", "--schema", "current")
    assert moved["code"] == 0, moved["error"]
    report = moved["result"]["report"]
    assert report["state"] == "verified"
    assert {table["proof"] for table in report["tables"]} == {"verified"}


def outgrow(project: RealProject, here: str, there: str, command: str, *arguments: str) -> dict[str, Any]:
    """The console command in the project's environment; the target comes by the environment, as documented."""
    done = project.run(here, "outgrow", command, "--to", "env:TARGET", "--json", *arguments, TARGET=there)
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    result = next((event for event in reversed(events) if event.get("kind") == "result"), {})
    return {"code": done.returncode, "result": result, "error": done.stderr[-4000:]}


def assert_nothing_was_lost(project: RealProject, first: str, last: str) -> None:
    """By the driver alone, and by Outgrow's digests of the first file and the last."""
    files = tuple(Path(url.removeprefix("sqlite:///")) for url in (first, last))
    assert count(files[0], without=REBUILT) > 300
    assert unequal(*files, without=REBUILT) == {}
    assert schema(files[0], without=REBUILT) == schema(files[1], without=REBUILT)
    verified = outgrow(project, first, last, "verify")
    assert verified["code"] == 0, verified["error"]
    assert verified["result"]["equal"] is True
