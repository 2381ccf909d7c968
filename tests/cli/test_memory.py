"""The last target is remembered per project, without its password, for its owner only."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from outgrow.cli import memory


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "outgrow"


@pytest.mark.parametrize(
    "target", ["server", "env:TARGET", "sqlite:////srv/a.sqlite3", "postgres://bob@h:5433/shop?sslmode=require"]
)
def test_a_target_without_a_password_comes_back_as_typed(target: str) -> None:
    assert memory.recall() is None
    memory.remember(target)
    assert memory.recall() == target


def test_a_sqlite_file_is_remembered_wherever_one_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    memory.remember("sqlite:///shop.sqlite3")
    assert memory.recall() == f"sqlite:///{tmp_path}/shop.sqlite3"


@pytest.mark.parametrize(
    "target",
    ["postgres://bob:hunter2@h/shop", "mysql://h/shop?password=hunter2", "postgres://b@h/s?sslpassword=hunter2"],
)
def test_a_password_is_not_kept_and_asked_for_again(target: str, cache: Path) -> None:
    memory.remember(target)
    (file,) = cache.iterdir()
    assert "hunter2" not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(memory.Forgotten, match=r"name it again with --to\.$") as caught:
        memory.recall()
    assert "hunter2" not in str(caught.value)


def test_a_damaged_or_unwritable_memory_is_no_error(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.remember("server")
    (file,) = cache.iterdir()
    file.write_text("{")
    assert memory.recall() is None
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    memory.remember("server")
    assert memory.recall() is None
