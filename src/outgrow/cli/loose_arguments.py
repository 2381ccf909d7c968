"""The arguments of ``outgrow loose …``; read before the project is loaded, so that no model is imported here."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from outgrow.routing.loose.limits import BATCH, SHOWN, WAIT, Limits

HELP = "loose references: install their triggers, clean up after dead parents, find and repair orphans"
_ACTIONS = {
    "install": "make the triggers and tables that loose references need; changes nothing that stands as wanted",
    "status": "what is installed, and how many tombstones wait; writes nothing",
    "remove": "drop the triggers and tables",
    "clean": "carry out CASCADE and SET_NULL on the children of parents that died",
    "scan": "count the children whose parent does not exist; writes nothing",
    "repair": "carry out CASCADE and SET_NULL on every orphan",
}


def add(parser: argparse.ArgumentParser, common: Callable[..., None]) -> None:
    """``common`` adds the options of every command."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=type(parser))
    for name, help_ in _ACTIONS.items():
        sub = actions.add_parser(name, help=help_, description=f"{help_[0].upper()}{help_[1:]}.")
        common(sub, top=False)
        sub.add_argument(
            "--database", dest="aliases", action="append", default=[], metavar="ALIAS",
            help="only loose references with an end in this database; may be repeated",
        )  # fmt: skip
        sub.add_argument("--json", action="store_true", help="one JSON object")
        if name in ("clean", "scan", "repair"):
            sub.add_argument(
                "--reference", dest="references", action="append", default=[], metavar="APP.MODEL.FIELD",
                help="only this one; may be repeated",
            )  # fmt: skip
        if name in ("clean", "repair"):
            _number(sub, "--batch", BATCH, "children a transaction")
        if name in ("scan", "repair"):
            _number(sub, "--sample", SHOWN, "orphans shown of each reference")
    _options(actions.choices)


def _options(actions: Mapping[str, argparse.ArgumentParser]) -> None:
    known = Limits()
    clean = actions["clean"]
    _number(clean, "--limit", known.rows, "children that one run may clean; 0 is no limit")
    _number(clean, "--look", known.look, "children that one run looks at, for each reference; 0 is no limit")
    _number(clean, "--grace", int(known.grace), "seconds before a key counts as dead that no trigger told of")
    _number(clean, "--seconds", 0, "when to stop; 0 is no limit")
    actions["install"].add_argument(
        "--prune", action="store_true", help="drop triggers and tombstones that no reference of this project wants"
    )
    actions["remove"].add_argument("--discard", action="store_true", help="though tombstones wait for their clean-up")
    _number(actions["repair"], "--wait", int(WAIT), "seconds between the two looks at which a parent must be missing")
    actions["repair"].add_argument("--dry-run", action="store_true", help="show the counts, change nothing")


def _number(parser: argparse.ArgumentParser, flag: str, default: int | None, help_: str) -> None:
    parser.add_argument(flag, type=_count, default=default, metavar="N", help=f"{help_} (default: %(default)s)")


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a number from 0 on, not {text!r}")
    return int(text)
