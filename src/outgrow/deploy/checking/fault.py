"""One thing that is wrong in a deploy file, as a value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SETTING = re.compile(  # of a password or token, and none itself: PASSWORD_MIN_LENGTH, TOKEN_URL
    r"_(?:FILE|URL|URI|PATH|ENDPOINT|NAME|PREFIX|HEADER|ALGORITHM|BACKEND|VALIDATORS|HASHERS|ENABLED|(?:MIN_|MAX_)?LENGTH|"
    r"LIFETIME|TIMEOUT|AGE|TTL|EXPIR\w*|SECONDS|MINUTES|HOURS|DAYS)$"
)
_SHOWN = (  # what is printed ends up in the log of a workflow, which others read than the file
    (re.compile(r"(://[^\s/@:]*:)(?!\$)[^\s@/]+(?=@)"), r"\1…"),
    (re.compile(r"(\b\w*(?:PASSWORD|PASSWD|PWD|SECRET|TOKEN|KEY)=[\"']?)(?![\$\"'])[^\s\"']+", re.IGNORECASE), r"\1…"),
    (re.compile(r"((?:mysql|mariadb).*\s-p)(?!\$)[^\s\"']+"), r"\1…"),
    (re.compile(r"(\baws-secret-access-key: |\bAWS_SECRET_ACCESS_KEY: )(?!\$)\S+"), r"\1…"),
)


def without_secrets(text: str) -> str:
    """A line as it may be shown."""
    for pattern, instead in _SHOWN:
        text = pattern.sub(instead, text)
    return text


class Weight(StrEnum):
    """How bad it is."""

    SEVERE = "severe"  # it loses data, secrets or requests, or opens a door
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """``why`` and ``instead`` are sentences for whoever wrote the line."""

    weight: Weight
    title: str
    why: str
    instead: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that a line breaks; ``file`` is relative to the project, ``found`` is what stands there."""

    id: str
    file: str
    line: int
    found: str
    rule: Rule

    @property
    def weight(self) -> Weight:
        return self.rule.weight

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id, "weight": str(self.weight), "title": self.rule.title, "file": self.file, "line": self.line,
            "found": self.found, "why": self.rule.why, "instead": self.rule.instead,
        }  # fmt: skip
