"""docs/migrate.md names every option that there is, and no other."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from outgrow.cli import arguments

PAGE = Path(__file__).parents[2] / "docs/migrate.md"
GENERAL = {"--settings", "--pythonpath", "--verbosity", "--traceback", "--show-values", "--no-color", "--force-color",
           "--help"}  # fmt: skip
DJANGOS = {"--database"}


def test_the_page_names_the_options_of_the_command() -> None:
    commands = next(a for a in arguments.build("outgrow")._actions if isinstance(a, argparse._SubParsersAction))
    options = {word for action in commands.choices["migrate"]._actions for word in action.option_strings}
    there = {word for word in options if word.startswith("--")} - GENERAL
    table = "".join(line for line in PAGE.read_text().splitlines() if line.startswith("| `--"))
    assert set(re.findall(r"--[a-z][a-z-]+", table)) == there
    assert set(re.findall(r"--[a-z][a-z-]+", PAGE.read_text())) - there == {"--fake"}  # which is Django's
