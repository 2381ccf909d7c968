"""All twelve directions among the four engines, and the four copies between two databases of one engine.

Two walks of six moves each pass every direction once. At each stop the rows are read by Django and by the driver, the
tables compared with what the project's own `migrate` makes there, and a new row is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests import PROVE
from tests.conftest import MakeDatabase
from tests.engines import ENGINES
from tests.moves import catalogs
from tests.moves.projects import Project, walk

WALKS = [
    "sqlite postgresql mysql mariadb sqlite mysql postgresql",
    "postgresql mariadb mysql sqlite mariadb postgresql sqlite",
]
ROUND = "sqlite postgresql mysql mariadb sqlite"
NOT_EVERYWHERE = ("since50.VirtualEnclosure", "animals.Deferred")  # models that name features their engine must have

Filled = Callable[[str], str]
Plain = Callable[[Project, str], catalogs.Catalog]


def test_the_walks_pass_every_direction_once() -> None:
    passed = [move for stops in WALKS for move in walk(stops)]
    assert sorted(passed) == sorted((a, b) for a in ENGINES for b in ENGINES if a != b)


def assert_all_verified(result: dict[str, Any]) -> None:
    """What the move says of itself."""
    report = result["report"]
    assert report["state"] == "verified"
    assert {t["proof"] for t in report["tables"]} == {"verified"}
    assert all(t["equal"] and t["source_digest"] == t["target_digest"] for t in report["tables"])


def start_of(project: Project, engine: str, url: str, make_database: MakeDatabase) -> str:
    """The file's rows on the engine where a walk begins."""
    if engine == "sqlite":
        return url
    target = make_database(engine)
    archived = ("--fix", "A703=archive") if "zoo" in project.settings else ()
    project.move(url, target, *archived)
    return target


@pytest.mark.parametrize("stops", WALKS)
def test_the_zoo_arrives_as_it_was_stored_in_every_direction(
    stops: str, the_zoo: Project, filled: Filled, make_database: MakeDatabase, plain: Plain
) -> None:
    url = start_of(the_zoo, stops.split()[0], filled("zoo"), make_database)
    for here, there in walk(stops):
        target = make_database(there)
        result = the_zoo.move(url, target, "--fix", "A703=archive")
        assert_all_verified(result)
        assert the_zoo.ask(target, "zoo", *NOT_EVERYWHERE) == [], f"{here} → {there}"
        assert catalogs.catalog(there, target) == plain(the_zoo, there), f"{here} → {there}"
        keys = the_zoo.ask(target, "next_keys")
        assert keys["taken"] == []
        assert keys["given"] > 25
        url = target


@pytest.mark.parametrize("stops", WALKS if PROVE else [ROUND])
def test_plaza_is_equal_at_every_stop(
    stops: str, the_plaza: Project, filled: Filled, make_database: MakeDatabase, plain: Plain
) -> None:
    source = filled("plaza")
    said, counted = the_plaza.ask(source, "digest"), the_plaza.ask(source, "counts")
    by_driver = catalogs.counts("sqlite", source)
    url = start_of(the_plaza, stops.split()[0], source, make_database)
    for here, there in walk(stops):
        target = make_database(there)
        assert_all_verified(the_plaza.move(url, target))
        assert the_plaza.ask(target, "digest") == said, f"{here} → {there}"
        assert the_plaza.ask(target, "counts") == counted
        assert catalogs.counts(there, target) == by_driver
        assert catalogs.catalog(there, target) == plain(the_plaza, there), f"{here} → {there}"
        assert the_plaza.ask(target, "next_keys")["taken"] == []
        url = target


@pytest.mark.parametrize("engine", ENGINES)
def test_a_copy_on_the_same_engine_holds_the_same(engine: str, the_zoo: Project, make_database: MakeDatabase) -> None:
    source, target = make_database(engine), make_database(engine)
    the_zoo.manage(source, "migrate", "-v0")
    the_zoo.manage(source, "zoo_fill", "--extreme")
    assert_all_verified(the_zoo.move(source, target))
    assert the_zoo.ask(target, "zoo", "--extreme") == []
    assert catalogs.catalog(engine, target) == catalogs.catalog(engine, source)
    assert catalogs.counts(engine, target) == catalogs.counts(engine, source)
