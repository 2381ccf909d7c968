"""Sources and migrated targets for the audits; every audit runs in a process of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings

from tests import engines, forks
from tests.conftest import require
from tests.plaza.project import migrated, run

if not settings.configured:
    settings.configure(USE_TZ=True, INSTALLED_APPS=["outgrow"])
    django.setup()

ROOT = Path(__file__).parents[2]
VARIABLES = {
    "plaza.settings": "DATABASE_URL",
    "tests.zoo.settings": "ZOO_DATABASE_URL",
    "tests.audit.strange.settings": "STRANGE_DATABASE_URL",
}
Found = dict[str, list[tuple[str, str, tuple[Any, ...]]]]


class Audited:
    """What both audits said: findings and open questions, as JSON values."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.source, self.target = said["source"], said.get("target")
        stages = [self.source, *([self.target] if self.target else [])]
        self.findings = [f for stage in stages for f in stage["findings"]]
        self.not_judged = [n for stage in stages for n in stage["not_judged"]]
        self.would_lose = any(stage["would_lose"] for stage in stages)

    @property
    def errors(self) -> list[dict[str, Any]]:
        return [f for f in self.findings if f["severity"] == "error"]

    def cells(self) -> dict[str, list[tuple[str, str, Any]]]:
        """id → (table, column, first part of the key), sorted, of every row that an error names."""
        found: dict[str, list[tuple[str, str, Any]]] = {}
        for f in self.errors:
            found.setdefault(f["id"], []).extend((f["table"], f["column"], key[0]) for key in f["keys"])
        return {code: sorted(cells) for code, cells in found.items()}

    def of(self, code: str) -> list[dict[str, Any]]:
        return [f for f in self.findings if f["id"] == code]


def audit(project: str, source: str, target: str, **environment: str) -> Audited:
    """Both audits of a project's source for a target."""
    return Audited(inside(project, source, target, **environment))


def inside(project: str, source: str, what: str, **environment: str) -> dict[str, Any]:
    """The answer of `tests.audit.inside`, in the project's own process."""
    done = forks.run(
        ["-W", "error::DeprecationWarning:outgrow", "-m", "tests.audit.inside", what],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": project, VARIABLES[project]: source, **environment},
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@cache
def empty_zoo() -> Callable[[Path], None]:
    """Writes a migrated zoo on SQLite; made once."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "zoo.sqlite3")
        zoo(f"sqlite:///{file}", "migrate", "--run-syncdb", "-v", "0")
        held = file.read_bytes()
    return lambda path: path.write_bytes(held) and None


def zoo(url: str, *arguments: str) -> None:
    done = run("", "-m", "tests.zoo", *arguments, ZOO_DATABASE_URL=url)
    assert done.returncode == 0, done.stderr


Migrated = Callable[[str, str], str]


@pytest.fixture(scope="session")
def migrated_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Migrated]:
    """`migrated_on("plaza", "mysql")` gives the URL of that project's tables, without rows, made once per engine."""
    made: dict[tuple[str, str], str] = {}

    def make(project: str, engine: str) -> str:
        if (project, engine) not in made:
            folder = tmp_path_factory.mktemp(f"{project}-{engine}")
            url = f"sqlite:///{folder}/db.sqlite3" if engine == "sqlite" else require(engine).create_database()
            if project == "plaza":
                migrated(url)
            elif engine == "sqlite":
                empty_zoo()(folder / "db.sqlite3")
            else:
                zoo(url, "migrate", "--run-syncdb", "-v", "0")
            made[project, engine] = url
        return made[project, engine]

    yield make
    for (_, engine), url in made.items():
        if engine != "sqlite":
            engines.provide(engine).drop_database(url)


@pytest.fixture(scope="session")
def zoo_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, bool], str]]:
    """`zoo_on("mysql", extreme)` gives the URL of a zoo with all its rows."""
    made: dict[tuple[str, bool], str] = {}

    def make(engine: str, extreme: bool = False) -> str:
        if (engine, extreme) not in made:
            folder = tmp_path_factory.mktemp(f"full-zoo-{engine}")
            url = f"sqlite:///{folder}/db.sqlite3" if engine == "sqlite" else require(engine).create_database()
            if engine == "sqlite":
                empty_zoo()(folder / "db.sqlite3")
            else:
                zoo(url, "migrate", "--run-syncdb", "-v", "0")
            zoo(url, "zoo_fill", *(["--extreme"] if extreme else []))
            made[engine, extreme] = url
        return made[engine, extreme]

    yield make
    for (engine, _), url in made.items():
        if engine != "sqlite":
            engines.provide(engine).drop_database(url)
