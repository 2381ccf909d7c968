"""Start what a layout needs, and run pytest in a process that has its databases in the environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from plaza.tests.copies import TEMPLATES
from tests.service import proof
from tests.service.templates import copy, templates

ROOT = Path(__file__).resolve().parents[2]
ONE = "DATABASE_URL"
LAYOUTS = {
    "L0": {ONE: "sqlite"},
    "L1": {ONE: "postgresql"},
    "L2": {ONE: "mysql"},
    "L3": {ONE: "mariadb"},
    "L5": {
        "AUTH_DATABASE_URL": "postgresql",
        "SOCIAL_DATABASE_URL": "mysql",
        "VIDEOS_DATABASE_URL": "postgresql",
        "BOOKINGS_DATABASE_URL": "mariadb",
    },
}
"""Layout → the engine of each of its databases, by the variable that names it."""


def main(arguments: list[str]) -> int:
    """The highest exit code of the layouts that were named, or of all."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    parser = ArgumentParser(prog="python -m tests.service", usage="%(prog)s [--proof FILE] [LAYOUT ...] [-- PYTEST'S]")
    parser.add_argument("--proof", type=Path, metavar="FILE")
    parser.add_argument("layouts", nargs="*", metavar="LAYOUT")
    own, more = parser.parse_args(arguments[:split]), arguments[split + 1 :]
    layouts, page = own.layouts or list(LAYOUTS), own.proof
    if unknown := sorted(set(layouts) - set(LAYOUTS)):
        parser.error(f"there is no layout {unknown[0]}: choose from {', '.join(LAYOUTS)}")
    began = time.time()
    with TemporaryDirectory() as folder:
        reports = {layout: Path(folder) / f"{layout}.xml" for layout in layouts}
        codes = [run(layout, [f"--junitxml={report}", *more]) for layout, report in reports.items()]
        if page is not None:
            engines = {layout: ", ".join(dict.fromkeys(LAYOUTS[layout].values())) for layout in layouts}
            chosen = [one for one in more if one.startswith(("plaza/tests", "-k"))]
            found = {layout: proof.read(report) for layout, report in reports.items()}
            page.write_text(proof.page(found, engines, began, chosen), encoding="utf-8")
    return max(codes)


def run(layout: str, arguments: list[str]) -> int:
    with ExitStack() as stack:
        made = stack.enter_context(templates(LAYOUTS[layout]))
        urls = {name: stack.enter_context(copy(template)) for name, template in made.items()}
        known = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
        environment = {
            **known, **urls, TEMPLATES: json.dumps(made), "PLAZA_LAYOUT": layout,
            "DJANGO_SETTINGS_MODULE": "plaza.tests.settings",
        }  # fmt: skip
        command = [sys.executable, "-m", "pytest", "-c", "plaza/tests/pytest.ini", "--rootdir", "."]
        if not any(argument.startswith("plaza/tests") for argument in arguments):
            command.append("plaza/tests")  # beside a file it would mean all of them
        print(
            f"layout {layout}: {', '.join(f'{name} {engine}' for name, engine in LAYOUTS[layout].items())}", flush=True
        )
        return subprocess.run([*command, *arguments], cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
