"""Sources that are made once: a filled zoo and a filled plaza as SQLite files, and what a plain migrate makes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import require
from tests.moves.catalogs import Catalog, catalog
from tests.moves.projects import Project, plaza, zoo

SMALL = "3000"


@pytest.fixture
def the_zoo(tmp_path: Path) -> Project:
    return zoo(tmp_path)


@pytest.fixture
def the_plaza(tmp_path: Path) -> Project:
    return plaza(tmp_path)


@pytest.fixture(scope="session")
def filled_files(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`filled_files("zoo")` is a file that nobody writes to."""
    made: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            made[name] = folder / "filled.sqlite3"
            project = {"zoo": zoo, "plaza": plaza}[name](folder)
            project.manage(f"sqlite:///{made[name]}", "migrate", "-v0")
            fill = ["zoo_fill"] if name == "zoo" else ["plaza_fill", "--rows", SMALL]
            project.manage(f"sqlite:///{made[name]}", *fill)
        return made[name]

    return make


@pytest.fixture
def filled(filled_files: Callable[[str], Path], tmp_path: Path) -> Callable[[str], str]:
    """`filled("plaza")` is the URL of a filled SQLite file that the test may write to."""

    def copy(name: str) -> str:
        path = tmp_path / f"{name}.sqlite3"
        shutil.copyfile(filled_files(name), path)
        return f"sqlite:///{path}"

    return copy


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Project, str], Catalog]:
    """What the project's own `migrate` makes of an empty database; asked once for each project and engine."""
    made: dict[tuple[str, str, str], Catalog] = {}

    def make(project: Project, engine: str) -> Catalog:
        known = (project.settings, project.python, engine)
        if known not in made:
            url = f"sqlite:///{tmp_path_factory.mktemp('plain')}/plain.sqlite3"
            if engine != "sqlite":
                url = require(engine).create_database()
            project.manage(url, "migrate", "-v0")
            made[known] = catalog(engine, url)
            if engine != "sqlite":
                require(engine).drop_database(url)
        return made[known]

    return make
