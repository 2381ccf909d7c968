"""Start what a layout needs, and run pytest in a process that has its databases in the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests import engines

ROOT = Path(__file__).resolve().parents[2]
LAYOUTS = {"L0": "sqlite", "L1": "postgresql", "L2": "mysql", "L3": "mariadb"}
"""Layout → the engine of its one database."""


def main(arguments: list[str]) -> int:
    """The highest exit code of the layouts that were named, or of all."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    layouts, more = arguments[:split] or list(LAYOUTS), arguments[split + 1 :]
    return max(run(layout, more) for layout in layouts)


def run(layout: str, arguments: list[str]) -> int:
    engine = LAYOUTS[layout]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "plaza.settings", "PLAZA_LAYOUT": layout}
    url = "sqlite://:memory:" if engine == "sqlite" else engines.provide(engine).create_database()
    try:
        command = [sys.executable, "-m", "pytest", "-c", "plaza/tests/pytest.ini", "--rootdir", ".", "plaza/tests"]
        return subprocess.run([*command, *arguments], cwd=ROOT, env={**environment, "DATABASE_URL": url}).returncode
    finally:
        if engine != "sqlite":
            engines.provide(engine).drop_database(url)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
