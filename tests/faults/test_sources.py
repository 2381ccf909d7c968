"""A source in use: what is written while it is copied is told, and with --freeze it cannot be written."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import threading
from pathlib import Path

import pytest

from tests import PROVE, forks

from .conftest import FILLS, catalog, django_command
from .driver import POINTS, ROOT, background, clean
from .rows import opened, tables_of


@pytest.fixture
def busy_shop(tmp_path, source_file, open_nursery):
    """A shop of the test's own, since it is written: its nursery and its file."""
    file = tmp_path / "busy.sqlite3"
    shutil.copy(source_file("shop"), file)
    return open_nursery("shop", f"sqlite:///{file}"), file


def rename(file: Path, key: int) -> None:
    """What a visitor's request does to the source."""
    connection = sqlite3.connect(file, timeout=0.1)
    with connection:
        connection.execute("UPDATE shop_product SET text = 'changed meanwhile' WHERE id = ?", (key,))
    connection.close()


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb", "sqlite"] if PROVE else ["postgresql"])
def test_verify_names_what_a_writer_changed_during_the_copy(engine, tmp_path, busy_shop, make_target):
    nursery, file = busy_shop
    target, gate = make_target(engine), tmp_path / "gate"
    mover = nursery.start(target, patch=POINTS + f"in_chunk(3, wait_for({str(gate)!r}))")
    mover.until(lambda events: Path(f"{gate}.here").exists())
    rename(file, 1234)
    with sqlite3.connect(file) as connection:
        connection.execute("DELETE FROM shop_tag WHERE id = (SELECT max(id) FROM shop_tag)")
        connection.execute("INSERT INTO shop_maker (id, name) VALUES (900, 'came late')")
    gate.touch()
    ended = mover.end()
    assert ended.code == 1, ended.err
    assert "3 of 5 tables differ" in ended.said
    assert "--freeze" in ended.said
    verified = nursery.run(target, command="verify")
    assert verified.code == 1
    for place in ("id=1234", "id=900"):
        assert place in verified.out
    assert "changed meanwhile" not in verified.out, "values are masked"


def test_what_the_source_got_since_the_move_began_is_not_passed_over(busy_shop, make_target):
    """A release between the kill and the resume: its new column and table have no place on the target made before."""
    nursery, file = busy_shop
    target = make_target("postgresql")
    assert nursery.run(target, patch=POINTS + "in_chunk(3, kill)").code == -9
    with sqlite3.connect(file) as connection:
        connection.execute("ALTER TABLE shop_tag ADD COLUMN since text")
        connection.execute("UPDATE shop_tag SET since = 'a later release' WHERE id = 1")
    resumed = nursery.run(target, "--resume")
    assert resumed.code == 2, resumed.err
    assert "shop_tag.since" in resumed.said
    assert "--restart" in resumed.said
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE shop_tag SET since = NULL")
    nursery.finish(target)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE shop_tag SET since = 'a later release' WHERE id = 1")
    verified = nursery.run(target, command="verify")
    assert verified.code == 2, verified.out
    assert "shop_tag.since" in verified.said


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb", "sqlite"] if PROVE else ["postgresql", "sqlite"])
def test_a_frozen_file_refuses_writers_until_the_move_is_verified(engine, busy_shop, make_target, intact):
    nursery, file = busy_shop
    target = make_target(engine)
    refused, written = [], []

    def write() -> None:
        try:
            rename(file, 1234)
            written.append(mover.events()[-1])
        except sqlite3.OperationalError as error:
            refused.append(str(error))

    mover = nursery.start(target, "--freeze", patch=POINTS + "slow_pieces(0.01)")
    assert mover.until_step("audit source")
    with background(write):
        ended = mover.end()
    assert ended.code == 0, ended.err
    assert set(refused) == {"database is locked"}
    assert all(event["kind"] == "result" or event.get("step") == "settings" for event in written)
    assert not (catalog(f"sqlite:///{file}").keys() & {"outgrow_run"})
    unchanged = file.with_name("unchanged.sqlite3")
    shutil.copy(file, unchanged)
    original = tables_of(target)["shop_product"]
    assert "changed meanwhile" not in {row["text"] for row in original}


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb"])
def test_a_frozen_server_lets_writers_wait_until_the_move_is_verified(
    engine, tmp_path, make_database, make_target, open_nursery, intact
):
    source, target = make_database(engine), make_target("sqlite")
    django_command("shop", source, "migrate", "-v0")
    django_command("shop", source, *FILLS["shop"], "--rows", "600")
    nursery, gate = open_nursery("shop", source), tmp_path / "gate"
    done = threading.Event()

    def write() -> None:
        connection = opened(source)[0]
        connection.cursor().execute("DELETE FROM shop_sample WHERE id = 61")
        connection.commit()
        connection.close()
        done.set()

    mover = nursery.start(target, "--freeze", patch=POINTS + f"in_chunk(2, wait_for({str(gate)!r}))")
    mover.until(lambda events: Path(f"{gate}.here").exists())
    writer = threading.Thread(target=write)
    writer.start()
    assert not done.wait(1.0)
    gate.touch()
    ended = mover.end()
    writer.join(30)
    assert ended.code == 0, ended.err
    assert done.is_set()
    assert len(tables_of(target)["shop_sample"]) == 61
    assert len(tables_of(source)["shop_sample"]) == 60


