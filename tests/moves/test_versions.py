"""The oldest and the newest pair of Python and Django, each in a virtualenv of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests import PROVE
from tests.conftest import MakeDatabase
from tests.moves import catalogs
from tests.moves.projects import Project, walk
from tests.moves.test_directions import NOT_EVERYWHERE, assert_all_verified
from tests.moves.venvs import interpreter, python_with

LIBRARY = ("dj-database-url>=2.2", "rich>=13.7", "xxhash>=3.4", "psycopg[binary]>=3.2", "Pillow>=11")
DRIVERS = ("mysqlclient>=2.2",) if PROVE else ()  # compiled from source, and needed for two more engines only
PAIRS = {
    "oldest": ("3.11", "Django~=4.2.0"),
    "newest": ("3.13", "Django"),
}
NOT_ON_MYSQL = ("since61.Adopted", "since61.Token", "since61.AnyDecimal")  # archived there, and gone from then on
STOPS = "sqlite postgresql mysql mariadb sqlite postgresql" if PROVE else "sqlite postgresql"


@pytest.mark.parametrize("pair", PAIRS)
def test_the_zoo_moves_on_the_oldest_and_the_newest_pair(
    pair: str, the_zoo: Project, make_database: MakeDatabase, plain: Callable[[Project, str], catalogs.Catalog]
) -> None:
    version, framework = PAIRS[pair]
    project = replace(the_zoo, python=python_with(interpreter(version), framework, *LIBRARY, *DRIVERS))
    said = project.run("sqlite://", "django", "--version").stdout.strip()
    assert said.startswith("4.2.") == (pair == "oldest"), said
    url = make_database("sqlite")
    project.manage(url, "migrate", "-v0")
    project.manage(url, "zoo_fill")
    left_out = NOT_EVERYWHERE
    for here, there in walk(STOPS):
        if there in ("mysql", "mariadb"):
            left_out = (*NOT_EVERYWHERE, *NOT_ON_MYSQL)
        target = make_database(there)
        assert_all_verified(project.move(url, target, "--fix", "A703=archive"))
        assert project.ask(target, "zoo", *left_out) == [], f"{here} → {there} on Django {said}"
        assert catalogs.catalog(there, target) == plain(project, there)
        assert project.ask(target, "next_keys")["taken"] == []
        url = target
