"""The arguments of ``outgrow deploy``."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable

ENGINES = ("postgresql", "mysql", "mariadb")
HELP = "write the files that a project is deployed by, or check those that are there"


def add(parser: argparse.ArgumentParser, common: Callable[..., None]) -> None:
    """Its subcommands; ``common`` adds the options that every command has."""
    commands = parser.add_subparsers(dest="deploy", required=True, metavar="init|check", parser_class=type(parser))
    init = commands.add_parser("init", help="write them; shows what changes, and never overwrites what is not its own")
    common(init, top=False)
    init.add_argument(
        "--database", type=_engine, metavar="|".join(ENGINES), help="the server (default: as last time, or postgresql)"
    )
    init.add_argument("--ci", choices=("github",), help="also the workflows that test, build and deploy")
    init.add_argument("--dry-run", action="store_true", help="show what would change and write nothing")
    init.add_argument(
        "--force", action="store_true", help="also replace files that were changed by hand, or were there before"
    )
    init.add_argument("--json", action="store_true", help="one JSON object")
    check = commands.add_parser(
        "check", help="read them and say what is wrong with each line; exit code 1 if it is severe"
    )
    common(check, top=False)
    check.add_argument("--json", action="store_true", help="one JSON object")


def _engine(text: str) -> str:
    wanted = {"postgres": "postgresql", "pg": "postgresql"}.get(text.lower(), text.lower())
    if wanted in ENGINES:
        return wanted
    near = difflib.get_close_matches(wanted, ENGINES, 1, 0.4)
    raise argparse.ArgumentTypeError(
        f"there are files for {', '.join(ENGINES)}, not for {text!r}: "
        + (f"did you mean {near[0]}?" if near else "choose one")
    )
