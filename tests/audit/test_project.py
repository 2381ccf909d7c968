"""The inventory: every table of the zoo, whose it is, and what becomes of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.audit.conftest import audit, empty_zoo, inside


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("inventory") / "zoo.sqlite3"
    empty_zoo()(path)
    return path


@pytest.fixture(scope="module")
def zoo(file: Path) -> dict[str, Any]:
    return inside("tests.zoo.settings", f"sqlite:///{file}", "inventory")


@pytest.fixture(scope="module")
def tables(zoo: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {table["name"]: table for table in zoo["tables"]}


def test_it_names_every_table_of_the_file(file: Path, tables: dict[str, Any]) -> None:
    connection = sqlite3.connect(file)
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
    connection.close()
    assert set(tables) == {n for n in names if not n.startswith("sqlite_")}


def test_automatic_tables_of_many_to_many_fields_are_copied(tables: dict[str, Any]) -> None:
    assert tables["Animal eats Food"]["model"] == "animals.Animal.foods (auto)"
    assert tables["animals_species_eats"]["action"] == "copy"
    assert tables["animals_species_eats"]["fields"]["from_species_id"]["refers"] == ["animals_species", "id"]


def test_parents_of_inheritance_have_tables_of_their_own(tables: dict[str, Any]) -> None:
    assert set(tables["animals_house"]["fields"]) == {"place_ptr_id", "rooms"}
    assert set(tables["animals_aquarium"]["fields"]) == {"house_no", "litres"}


def test_proxies_and_abstract_models_have_none(tables: dict[str, Any]) -> None:
    assert tables["animals_fence"]["model"] == "animals.Fence"
    assert "animals_highfence" not in tables


def test_tables_that_django_does_not_manage_are_copied_where_they_exist(
    zoo: dict[str, Any], tables: dict[str, Any]
) -> None:
    assert (tables["animals_census"]["action"], tables["animals_census"]["managed"]) == ("copy", False)
    assert tables["animals_crowded"]["action"] == "skip"
    assert any("animals.Remote is not managed" in note for note in zoo["notes"])


def test_a_managed_model_without_a_table_is_absent_and_its_history_lies(zoo: dict[str, Any]) -> None:
    assert zoo["absent"] == ["animals.Dropped"]
    assert zoo["lying"] == ["animals.Dropped: no migration is pending, but animals_dropped does not exist"]


def test_tables_without_a_model_are_archived_and_said(tables: dict[str, Any]) -> None:
    assert tables["animals_leftover"]["action"] == "archive"
    assert "no installed app" in tables["animals_leftover"]["reason"]


def test_full_text_tables_are_rebuilt_with_their_shadows(tables: dict[str, Any]) -> None:
    fulltext = {name: t["action"] for name, t in tables.items() if name.startswith("animals_fulltext")}
    assert len(fulltext) >= 5
    assert set(fulltext.values()) == {"rebuild"}


def test_the_migration_history_is_never_copied(tables: dict[str, Any]) -> None:
    assert tables["django_migrations"]["action"] == "skip"


def test_a_foreign_key_is_of_the_kind_of_what_it_points_at(tables: dict[str, Any]) -> None:
    fields = tables["animals_animal"]["fields"]
    assert (fields["species_id"]["kind"], fields["species_id"]["max_length"]) == ("text", 12)
    assert (fields["chip_id"]["kind"], fields["chip_id"]["constrained"]) == ("uuid", False)
    assert fields["Mother Id"]["refers"] == ["animals_animal", "id"]
    assert tables["animals_passport"]["fields"]["animal_id"]["kind"] == "integer"


def test_custom_fields_are_judged_by_what_is_stored(tables: dict[str, Any]) -> None:
    fields = tables["animals_customfields"]["fields"]
    assert fields["secret"]["kind"] == "text"
    assert fields["price"]["kind"] is None
    assert fields["dashed"]["kind"] is None
    assert (fields["sealed"]["max_length"], fields["fixed"]["max_length"]) == (None, 8)


def test_generated_fields_are_of_their_output(tables: dict[str, Any]) -> None:
    generated = [f for f in tables["since50_enclosure"]["fields"].values() if f["generated"]]
    assert generated
    assert all(f["kind"] in ("integer", "text", "float", "decimal") for f in generated)


def test_a_swapped_out_user_has_no_table(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/swapped.sqlite3"
    from tests.plaza.project import run

    swapped = {"ZOO_SWAPPED_USER": "1", "ZOO_DATABASE_URL": url}
    done = run("", "-m", "tests.zoo", "migrate", "--run-syncdb", "-v", "0", **swapped)
    assert done.returncode == 0, done.stderr
    found = inside("tests.zoo.settings", url, "inventory", ZOO_SWAPPED_USER="1")
    tables = {t["name"]: t for t in found["tables"]}
    assert "auth_user" not in tables
    assert tables["keepers_keeper"]["model"] == "keepers.Keeper"
    assert tables["animals_animal"]["fields"]["owner_id"]["kind"] == "uuid"


def test_migrations_that_were_not_applied_are_pending(tmp_path: Path) -> None:
    empty_zoo()(tmp_path / "behind.sqlite3")
    connection = sqlite3.connect(tmp_path / "behind.sqlite3")
    connection.execute("DELETE FROM django_migrations WHERE app = 'animals' AND name = '0002_later'")
    connection.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('removed', '0001_initial', '2020-01-01')"
    )
    connection.commit()
    connection.close()
    found = inside("tests.zoo.settings", f"sqlite:///{tmp_path}/behind.sqlite3", "inventory")
    assert found["pending"] == ["animals.0002_later"]
    assert found["lying"] == []  # the table may come with what is pending
    note = "the history records 1 migration(s) that the app removed is not installed any more to explain: 0001_initial"
    assert note in found["notes"]
    audited = audit("tests.zoo.settings", f"sqlite:///{tmp_path}/behind.sqlite3", f"sqlite:///{tmp_path}/new.sqlite3")
    told = {f["message"]: f["severity"] for f in audited.of("A705")}
    assert told[note] == "note"
    assert told["1 migration(s) are not applied to the source: animals.0002_later"] == "error"


def test_it_leaves_no_connection_open(zoo: dict[str, Any]) -> None:
    assert zoo["connected"] is False
