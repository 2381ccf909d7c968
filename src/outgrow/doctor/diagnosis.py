"""What was found at one database, as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from outgrow.dialects.inspecting import Level, Said
from outgrow.doctor.catalogue import TITLES
from outgrow.masks import scrub


@dataclass(frozen=True, slots=True)
class Answer:
    """One check's answer; ``commands`` are lines to type, on the machine or in the server's own client."""

    id: str
    level: Level
    text: str
    commands: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return TITLES[self.id]

    @classmethod
    def of(cls, check: str, said: Said, secrets: Sequence[str] = ()) -> Answer:
        return cls(check, said.level, scrub(said.text, secrets), tuple(scrub(line, secrets) for line in said.commands))

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id, "title": self.title, "level": str(self.level), "text": self.text,
            "commands": list(self.commands),
        }  # fmt: skip


@dataclass(slots=True)
class Diagnosis:
    """One database: how people named it, how it is spoken of, and the answers in the order in which they came."""

    label: str
    spoken: str
    answers: list[Answer] = field(default_factory=list)
    seconds: float = 0.0

    def worst(self) -> Level:
        levels = {answer.level for answer in self.answers}
        return next((level for level in (Level.FAILED, Level.WARNING) if level in levels), Level.GOOD)

    def as_dict(self) -> dict[str, Any]:
        return {
            "database": self.label, "spoken": self.spoken, "level": str(self.worst()),
            "seconds": round(self.seconds, 2), "answers": [answer.as_dict() for answer in self.answers],
        }  # fmt: skip
