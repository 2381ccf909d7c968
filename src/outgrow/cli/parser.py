"""The parser itself: what it says of a wrong command line names the nearest right word, and never a password."""

from __future__ import annotations

import re
from argparse import Namespace
from difflib import get_close_matches
from typing import Any, NoReturn

from django.core.management.base import CommandParser

from outgrow.masks import scrub

_CHOICE = re.compile(r"^argument (?P<what>.+?): invalid choice: '?(?P<said>.*?)'? \(choose from (?P<known>.+)\)$")


class Parser(CommandParser):
    """Django's parser; nothing is abbreviated."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "allow_abbrev": False})

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Namespace, list[str]]:  # type: ignore[override]
        """A subcommand refuses what it does not know itself: the parser above it has other options."""
        found, over = super().parse_known_args(args, namespace)
        if over:
            self.error(self._unknown(over))
        return found, over

    def error(self, message: str) -> NoReturn:
        choice = _CHOICE.match(message)
        if choice:
            known = [one.strip("'\" ") for one in choice["known"].split(",")]
            what = choice["what"] if choice["what"].startswith("-") else "command"
            message = f"unknown {what} {choice['said']!r}: {_meant(choice['said'], known)}"
        super().error(scrub(message))
        raise SystemExit(2)  # for the type checker: error() has left already

    def _unknown(self, over: list[str]) -> str:
        option = next((word.partition("=")[0] for word in over if word.startswith("-")), None)
        if option is None:
            return f"unexpected {' '.join(over)!r}: `{self.prog} --help` says what it takes"
        known = [name for name in self._option_string_actions if name.startswith("--")]
        near = get_close_matches(option, known, 1)
        return f"unknown option {option}: " + (
            f"did you mean {near[0]}?" if near else f"`{self.prog} --help` lists those that there are"
        )


def _meant(said: str, known: list[str]) -> str:
    near = get_close_matches(said, known, 1)
    expected = f"expected {' or '.join(filter(None, [', '.join(known[:-1]), known[-1]]))}"
    return f"did you mean {near[0]}? ({expected})" if near else expected
