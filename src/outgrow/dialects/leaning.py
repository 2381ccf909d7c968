"""What else of a database asks for a table by name: views, triggers and routines by their text, where no catalog tells.

A name counts where a statement names a table: after FROM, JOIN, INTO, UPDATE, TABLE or a comma, whole, in any quotes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

_QUIET = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Leaning:
    """One thing outside of some tables that would break, or be in the way, without one of them."""

    kind: str  # "view", "trigger", "function", "event", "foreign key of another schema", …
    name: str
    table: str  # which of the tables


def leaning_texts(kind: str, name: str, text: str, tables: Collection[str]) -> Iterator[Leaning]:
    """Those of the tables that a statement's text names."""
    spoken = _QUIET.sub(" ", text)
    for table in tables:
        if table.lower() in spoken.lower() and _names(table).search(spoken):
            yield Leaning(kind, name, table)


def _names(table: str) -> re.Pattern[str]:
    whole = rf"[\"`\[]?{re.escape(table)}(?![\w$])"
    return re.compile(rf"(?:\b(?:from|join|into|update|table)\s+|,)\s*\(*(?:[\"`\[]?\w+[\"`\]]?\.)?{whole}", re.I)
