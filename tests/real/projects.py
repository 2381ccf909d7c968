"""The projects: their settings, how each takes its database from the environment, and how it is filled."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dj_database_url
import pytest

from tests.moves.projects import ROOT
from tests.moves.venvs import interpreter, python_with

HERE = Path(__file__).parent
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class RealProject:
    """A Django project from PyPI, installed, and a folder that stands for its home."""

    settings: str
    programs: Path
    home: Path
    prefix: str  # of the variables ENGINE, NAME, USER, PASSWORD, HOST, PORT that its settings read
    variables: Mapping[str, str] = field(default_factory=dict)
    fill: tuple[tuple[str, ...], ...] = ()

    def surroundings(self, url: str) -> dict[str, str]:
        """The environment in which the project's ``default`` is this database, and which nothing else leaks into."""
        entry: dict[str, Any] = dict(dj_database_url.parse(url))
        names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")
        return {
            **{name: os.environ[name] for name in KEPT if name in os.environ},
            **{f"{self.prefix}{name}": str(entry[name]) for name in names if entry.get(name)},
            **self.variables,
            "HOME": str(self.home),
            "DJANGO_SETTINGS_MODULE": self.settings,
        }

    def run(self, url: str, program: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A program of the project's own virtual environment, with this database as ``default``."""
        return subprocess.run(
            [str(self.programs / program), *arguments], cwd=self.home, env={**self.surroundings(url), **more},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def build(self, url: str) -> None:
        """Its own migrations, then its own data."""
        for program, *arguments in (("django-admin", "migrate", "-v0"), *self.fill):
            done = self.run(url, program, *arguments)
            assert done.returncode == 0, f"{program} {' '.join(arguments)}: {done.stderr[-4000:]}"


def installed(name: str, python: str) -> Path:
    """The programs of a virtual environment with the project's pins and this checkout."""
    pins = str(HERE / "requirements" / f"{name}.txt")
    return Path(python_with(python, "-r", pins, "-e", f"{ROOT}[postgresql,mysql]")).parent


def newest_python() -> str:
    """From 3.12 on a project gets the newest Django; without one, what this Python can have."""
    for version in ("3.14", "3.13", "3.12"):
        try:
            return interpreter(version)
        except pytest.skip.Exception:
            continue
    return sys.executable


def ara(home: Path) -> RealProject:
    """ara records Ansible: binary and JSON fields, durations, its own uuid field; filled by its API client."""
    return RealProject(
        "ara.server.settings", installed("ara", sys.executable), home, "ARA_DATABASE_",
        {"ARA_BASE_DIR": str(home / "base"), "ARA_TIME_ZONE": "Europe/Berlin", "ARA_SECRET_KEY": "a" * 50},
        (("python", str(HERE / "builders" / "ara_runs.py")),),
    )  # fmt: skip


def wagtail(home: Path) -> RealProject:
    """Wagtail's own test project: 200 tables, deep inheritance, a search index, a cache table, its ``test.json``."""
    fill = (("django-admin", "createcachetable"), ("django-admin", "loaddata", "-v0", "test.json"))
    return RealProject("wagtail.test.settings", installed("wagtail", newest_python()), home, "DATABASE_", {}, fill)


PROJECTS: Mapping[str, Callable[[Path], RealProject]] = {"ara": ara, "wagtail": wagtail}
