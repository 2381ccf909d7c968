"""The folder of a snapshot: private, gone at the end, and swept by the next run where its owner was killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from outgrow.dialects.sqlite import SQLite
from outgrow.dialects.sqlite.folder import PREFIX, YOUNG

OWNER = """
import sys
from outgrow.dialects.sqlite import SQLite
snapshot = SQLite({"NAME": sys.argv[1]}).snapshot()
print(snapshot.folder.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    with sqlite3.connect(tmp_path / "shop.sqlite3") as connection:
        connection.execute("CREATE TABLE t (id integer PRIMARY KEY)")
    connection.close()
    return tmp_path / "shop.sqlite3"


@pytest.fixture
def owner(file: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def folder_of(owner: subprocess.Popen[str]) -> Path:
    """The owner's folder, as if it had been made long ago."""
    assert owner.stdout is not None
    folder = Path(owner.stdout.readline().strip())
    long_ago = time.time() - 2 * YOUNG
    os.utime(folder, (long_ago, long_ago))
    return folder


def take_snapshot(file: Path) -> None:
    SQLite({"NAME": str(file)}).snapshot().close()


def test_it_is_private_and_gone_at_the_end(file: Path) -> None:
    with SQLite({"NAME": str(file)}).snapshot():
        (folder,) = (file.parent / "tmp").glob(f"{PREFIX}*")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list((file.parent / "tmp").iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next(file: Path, owner: subprocess.Popen[str]) -> None:
    folder = folder_of(owner)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    assert folder.exists()
    take_snapshot(file)
    assert not folder.exists()


@pytest.mark.parametrize("stopped", [False, True])
def test_the_folder_of_a_living_process_stays(file: Path, owner: subprocess.Popen[str], stopped: bool) -> None:
    folder = folder_of(owner)
    if stopped:
        owner.send_signal(signal.SIGSTOP)
    take_snapshot(file)
    assert (folder / "snapshot.sqlite3").exists()


def test_a_folder_that_was_just_made_is_not_touched(file: Path, owner: subprocess.Popen[str]) -> None:
    """Its owner may not have come to take the lock."""
    folder = folder_of(owner)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    os.utime(folder)
    take_snapshot(file)
    assert folder.exists()
