"""One filled plaza on each engine, made once for all tests that leave it as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import engines
from tests.conftest import require
from tests.plaza.project import filled

PlazaOn = Callable[[str], str]


@pytest.fixture(scope="session")
def plaza_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlazaOn]:
    """`plaza_on("mysql")` gives the URL of a plaza of 3,000 rows."""
    made: dict[str, str] = {}

    def make(engine: str) -> str:
        if engine not in made:
            folder: Path = tmp_path_factory.mktemp(engine)
            sqlite = engine == "sqlite"
            made[engine] = f"sqlite:///{folder}/plaza.sqlite3" if sqlite else require(engine).create_database()
            filled(made[engine], "--rows", "3000")
        return made[engine]

    yield make
    for engine, url in made.items():
        if engine != "sqlite":
            engines.provide(engine).drop_database(url)
