"""The zoo and plaza as a person runs them: each command in a process of its own, the databases named by URLs."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests import forks

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_SOURCE = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")


@dataclass(frozen=True)
class Project:
    """One of the two, in a folder where its commands run and leave their files."""

    settings: str
    variable: str  # which environment variable names its database
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    python: str = sys.executable

    def run(self, url: str, *words: str, timeout: float = 280, **more: str) -> subprocess.CompletedProcess[str]:
        """`python -m WORDS`, with this database as the project's default."""
        inherited = {k: v for k, v in os.environ.items() if k not in WITHOUT_SOURCE}
        env = {
            **inherited, "PYTHONPATH": f"{ROOT}", "XDG_CACHE_HOME": f"{self.folder}/cache", "COLUMNS": "120",
            "DJANGO_SETTINGS_MODULE": self.settings, self.variable: url, **self.environment, **more,
        }  # fmt: skip
        return forks.run(["-m", *words], python=self.python, cwd=self.folder, env=env, timeout=timeout)

    def manage(self, url: str, *words: str) -> str:
        """What a management command printed; it must have succeeded."""
        done = self.run(url, "django", *words)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
        return done.stdout

    def ask(self, url: str, question: str, *words: str) -> Any:
        """The answer of a function of `tests.moves.inside`, which runs in the project itself."""
        done = self.run(url, "tests.moves.inside", question, *words)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
        return json.loads(done.stdout)

    def outgrow(self, url: str, *words: str, to: str = "", **more: str) -> Outcome:
        """The console command, in a project that does not list outgrow among its apps."""
        if to:
            words, more = (*words, "--to", "env:TARGET"), {**more, "TARGET": to}
        done = self.run(url, "outgrow", *words, **more)
        return Outcome(done.returncode, done.stdout, done.stderr)

    def move(self, source: str, target: str, *words: str) -> dict[str, Any]:
        """A move that ends well; its result as --json gives it."""
        return self.outgrow(source, "move", "--json", *words, to=target).ok().result

    def without(self, *names: str) -> Project:
        return replace(self, environment={k: v for k, v in self.environment.items() if k not in names})


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str

    def ok(self) -> Outcome:
        assert self.code == 0, self.out[-3000:] + self.err[-3000:] + self.tracebacks()
        return self

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]

    @property
    def result(self) -> dict[str, Any]:
        return next(line for line in self.lines if line["kind"] == "result")

    def tracebacks(self) -> str:
        """The traceback that an unforeseen error left in a file."""
        named = [word.strip(":,") for word in self.err.split() if "outgrow-traceback" in word]
        return "".join(f"\n{Path(name).read_text()[-4000:]}" for name in named if Path(name).exists())


def zoo(folder: Path, **environment: str) -> Project:
    return Project("tests.zoo.settings", "ZOO_DATABASE_URL", folder, environment)


def plaza(folder: Path, **environment: str) -> Project:
    return Project("plaza.settings", "DATABASE_URL", folder, environment)


def clocks(folder: Path, **environment: str) -> Project:
    return Project("tests.moves.clocks.settings", "CLOCKS_DATABASE_URL", folder, environment)


def walk(stops: str) -> Iterator[tuple[str, str]]:
    """The moves of a walk: "sqlite mysql sqlite" is two of them."""
    yield from itertools.pairwise(stops.split())