def test_a_freeze_ends_with_its_mover_however_that_ends(tmp_path, busy_shop, make_target):
    nursery, file = busy_shop
    gate = tmp_path / "gate"
    mover = nursery.start(make_target("postgresql"), "--freeze", patch=POINTS + f"in_chunk(2, wait_for({str(gate)!r}))")
    mover.until(lambda events: Path(f"{gate}.here").exists())
    with pytest.raises(sqlite3.OperationalError, match="database is locked"):
        rename(file, 1)
    mover.kill()
    rename(file, 1)


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb", "sqlite"] if PROVE else ["postgresql"])
def test_an_unguarded_data_migration_leaves_every_byte_of_the_source(engine, tmp_path, make_target):
    """One RunPython without a using= rewrites whatever the router calls default: here that is the live source."""
    folder = tmp_path / "live"
    folder.mkdir()
    file = folder / "zoo.sqlite3"
    environment = {**clean(), "ZOO_DATABASE_URL": f"sqlite:///{file}", "ZOO_UNGUARDED": "1"}

    def zoo(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return forks.run(["-m", *arguments], cwd=ROOT, env={**environment, **more}, timeout=200)

    assert zoo("tests.zoo", "migrate", "-v0").returncode == 0
    with sqlite3.connect(file) as connection:
        connection.execute("DELETE FROM animals_season")  # so that the migration, if it came here, would write
    connection.close()
    before = fingerprint(folder)
    target = make_target(engine)
    moved = zoo("outgrow", "move", "--to", "env:TARGET", "--settings", "tests.zoo.settings", TARGET=target)
    assert moved.returncode == 0, moved.stderr
    assert fingerprint(folder) == before
    assert tables_of(target)["animals_season"] == []


def fingerprint(folder: Path) -> dict[str, str]:
    """The file and whatever may lie beside it."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sorted(os.listdir(folder))}


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb", "sqlite"])
def test_triggers_and_self_updating_columns_of_the_target_alter_nothing_and_come_back(
    engine, shop, make_target, intact
):
    target = make_target(engine)
    ended = shop.run(target, SHOP_TRIGGERS="1")
    assert ended.code == 0, ended.err
    intact("shop", engine, target, SHOP_TRIGGERS="1")
    before = len(tables_of(target)["shop_tag"])
    connection = sqlite3.connect(target.removeprefix("sqlite:///")) if engine == "sqlite" else opened(target)[0]
    connection.cursor().execute("INSERT INTO shop_maker (id, name) VALUES (7000, 'rings the bell')")
    connection.commit()
    connection.close()
    assert len(tables_of(target)["shop_tag"]) == before + 1


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"])
def test_a_trigger_is_back_after_a_kill_too(engine, shop, make_target, intact):
    target = make_target(engine)
    killed = shop.run(target, patch=POINTS + "in_chunk(5, kill)", SHOP_TRIGGERS="1")
    assert killed.code == -9
    shop.finish(target, SHOP_TRIGGERS="1")
    intact("shop", engine, target, SHOP_TRIGGERS="1")
