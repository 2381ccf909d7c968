"""The dirt that `plaza_fill --dirty` plants: one row a kind, dirty where it says and nowhere else."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from plaza.dirt import TARGETS, Cell, expected
from tests.conftest import MakeDatabase
from tests.engines import SERVERS
from tests.plaza.conftest import PlazaOn
from tests.plaza.project import filled, inside, planted, run

# What each server does with the values themselves; what it takes, it alters or Django cannot read.
REFUSED = {
    "postgresql": {
        "A101", "A102", "A103", "A105", "A201", "A202", "A205", "A301", "A302", "A303", "A305",
        "A401", "A501", "A601", "A602",
    },
    "mysql": {
        "A101", "A103", "A201", "A203", "A205", "A301", "A302", "A303", "A304", "A401", "A501", "A502",
    },
    "mariadb": {
        "A101", "A103", "A201", "A205", "A301", "A302", "A303", "A304", "A401", "A501", "A502", "A601",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, list[Cell]]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('dirt')}/plaza.sqlite3"
    said = filled(url, "--rows", "1000", "--dirty")
    return url, {code: [Cell(*cell) for cell in cells] for code, cells in planted(said).items()}


def stored(url: str, cell: Cell) -> Any:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.text_factory = bytes
    query = f"SELECT {cell.column} FROM {cell.table} WHERE id = ?"
    value = connection.execute(query, [cell.key]).fetchone()[0]
    connection.close()
    return value


def test_every_kind_is_planted_and_none_twice(dirty: tuple[str, dict[str, list[Cell]]]) -> None:
    _, found = dirty
    assert set(found) == set(TARGETS)
    cells = [cell for kind in found.values() for cell in kind]
    assert len({(cell.table, cell.key) for cell in cells}) == len(cells)


def test_the_planted_cells_hold_what_was_meant(dirty: tuple[str, dict[str, list[Cell]]]) -> None:
    url, found = dirty
    held = {code: [stored(url, cell) for cell in cells] for code, cells in found.items()}
    assert len(held["A101"][0].decode()) == 100
    assert held["A102"] == [b"before\0after"]
    with pytest.raises(UnicodeDecodeError):
        held["A103"][0].decode()
    assert held["A104"] == ["dirt🍜".encode()]
    assert len(held["A105"][0]) == 2_800
    assert held["A302"] == [b"tall", b"", b"50+"]
    assert held["A303"] == [12345678.5, 19.999]
    assert held["A304"] == [float("inf")]
    assert held["A305"] == [2]
    assert held["A401"] == [b"2024-02-30", b"0000-00-00 00:00:00", b"25:00:00"]
    assert held["A502"] == [b"Alpha", b"ALPHA", b"ideeen", "ideeën".encode(), b"a", b"a "]


def test_one_orphan_and_broken_json_are_all_that_sqlite_finds(
    dirty: tuple[str, dict[str, list[Cell]]],
) -> None:
    url, found = dirty
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
    assert [(table, key) for table, key, *_ in orphans] == [(cell.table, cell.key) for cell in found["A501"]]
    broken = {line for (line,) in connection.execute("PRAGMA integrity_check")}
    assert broken == {"CHECK constraint failed in accounts_profile"}


def test_the_same_dirt_is_planted_every_time(dirty: tuple[str, Any], make_database: MakeDatabase) -> None:
    url, found = dirty
    again = make_database("sqlite")
    assert planted(filled(again, "--rows", "1000", "--dirty")) == found
    for cells in found.values():
        for cell in cells:
            assert stored(again, cell) == stored(url, cell)


@pytest.mark.parametrize("engine", SERVERS)
def test_a_server_refuses_what_an_audit_for_it_must_find(
    engine: str, dirty: tuple[str, dict[str, list[Cell]]], plaza_on: PlazaOn
) -> None:
    url, found = dirty
    refused = set(inside(plaza_on(engine), "refused", DIRT=url.removeprefix("sqlite:///"), CELLS=repr(found)).split())
    assert refused == REFUSED[engine]
    assert refused <= set(expected(found, engine))


def test_what_only_another_charset_or_collation_minds_is_not_expected(
    dirty: tuple[str, dict[str, list[Cell]]],
) -> None:
    _, found = dirty
    assert "A104" not in expected(found, "mysql")
    assert "A104" in expected(found, "mysql", charset="utf8mb3")
    assert "A104" not in expected(found, "postgresql", charset="utf8mb3")
    assert len(expected(found, "mariadb")["A502"]) == 6
    assert len(expected(found, "mysql", pads_space=False)["A502"]) == 4
    assert expected(found, "sqlite") == {}


def test_dirt_is_refused_on_a_server(plaza_on: PlazaOn) -> None:
    code = (
        "import django; django.setup(); from django.db import connection; "
        "from plaza.dirt import plant; plant(connection)"
    )
    done = run(plaza_on("postgresql"), "-c", code, DJANGO_SETTINGS_MODULE="plaza.settings")
    assert "Dirt can be planted in SQLite only, and this is PostgreSQL" in done.stderr
