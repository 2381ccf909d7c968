"""A SQLite file: each trouble is made on a real file."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from outgrow.dialects.inspecting import Level, mounts
from tests.doctor.conftest import answer, examined, troubles


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE shops (id integer PRIMARY KEY)")
        connection.execute("CREATE TABLE orders (id integer PRIMARY KEY, shop integer REFERENCES shops)")
    connection.close()
    return path


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def test_a_file_that_can_be_used(file: Path) -> None:
    found = examined(url(file), deep=True, OPTIONS={"transaction_mode": "IMMEDIATE"})
    assert set(troubles(found)) <= {"D804"}
    assert {"D101", "D106", "D301", "D801", "D802", "D803", "D804", "D805", "D806"} == {a.id for a in found}


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "typo.sqlite3"
    said = answer(examined(url(path)), "D107")
    assert said.text.startswith(f"There is no file {path}, and Django would make an empty one: correct NAME")
    assert not path.exists()


def test_a_folder_and_a_database_in_memory_are_no_files(tmp_path: Path) -> None:
    assert answer(examined(url(tmp_path)), "D107").text.startswith(f"{tmp_path} is a folder")
    assert answer(examined("sqlite:///:memory:"), "D107").text.startswith("The database is in one process's memory")


def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    path = tmp_path / "notes.sqlite3"
    path.write_text("these are notes, and no database at all")
    assert answer(examined(url(path)), "D107").text.startswith(f"{path} is no SQLite database")


def test_the_lock_is_held_by_another_process_which_is_named(file: Path) -> None:
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE'); "
        "print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        said = answer(examined(url(file)), "D802")
    finally:
        holder.communicate()
    assert said.level is Level.WARNING
    assert said.text.startswith("The write lock was not free within 1 s (database is locked)")
    if sys.platform == "linux":
        assert f"(pid {holder.pid})" in said.text


def test_a_journal_for_which_writers_wait(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE a (id integer PRIMARY KEY)")
    connection.close()
    said = answer(examined(url(path)), "D803")
    assert said.level is Level.WARNING
    assert said.text.startswith("The journal mode is delete: a writer waits for every reader")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    assert answer(examined(url(path)), "D803").level is Level.GOOD


def test_transactions_that_begin_as_readers(file: Path) -> None:
    said = answer(examined(url(file)), "D805")
    assert said.level is Level.WARNING
    assert said.commands == ('"OPTIONS": {"transaction_mode": "IMMEDIATE"},',)


def test_rows_that_refer_to_nothing_are_counted(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO orders VALUES (1, 7), (2, 8)")
    connection.close()
    said = answer(examined(url(file), deep=True), "D806")
    assert said.text.startswith("2 rows of orders refer to rows that are not there")


def test_a_damaged_file(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.executemany("INSERT INTO shops VALUES (?)", [(n,) for n in range(1, 5000)])
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    size = file.stat().st_size
    with open(file, "r+b") as raw:
        raw.seek(size // 2)
        raw.write(os.urandom(8192))
    said = answer(examined(url(file), deep=True), "D806")
    assert said.level is Level.FAILED or "could not be asked" in said.text
    assert "damaged" in said.text or "could not be asked" in said.text


@pytest.mark.skipif(os.getuid() == 0 and not os.path.exists("/proc/self/mounts"), reason="needs Linux")
def test_file_systems_are_told_by_the_longest_mount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of mounts is a text; a real network file system needs a server of its own."""
    table = tmp_path / "mounts"
    table.write_text(
        "/dev/vda / ext4 rw 0 0\nnas:/export /srv/my\\040files nfs4 rw 0 0\noverlay /srv/app overlay rw 0 0\n"
    )
    monkeypatch.setattr(mounts, "MOUNTS", table)
    assert mounts.file_system("/srv/my files/shop.sqlite3") == "nfs4"
    assert mounts.file_system("/srv/app/shop.sqlite3") == "overlay"
    assert mounts.file_system("/srv/apples/shop.sqlite3") == "ext4"


def test_a_file_on_a_network_file_system(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "mounts"
    table.write_text(f"/dev/vda / ext4 rw 0 0\nnas:/export {os.path.realpath(tmp_path)} nfs4 rw 0 0\n")
    monkeypatch.setattr(mounts, "MOUNTS", table)
    said = answer(examined(url(file)), "D804")
    assert said.level is Level.FAILED
    assert said.text.startswith("The file lies on a network file system (nfs4), whose locks SQLite cannot trust")
