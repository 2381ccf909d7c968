"""A fault that a check can find: its id, its title, and the message that Django shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.core.checks import CheckMessage, Error, Warning

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """``code``: "E021" for what fails, "W022" for what somebody should know; docs/checks.md has each with ``title``."""

    code: str
    title: str

    @property
    def id(self) -> str:
        return f"outgrow.{self.code}"

    @property
    def anchor(self) -> str:
        return f"docs/checks.md#outgrow{self.code.lower()}"

    def __call__(self, found: str, hint: str, obj: Any = None) -> CheckMessage:
        """``found`` is one sentence, ``hint`` the remedy; ``obj`` the model or field that Django names before them."""
        kind = Error if self.code.startswith("E") else Warning
        return kind(found, hint=f"{hint} See {self.anchor}.", obj=obj, id=self.id)


def listed(names: Iterable[str], limit: int = SHOWN) -> str:
    """ "a, b, c and 4 more"."""
    found = list(names)
    rest = len(found) - limit
    return ", ".join(found[:limit]) + (f" and {rest} more" if rest > 0 else "")


def meant(name: str, known: Iterable[str]) -> str:
    """ " (did you mean "default"?)", or nothing where no known name is near."""
    near = nearest(name, list(known))
    return f' (did you mean "{near}"?)' if near else ""


def nearest(name: str, known: Sequence[str], cutoff: float = 0.7) -> str | None:
    by_lower = {k.lower(): k for k in known}
    near = get_close_matches(name.lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[near[0]] if near else None
