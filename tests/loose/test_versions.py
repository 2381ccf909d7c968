"""The oldest and the newest Django: the same stories, and the cascade that Django 6.1 leaves to the database."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.conftest import MakeDatabase
from tests.legacy.project import ROOT, Legacy
from tests.loose.conftest import project
from tests.loose.test_stories import EXPECTED
from tests.moves.test_versions import LIBRARY, PAIRS
from tests.moves.venvs import interpreter, python_with

SOME = ("children_go_with_their_parent", "every_kind_of_key_is_told", "a_child_written_after_its_parent_died_is_found",
        "what_is_protected_stays_and_is_said", "orphans_are_counted_and_repaired")  # fmt: skip


def answer(pair: str, there: Legacy, *words: str) -> Any:
    version, framework = PAIRS[pair]
    python = python_with(interpreter(version), framework, *LIBRARY)
    done = subprocess.run(
        [python, "-m", *words], cwd=ROOT, env=there.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith("ANSWER "))[7:])


@pytest.mark.parametrize("pair", PAIRS)
def test_the_stories_end_alike_on_the_oldest_and_the_newest_django(pair: str, on_files: Legacy) -> None:
    found = answer(pair, on_files, "tests.loose.inside", *SOME)
    assert {story: found[story] for story in SOME} == {story: EXPECTED[story] for story in SOME}


@pytest.mark.parametrize("people", ["sqlite", "postgresql"])
def test_a_cascade_that_django_leaves_to_the_database_leaves_tombstones(
    people: str, make_database: MakeDatabase
) -> None:
    there = project(make_database(people), make_database("sqlite"))
    found = answer("newest", there, "tests.loose.db_cascade_inside")
    assert found == [1, 2, [{"things.Desk.branch": 2}, 2, 0, True], 1]
