"""The stories of `inside.py`, told once for each pair of engines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import require
from tests.legacy.project import Legacy

OWNERS = {"people_db": ["people", "auth", "contenttypes", "sessions", "admin"], "default": "*"}
Told = Callable[[str, str], dict[str, Any]]


def project(people: str, things: str) -> Legacy:
    return Legacy({"default": things, "people_db": people}, {"OWNERS": OWNERS}, module="tests.loose.settings")


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """`told("postgresql", "sqlite")`: what the stories answer with people on the one and things on the other."""
    known: dict[tuple[str, str], dict[str, Any]] = {}
    made: list[tuple[Any, str]] = []

    def database(engine: str) -> str:
        if engine == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('loose')}/one.sqlite3"
        made.append((require(engine), require(engine).create_database()))
        return made[-1][1]

    def tell(people: str, things: str) -> dict[str, Any]:
        if (people, things) not in known:
            done = project(database(people), database(things)).run("-m", "tests.loose.inside")
            assert done.returncode == 0, done.stderr[-3000:]
            answer = next(line for line in done.stdout.splitlines() if line.startswith("ANSWER "))
            known[people, things] = json.loads(answer.removeprefix("ANSWER "))
        return known[people, things]

    yield tell
    for server, url in made:
        server.drop_database(url)


@pytest.fixture
def on_files(tmp_path: Path) -> Legacy:
    """Both databases are SQLite files."""
    return project(f"sqlite:///{tmp_path}/people.sqlite3", f"sqlite:///{tmp_path}/things.sqlite3")
