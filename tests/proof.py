"""Writes docs/proof.md from pytest's own results: `pytest -p tests.proof --proof docs/proof.md`, which is `make prove`.

Nothing in that page is written by hand: date, machine, versions, counts and seconds come from the run.
"""

from __future__ import annotations

import ast
import os
import platform
import sqlite3
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil
import pytest

from tests import PROVE

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("Django", "psycopg", "mysqlclient", "hypothesis", "pytest")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--proof", metavar="FILE", help="write what this run proved as a page of Markdown")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--proof") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Proof(config), "outgrow-proof")


@dataclass
class Case:
    """One test function of one file: its cases and what became of them."""

    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


class Proof:
    """Listens to every report of the run and writes the page at its end."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.began = time.time()
        self.cases: dict[tuple[str, str], Case] = {}
        self.skips: Counter[str] = Counter()
        self.failures: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        file, _, name = report.nodeid.partition("::")
        case = self.cases.setdefault((file, name.partition("[")[0]), Case())
        case.seconds += report.duration
        if report.when == "call" or report.outcome != "passed":
            case.outcomes[report.outcome] += 1
        if report.outcome == "skipped":
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.skips[f"{file}: {reason.removeprefix('Skipped: ')}"] += 1
        if report.outcome == "failed":
            self.failures.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        path = Path(self.config.getoption("--proof"))
        path.write_text(self.page(), encoding="utf-8")

    def page(self) -> str:
        parts = [self.head(), surroundings(), self.by_file(), self.by_test(), self.left_out()]
        return "\n\n".join(part for part in parts if part) + "\n"

    # -- parts --------------------------------------------------------------------------------------------------------
    def head(self) -> str:
        total = sum((case.outcomes for case in self.cases.values()), Counter())
        said = ", ".join(f"{total[name]:,} {name}" for name in ("passed", "failed", "skipped") if total[name])
        begun = datetime.fromtimestamp(self.began, UTC)
        lines = [
            "# What was proved",
            "",
            "Written by `make prove` (tests/proof.py) from its own results; not edited by hand.",
            "",
            f"{begun:%Y-%m-%d %H:%M} UTC, {spoken(time.time() - self.began)}: **{said}**{self.selection()}.",
        ]
        if self.failures:
            lines += ["", "Failed:", "", *(f"- `{name}`" for name in self.failures)]
        return "\n".join(lines)

    def selection(self) -> str:
        """What narrowed the run; the page must not pass for more than it is."""
        chosen = [f"-k '{self.config.option.keyword}'"] if self.config.option.keyword else []
        if self.config.args_source is pytest.Config.ArgsSource.ARGS:
            chosen += [str(arg) for arg in self.config.args]
        full = "at full length" if PROVE else "shortened, as in `make test`"
        return f", {full}" + (f", only {' '.join(chosen)}" if chosen else "")

    def by_file(self) -> str:
        files: dict[str, Case] = {}
        for (file, _), case in self.cases.items():
            whole = files.setdefault(file, Case())
            whole.outcomes += case.outcomes
            whole.seconds += case.seconds
        rows = [
            (f"[{file}](../{file})", about(file), case.outcomes["passed"], case.outcomes["failed"],
             case.outcomes["skipped"], spoken(case.seconds))
            for file, case in sorted(files.items())
        ]  # fmt: skip
        return "## By file\n\n" + table(("file", "what it is about", "passed", "failed", "skipped", "time"), rows)

    def by_test(self) -> str:
        rows = [
            (Path(file).stem.removeprefix("test_"), name.removeprefix("test_").replace("_", " ").replace("|", "\\|"),
             sum(case.outcomes.values()), ", ".join(sorted(case.outcomes)), f"{case.seconds:.1f} s")
            for (file, name), case in sorted(self.cases.items())
        ]  # fmt: skip
        return "## By sentence\n\n" + table(("file", "it says", "cases", "outcome", "time"), rows)

    def left_out(self) -> str:
        if not self.skips:
            return ""
        return "## Skipped, and why\n\n" + "\n".join(f"- {n} × {reason}" for reason, n in sorted(self.skips.items()))


def surroundings() -> str:
    """Where it was proved, and with what."""
    memory = psutil.virtual_memory().total / 2**30
    rows = [
        ("Machine", f"{os.cpu_count()} processors, {memory:.0f} GB, {platform.system()} {platform.machine()}"),
        ("Commit", commit()),
        ("Python", platform.python_version()),
        *((package, version(package)) for package in PACKAGES),
        ("SQLite", sqlite3.sqlite_version),
        *servers(),
    ]
    return table(("", ""), rows)


def servers() -> list[tuple[str, str]]:
    """The servers that the tests really ran on."""
    from tests.engines import keeper

    return [(engine, f"{server.version} (from {server.origin})") for engine, server in sorted(keeper.used().items())]


def commit() -> str:
    run = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    changed = subprocess.run(["git", "diff", "--quiet", "HEAD"], cwd=ROOT, check=False).returncode
    return run.stdout.strip() + (" with changes" if changed == 1 else "") if run.returncode == 0 else "not in git"


def about(file: str) -> str:
    """The first line of a test file's docstring."""
    text = ast.get_docstring(ast.parse((ROOT / file).read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0].replace("|", "\\|")


def spoken(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (head, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])
