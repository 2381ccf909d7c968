"""MySQL and MariaDB: the lines of SHOW GRANTS as values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_GRANT = re.compile(
    r"^GRANT (?P<rights>.+?) ON (?:TABLE )?(?P<place>\*|`(?:[^`]|``)*`|[^\s.`]+)"
    r"(?:\.(?P<table>\*|`(?:[^`]|``)*`|\S+))? TO ",
    re.IGNORECASE,
)
_COLUMNS = re.compile(r"\s*\([^)]*\)")
_ROLE = re.compile(r"^GRANT (?P<roles>`[^`]*`(?:@`[^`]*`)?(?:,`[^`]*`(?:@`[^`]*`)?)*) TO ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Grant:
    """``place``: "*" or a database's name, in which % and _ are wild; ``table``: "*" or one table's name."""

    rights: frozenset[str]
    place: str
    table: str
    may_grant: bool = False

    @property
    def everywhere(self) -> bool:
        return self.place == "*"


def parse(line: str) -> Grant | None:
    """A line of SHOW GRANTS; None for one that gives a role, or rights on a routine."""
    match = _GRANT.match(line)
    if match is None:
        return None
    words = _COLUMNS.sub("", match["rights"])
    return Grant(
        frozenset(right.strip().upper() for right in words.split(",")),
        _bare(match["place"]),
        _bare(match["table"] or "*"),
        " WITH GRANT OPTION" in line.upper(),
    )


def roles(lines: Iterable[str]) -> list[str]:
    """The roles that these lines give, as they are written there."""
    found = (_ROLE.match(line) for line in lines)
    return [role for match in found if match for role in match["roles"].split(",")]


def _bare(name: str) -> str:
    return name[1:-1].replace("``", "`") if name.startswith("`") else name


def covers(pattern: str, name: str) -> bool:
    """Whether a grant's database, in which % and _ are wild, is this one."""
    parts = re.split(r"(\\[%_]|%|_)", pattern)
    wild = {"%": ".*", "_": "."}
    made = "".join(wild.get(part, re.escape(part[1:] if part.startswith("\\") else part)) for part in parts)
    return re.fullmatch(made, name, re.IGNORECASE) is not None


def as_pattern(name: str) -> str:
    """A database's name as the pattern that means it alone."""
    return re.sub(r"([%_\\])", r"\\\1", name)


def precise(pattern: str) -> int:
    """How much of a pattern is said before its first wild letter: the one that says most is in force."""
    wild = re.search(r"(?<!\\)[%_]", pattern)
    return wild.start() if wild else 1_000
