"""Writes docs/proof-service.md from what pytest found in each layout: `python -m tests.service --proof FILE`.

Nothing in that page is written by hand, as in docs/proof.md, whose parts are used.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from tests import PROVE
from tests.proof import about, spoken, surroundings, table

OUTCOMES = ("passed", "failed", "skipped")


class Result(NamedTuple):
    """What became of a layout's tests: of each file, and the names of those that failed."""

    by_file: dict[str, Counter[str]]
    failures: list[str]
    seconds: float

    def total(self) -> Counter[str]:
        return sum(self.by_file.values(), Counter())


def read(report: Path) -> Result:
    """From a JUnit report of pytest; nothing at all where it was not written, as of a run that was killed."""
    by_file: dict[str, Counter[str]] = {}
    failures, seconds = [], 0.0
    for suite in ElementTree.parse(report).iter("testsuite") if report.exists() else ():
        seconds += float(suite.get("time", 0))
        for case in suite.iter("testcase"):
            file = f"{case.get('classname', '').replace('.', '/')}.py"
            bad = case.find("failure") is not None or case.find("error") is not None
            outcome = "failed" if bad else "skipped" if case.find("skipped") is not None else "passed"
            by_file.setdefault(file, Counter())[outcome] += 1
            if bad:
                failures.append(f"{file}::{case.get('name')}")
    return Result(by_file, failures, seconds)


def page(results: Mapping[str, Result], engines: Mapping[str, str], began: float, chosen: list[str]) -> str:
    """``engines`` is what each layout lies on, ``chosen`` what narrowed the run, which must not pass for the whole."""
    begun = datetime.fromtimestamp(began, UTC)
    full = "at full length" if PROVE else "shortened, as in `make test`"
    only = f", only {' '.join(chosen)}" if chosen else ""
    layouts = [
        (name, engines[name], *(result.total()[one] for one in OUTCOMES), spoken(result.seconds))
        for name, result in results.items()
    ]
    files = sorted({file for result in results.values() for file in result.by_file})
    rows = [
        (f"[{file}](../{file})", about(file), *(_of(result, file) for result in results.values())) for file in files
    ]
    failed = [f"- {name}: `{test}`" for name, result in results.items() for test in result.failures]
    parts = [
        "# What was proved of the service",
        "Written by `make prove` (tests/service/proof.py) from its own results; not edited by hand.",
        f"{begun:%Y-%m-%d %H:%M} UTC, {spoken(time.time() - began)}, {full}{only}.",
        table(("layout", "on", *OUTCOMES, "time"), layouts),
        "Failed:\n\n" + "\n".join(failed) if failed else "",
        surroundings(),
        "## By file\n\nHow many passed in each layout; what else became of some is added.",
        table(("file", "what it is about", *results), rows),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _of(result: Result, file: str) -> str:
    counts = result.by_file.get(file, Counter())
    others = [f"{counts[one]} {one}" for one in OUTCOMES[1:] if counts[one]]
    return ", ".join([str(counts["passed"]), *others])
