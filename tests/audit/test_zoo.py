"""The zoo: every field type and awkward table, in all directions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.audit.conftest import Migrated, audit
from tests.engines import ENGINES

ZooOn = Callable[..., str]


@pytest.mark.parametrize("target", ENGINES)
@pytest.mark.parametrize("source", ENGINES)
def test_it_finds_nothing_in_values_that_all_engines_hold(
    source: str, target: str, zoo_on: ZooOn, migrated_on: Migrated
) -> None:
    audited = audit("tests.zoo.settings", zoo_on(source), migrated_on("zoo", target))
    # A table whose model needs what the target lacks (required_db_features) is a true finding.
    assert {f["id"] for f in audited.errors} <= {"A703"}
    assert all("virtualenclosure" in f["table"] or "deferred" in f["table"] for f in audited.errors)
    assert audited.not_judged == []


def ids(source: str, target: str, zoo_on: ZooOn, migrated_on: Migrated) -> dict[tuple[str, str], list[object]]:
    audited = audit("tests.zoo.settings", zoo_on(source, True), migrated_on("zoo", target))
    return {(f["id"], f"{f['table'].removeprefix('animals_')}.{f['column']}"): f["keys"] for f in audited.errors}


def test_what_only_sqlite_holds_is_found_for_postgresql(zoo_on: ZooOn, migrated_on: Migrated) -> None:
    found = ids("sqlite", "postgresql", zoo_on, migrated_on)
    assert found["A102", "texts.text"] == [[3000], [3001]]
    assert found["A301", "wholenumbers.positive"] == [[100], [101], [300]]
    assert found["A503", "uniques.position"] == [[1], [7]]
    assert ("A502", "charkey.code") not in found


def test_keys_that_differ_by_case_only_are_found_for_mysql_and_mariadb(zoo_on: ZooOn, migrated_on: Migrated) -> None:
    mysql = ids("sqlite", "mysql", zoo_on, migrated_on)["A502", "charkey.code"]
    mariadb = ids("sqlite", "mariadb", zoo_on, migrated_on)["A502", "charkey.code"]
    assert ["DE"] in mysql
    assert ["de "] not in mysql  # its collation does not pad
    assert ["de "] in mariadb


def test_uuids_that_mariadb_refuses_are_found(zoo_on: ZooOn, migrated_on: Migrated) -> None:
    found = ids("mysql", "mariadb", zoo_on, migrated_on)
    expected = {("A601", "uuids.value"), ("A601", "uuids.unique"), ("A307", "floats.value"), ("A206", "documents.body")}
    assert set(found) == expected


def test_what_only_postgresql_holds_is_found_for_the_others(zoo_on: ZooOn, migrated_on: Migrated) -> None:
    sqlite = ids("postgresql", "sqlite", zoo_on, migrated_on)
    mysql = ids("postgresql", "mysql", zoo_on, migrated_on)
    assert sqlite["A304", "floats.value"] == [[300]]  # NaN would become NULL
    assert mysql["A304", "floats.value"] == [[200], [201], [300]]
    assert mysql["A403", "durations.duration"] == sqlite["A403", "durations.duration"] == [[100], [101]]


def test_unsigned_numbers_of_mysql_are_found_for_postgresql(zoo_on: ZooOn, migrated_on: Migrated) -> None:
    found = ids("mysql", "postgresql", zoo_on, migrated_on)
    assert found["A301", "wholenumbers.positive_small"] == [[100], [101]]
    assert found["A301", "wholenumbers.positive_big"] == [[200]]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_engine_refuses_nothing_that_it_holds(engine: str, zoo_on: ZooOn, migrated_on: Migrated) -> None:
    assert ids(engine, engine, zoo_on, migrated_on) == {}
