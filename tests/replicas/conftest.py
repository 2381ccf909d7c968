"""A "replica" that shows itself: a second SQLite file whose rows differ, so that a read tells where it went."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import forks
from tests.legacy.project import ROOT, Legacy


class Forked(Legacy):
    """The project in forks of a process that has imported Django already."""

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return forks.run(arguments, cwd=ROOT, env={**self.environment, **more}, timeout=60)


MakeTwo = Callable[..., Forked]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The legacy project's tables in a SQLite file, made by one of all test workers."""
    base = tmp_path_factory.getbasetemp()
    file = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "replicas.sqlite3"
    with Path(f"{file}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            part = Path(f"{file}.part")
            done = Forked({"default": f"sqlite:///{part}"}).manage("migrate", "-v0")
            assert done.returncode == 0, done.stderr
            part.rename(file)
    return file


@pytest.fixture
def two(migrated: Path, tmp_path: Path) -> MakeTwo:
    """``two()``: the legacy project with "default" and its replicas; in each the one category is named as its alias."""

    def make(*replicas: str, outgrow: dict[str, Any] | None = None, settings: dict[str, Any] | None = None) -> Forked:
        names = replicas or ("replica",)
        for name in ("default", *names):
            file = tmp_path / f"{name}.sqlite3"
            shutil.copy(migrated, file)
            with contextlib.closing(sqlite3.connect(file)) as connection, connection:
                connection.execute("DELETE FROM shop_category")
                connection.execute("INSERT INTO shop_category (id, name) VALUES (1, ?)", [name])
        return Forked(
            {name: f"sqlite:///{tmp_path}/{name}.sqlite3" for name in ("default", *names)},
            {"OWNERS": {"default": "*"}, "REPLICAS": {"default": list(names)}, **(outgrow or {})},
            {"ROOT_URLCONF": "tests.replicas.urls", **(settings or {})},
        )

    return make
