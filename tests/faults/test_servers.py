"""Servers that die, come back, hang up or run full: nothing is lost, and what was done is not done twice."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests import PROVE

from .conftest import FILLS, django_command
from .driver import POINTS, SMALL
from .proxy import Proxy

SERVERS = ["postgresql", "mysql", "mariadb"]


@pytest.mark.parametrize("engine", SERVERS if PROVE else ["postgresql", "mariadb"])
def test_a_target_that_dies_in_a_chunk_and_comes_back_is_waited_for(engine, tmp_path, private, shop, intact):
    server, gate = private(engine), tmp_path / "gate"
    target = server.create_database("shop")
    mover = shop.start(target, patch=POINTS + f"in_chunk(9, wait_for({str(gate)!r}))")
    assert mover.until(lambda events: Path(f"{gate}.here").exists())
    server.kill()
    gate.touch()
    time.sleep(0.5)
    server.start()
    ended = mover.end()
    assert ended.code == 0, ended.err
    assert "the target went away; waiting" in ended.out
    intact("shop", engine, target)


RESTORING = r"CREATE (UNIQUE )?INDEX|ALTER .* ADD "


@pytest.mark.parametrize("engine", SERVERS if PROVE else ["postgresql", "mysql"])
def test_a_target_that_dies_while_indexes_are_built_and_stays_away_is_gone_on_with(
    engine, tmp_path, private, shop, intact
):
    server, gate = private(engine), tmp_path / "gate"
    target = server.create_database("shop")
    point = f"at_statement({RESTORING!r}, wait_for({str(gate)!r}), at=2)"
    mover = shop.start(target, patch=POINTS + "import outgrow.patience as p; p.SECONDS = 3.0\n" + point)
    assert mover.until(lambda events: Path(f"{gate}.here").exists())
    server.kill()
    gate.touch()
    ended = mover.end(seconds=60)
    assert ended.code == 2, ended.err
    assert "--resume" in ended.said
    assert "Traceback" not in ended.err
    server.start()
    shop.finish(target)
    intact("shop", engine, target)


@pytest.mark.parametrize("engine", SERVERS if PROVE else ["postgresql", "mariadb"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_target_that_dies_before_or_after_an_index_is_built_and_comes_back_is_waited_for(
    engine, when, tmp_path, private, shop, intact
):
    server, gate = private(engine), tmp_path / "gate"
    target = server.create_database("shop")
    point = f"at_statement({RESTORING!r}, wait_for({str(gate)!r}), at=3, after={when == 'after'})"
    mover = shop.start(target, patch=POINTS + point)
    assert mover.until(lambda events: Path(f"{gate}.here").exists())
    server.kill()
    gate.touch()
    time.sleep(0.5)
    server.start()
    ended = mover.end()
    assert ended.code == 0, ended.err
    intact("shop", engine, target)


@pytest.mark.parametrize("engine", SERVERS if PROVE else ["postgresql", "mariadb"])
def test_a_source_that_dies_while_it_is_read_ends_the_move_in_one_sentence(
    engine, tmp_path, private, open_nursery, make_target, intact
):
    server, gate = private(engine), tmp_path / "gate"
    source = server.create_database("shop")
    django_command("shop", source, "migrate", "-v0")
    django_command("shop", source, *FILLS["shop"])
    nursery, target = open_nursery("shop", source), make_target("postgresql")
    mover = nursery.start(target, "--jobs", "2", patch=POINTS + f"in_chunk(3, wait_for({str(gate)!r}))")
    assert mover.until(lambda events: Path(f"{gate}.here").exists())
    server.kill()
    gate.touch()
    ended = mover.end(seconds=60)
    assert ended.code == 2, ended.err
    assert "source" in ended.said or f"shop on 127.0.0.1:{server.port}" in ended.said
    assert "--resume" in ended.said
    assert ended.err.count("\n") == 1
    server.start()
    nursery.finish(target)
    intact("shop", "postgresql", target, source)


@pytest.mark.parametrize("engine", SERVERS)
def test_a_connection_to_the_target_that_is_reset_is_made_again(engine, make_target, shop, intact):
    target = make_target(engine)
    from tests.engines import provide

    with Proxy(provide(engine).port) as proxy:
        mover = shop.start(proxy.url(target), patch=POINTS + "slow_pieces(0.02)")
        for number in (2, 6):
            mover.until(lambda events, n=number: sum(
                e["kind"] == "progress" and e["step"] == "copy" for e in events) >= n)  # fmt: skip
            while not proxy.reset():
                assert mover.code() is None
                time.sleep(0.01)
        ended = mover.end()
    assert ended.code == 0, ended.err
    intact("shop", engine, target)


@pytest.mark.parametrize("engine", SERVERS if PROVE else ["postgresql"])
def test_a_connection_to_the_source_that_is_reset_ends_the_move_resumably(engine, make_target, open_nursery, intact):
    from tests.engines import provide

    source, target = make_target(engine), make_target("sqlite")
    django_command("shop", source, "migrate", "-v0")
    django_command("shop", source, *FILLS["shop"])
    with Proxy(provide(engine).port) as proxy:
        nursery = open_nursery("shop", proxy.url(source))
        mover = nursery.start(target, patch=POINTS + "slow_pieces(0.05)")
        mover.until(lambda events: sum(e["kind"] == "progress" and e["step"] == "copy" for e in events) >= 3)
        assert proxy.reset()
        ended = mover.end(seconds=60)
        assert ended.code == 2, ended.err
        assert "source" in ended.said
        assert "--resume" in ended.said
        nursery.finish(target)
    intact("shop", "sqlite", target, source)


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of a few megabytes that can grow; root alone can make one."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs", str(place)], capture_output=True)
    if made.returncode:
        pytest.skip("a disk of one's own can be mounted by root only")
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & 1:
            folder.chmod(folder.stat().st_mode | 0o11)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_under_the_target_is_named_and_with_room_the_move_goes_on(tiny_disk, private, shop, intact):
    server = private("postgresql")
    place = tiny_disk / "space"
    place.mkdir()
    if os.getuid() == 0:
        shutil.chown(place, Path(f"/proc/{server.pid}").stat().st_uid)
    subprocess.run(["mount", "-o", "remount,size=12m", str(tiny_disk)], check=True)
    server.sql(f"CREATE TABLESPACE tiny LOCATION '{place}'")
    server.sql("CREATE DATABASE shop TABLESPACE tiny")
    target = server.url("shop")
    mover = shop.start(target, patch=POINTS + "slow_pieces(0.02)")
    mover.until_step("copy")
    others = os.open(tiny_disk / "others", os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while True:
            os.write(others, bytes(4096))
    os.close(others)
    ended = mover.end()
    assert ended.code == 2, ended.err
    assert "No space left" in ended.said or "could not" in ended.said
    assert "--resume" in ended.said
    assert "Traceback" not in ended.err
    subprocess.run(["mount", "-o", "remount,size=64m", str(tiny_disk)], check=True)
    shop.finish(target)
    intact("shop", "postgresql", target)


def test_a_table_space_that_is_full_is_named_by_mariadb_too(private, plaza):
    server = private(
        "mariadb", {"innodb_file_per_table": "OFF", "innodb_data_file_path": "ibdata1:12M:autoextend:max:18M"}
    )
    ended = plaza.run(server.create_database("plaza"))
    assert ended.code == 2, ended.err
    assert "full" in ended.said or "No more room" in ended.said
    assert "Traceback" not in ended.err


def test_a_sqlite_file_that_may_not_grow_is_named_and_with_room_the_move_goes_on(make_target, shop, intact):
    target = make_target("sqlite")
    limit = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    ended = shop.run(target, patch=f"{SMALL}{limit}before_copy = __import__('outgrow.transfer').transfer.Transfer\n"
                     "run = before_copy.run\n"
                     "def limited(self):\n"
                     "    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))\n"
                     "    return run(self)\n"
                     "before_copy.run = limited\n")  # fmt: skip
    assert ended.code == 2, ended.err
    assert "--resume" in ended.said
    assert "Traceback" not in ended.err
    shop.finish(target)
    intact("shop", "sqlite", target)


def test_a_snapshot_that_finds_no_room_is_refused_before_anything_is_written(tiny_disk, shop, make_target):
    target = make_target("sqlite")
    ended = shop.run(target, TMPDIR=str(tiny_disk), patch="import tempfile; tempfile.tempdir = None")
    assert ended.code == 2, ended.err
    assert "make room or set TMPDIR" in ended.said
    assert not Path(target.removeprefix("sqlite:///")).exists()
