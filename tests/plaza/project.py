"""plaza as a person runs it: manage.py in a process of its own, its database named by a URL."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from tests import forks

ROOT = Path(__file__).resolve().parents[2]
PLANTED = re.compile(r"^planted (A\d+): (\w+)\.(\w+), key (\d+)$", re.MULTILINE)

Cell = tuple[str, str, int]


def run(url: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments from the repository's root."""
    return forks.run(arguments, cwd=ROOT, env={**os.environ, "DATABASE_URL": url, **environment})


def manage(url: str, *arguments: str) -> str:
    """What a management command printed; it must have succeeded, without a warning."""
    done = run(url, "-W", "error", "manage.py", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def inside(url: str, question: str, **environment: str) -> str:
    """The answer of a function of `tests.plaza.inside`, which runs in the project itself."""
    environment["DJANGO_SETTINGS_MODULE"] = "plaza.settings"
    done = run(url, "-m", "tests.plaza.inside", question, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@cache
def empty_plaza() -> bytes:
    """A migrated SQLite file, made once: migrating takes longer than most tests do."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "plaza.sqlite3")
        manage(f"sqlite:///{file}", "migrate", "--verbosity=0")
        return file.read_bytes()


def migrated(url: str) -> str:
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).write_bytes(empty_plaza())
    else:
        manage(url, "migrate", "--verbosity=0")
    return url


def filled(url: str, *options: str) -> str:
    """A migrated plaza with rows in it; returns what plaza_fill said."""
    return manage(migrated(url), "plaza_fill", *options)


def planted(said: str) -> dict[str, list[Cell]]:
    """Which cells `plaza_fill --dirty` said it planted, by audit id."""
    cells: dict[str, list[Cell]] = {}
    for code, table, column, key in PLANTED.findall(said):
        cells.setdefault(code, []).append((table, column, int(key)))
    return cells
