"""The driver of plain processes, by itself: what it starts and cannot note."""

from __future__ import annotations

import errno
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.deploy.conftest import ROOT

MODULES = ("by_processes", "state", "stopping")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Every process that is started; at the end none may run."""
    kept, popen = [], subprocess.Popen

    def noted(*arguments: Any, **options: Any) -> Any:
        kept.append(popen(*arguments, **options))
        return kept[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)
    yield kept
    for one in kept:
        one.wait(30)


@pytest.fixture
def driving(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """deploy/by_processes.py, which is a module beside deploy.py."""
    monkeypatch.syspath_prepend(str(ROOT / "deploy"))
    for name in MODULES:
        sys.modules.pop(name, None)
    yield importlib.import_module("by_processes")
    for name in MODULES:
        sys.modules.pop(name, None)


def test_workers_whose_successors_a_full_disk_does_not_let_be_noted_work_on(
    driving: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen[bytes]]
) -> None:
    (tmp_path / "one/deploy").mkdir(parents=True)
    (tmp_path / "one/deploy/workers.json").write_text(json.dumps({"sleeps": ["sleep", "606"]}))
    driver, version = driving.Processes(driving.State(tmp_path)), driving.Version("blue", str(tmp_path / "one"))
    driver.work(version)

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(driving, "write", full)
        with pytest.raises(OSError, match="No space left"):
            driver.work(version)
    assert driver.works()
    assert driver.work(None) == []
    assert len(started) == 1
    assert not list(tmp_path.glob("*.pid"))


@pytest.mark.parametrize("step", ["start", "work"])
def test_what_a_full_disk_keeps_from_being_noted_does_not_run_on(
    driving: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    started: list[subprocess.Popen[bytes]],
    step: str,
) -> None:
    """Nobody would ever end it: two versions of a worker, or a web server that holds its port."""
    (tmp_path / "one/deploy").mkdir(parents=True)
    (tmp_path / "one/deploy/workers.json").write_text(json.dumps({"sleeps": ["sleep", "604"]}))
    (tmp_path / "one/deploy/gunicorn.conf.py").write_text("import time; time.sleep(605)")
    driver, version = driving.Processes(driving.State(tmp_path)), driving.Version("blue", str(tmp_path / "one"))
    write_text = Path.write_text

    def full(file: Path, text: str, *more: Any) -> int:
        if file.suffix == ".pid":
            file.touch()
            raise OSError(errno.ENOSPC, "No space left on device")
        return write_text(file, text, *more)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        getattr(driver, step)(version)
    assert [one.wait(30) for one in started] == [-9]
    assert not list(tmp_path.glob("*.pid"))
