"""What else of a database asks for a table by name: views, triggers and routines by their text, where no catalog tells.

A name counts where a statement names a table: after FROM, JOIN, INTO, UPDATE, TABLE and the like, and after a comma of
such a list; whole, in any quotes. With a name before it, it counts if that is the schema of the table.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"--[^\n]*|/\*(?!!).*?\*/|'(?:[^']|'')*'"  # nothing that is said
    r'|(?P<quoted>"(?:[^"]|"")+"|`(?:[^`]|``)+`|\[[^\]]+\])|(?P<word>[^\W\d][\w$]*)|(?P<mark>[(),.;])',
    re.DOTALL,
)
_NESTS = {"from", "join", "straight_join"}  # tables follow, also in parentheses
_LISTS = {*_NESTS, "using", "update", "table", "tables", "delete", "truncate", "lock"}  # and after a comma
_NAMES = {*_LISTS, "into", "insert", "replace", "references", "in"}
_BETWEEN = {"only", "lateral", "ignore", "low_priority", "high_priority", "delayed", "quick", "if", "exists"}
_ENDS = {
    "select", "where", "group", "order", "having", "limit", "set", "values", "window", "union", "except", "intersect",
    "returning", "begin", "end", "then", "do", "loop", "on", "of", "fetch", "offset", "for",
}  # fmt: skip
_PARTS = {"extract", "substring", "trim", "overlay"}  # extract(year FROM x)
_OR = {"abort", "fail", "ignore", "replace", "rollback"}  # SQLite: UPDATE OR …


@dataclass(frozen=True, slots=True)
class Leaning:
    """One thing outside of some tables that would break, or be in the way, without one of them."""

    kind: str  # "view", "trigger", "function", "event", "foreign key of another schema", …
    name: str
    table: str  # which of the tables


def leaning_texts(
    kind: str, name: str, text: str, tables: Collection[str], home: Collection[str], *, bare: bool = True
) -> Iterator[Leaning]:
    """Those of the tables, which are in the schema ``home`` (any of its names), that a statement's text names.

    ``bare``: whether a name without a schema stands for one of ``home``.
    """
    low = text.lower()
    near = [table for table in tables if table.lower() in low]
    if not near:
        return
    named = {spoken for schema, spoken in _named(text) if (bare if schema is None else schema in _low(home))}
    for table in near:
        if table.lower() in named:
            yield Leaning(kind, name, table)


def _low(names: Collection[str]) -> set[str]:
    return {name.lower() for name in names}


@dataclass(slots=True)
class _Level:
    """One pair of parentheses: whether a table is expected now, and whether a comma brings the next."""

    expects: bool = False
    lists: bool = False
    nests: bool = False  # a parenthesis here holds tables too
    deaf: bool = False  # FROM means something else here
    path: list[str] = field(default_factory=list)  # what is being named


def _named(text: str) -> Iterator[tuple[str | None, str]]:
    """(schema, table) in lower case, wherever one is named."""
    levels = [_Level()]
    before = ""
    for found in _TOKEN.finditer(text):
        quoted, word, mark = found["quoted"], (found["word"] or "").lower(), found["mark"]
        here = levels[-1]
        if mark == "." and here.path:
            here.expects = True
        elif quoted or word or mark:
            if here.path and not (here.expects and before == "."):
                yield _last(here)
            name = quoted[1:-1].replace(quoted[-1] * 2, quoted[-1]).lower() if quoted else ""
            _step(levels, name, word, mark, before)
        before = mark or word or ("'" if not quoted else '"')
    for level in levels:
        if level.path:
            yield _last(level)


def _last(level: _Level) -> tuple[str | None, str]:
    """What was named ends here."""
    *schema, table = level.path
    level.path = []
    return (schema[-1] if schema else None), table


def _step(levels: list[_Level], quoted: str, word: str, mark: str | None, before: str) -> None:
    here = levels[-1]
    if mark == "(":
        inside = here.expects and here.nests
        levels.append(_Level(inside, inside, inside, deaf=before in _PARTS))
        here.lists = here.lists and (inside or not here.expects)  # REPLACE(a, b) and TRUNCATE(a, b) are functions
        here.expects = False
    elif mark == ")":
        if len(levels) > 1:
            levels.pop()
    elif mark == ",":
        here.expects = here.lists
    elif mark == ";":
        levels[-1] = _Level()
    elif word == "from" and (here.deaf or before == "distinct"):  # IS DISTINCT FROM
        return
    elif word in _NAMES and not (before == "or" and word in _OR):
        here.expects, here.nests = True, word in _NESTS
        here.lists = here.lists if word == "in" else word in _LISTS
    elif word in _ENDS:
        here.expects, here.lists = False, here.lists and word == "on"  # … JOIN b ON …, c
    elif here.expects and (word in _BETWEEN or word == "or" or (before == "or" and word in _OR)):
        return
    elif here.expects:
        here.path.append(quoted or word)
        here.expects = False
