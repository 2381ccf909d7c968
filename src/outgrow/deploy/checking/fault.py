"""One thing that is wrong in a deploy file, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


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
