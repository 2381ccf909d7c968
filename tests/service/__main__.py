"""Start what a layout needs, and run pytest in a process that has its databases in the environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from plaza.tests.copies import TEMPLATES
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
    layouts, more = arguments[:split] or list(LAYOUTS), arguments[split + 1 :]
    return max(run(layout, more) for layout in layouts)


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
