"""A Dockerfile as instructions with their lines: continuations joined, comments and heredocs left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Instruction:
    """``name`` in capitals; ``text`` is what follows it, on one line."""

    name: str
    text: str
    line: int


@dataclass(slots=True)
class Stage:
    """From one FROM to the next. ``image`` has its ARGs put in; ``parent`` is the stage that it begins with."""

    image: str
    name: str
    line: int
    parent: Stage | None = None
    instructions: list[Instruction] = field(default_factory=list)

    def last(self, name: str) -> Instruction | None:
        """The instruction that counts: the stage's own last one, else that of the stage it begins with."""
        own = [i for i in self.instructions if i.name == name]
        if own:
            return own[-1]
        return self.parent.last(name) if self.parent else None


def instructions(text: str) -> list[Instruction]:
    found: list[Instruction] = []
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        start, joined = number, ""
        while number < len(lines):
            line = lines[number].rstrip()
            number += 1
            if line.lstrip().startswith("#") or (joined and not line.strip()):
                if not joined:
                    break
                continue
            joined += line.removesuffix("\\") + " "
            if not line.endswith("\\"):
                break
        match = re.match(r"\s*([A-Za-z]+)\s+(.*\S)\s*$", joined)
        if match:
            found.append(Instruction(match[1].upper(), match[2], start + 1))
            number = _after_heredocs(lines, number, match[2])
    return found


def stages(text: str) -> list[Stage]:
    found: list[Stage] = []
    arguments: dict[str, str] = {}
    for one in instructions(text):
        if one.name == "ARG" and not found and "=" in one.text:
            name, _, value = one.text.partition("=")
            arguments[name.strip()] = value.strip().strip("\"'")
        elif one.name == "FROM":
            words = [word for word in one.text.split() if not word.startswith("--")]
            image = _with_arguments(words[0] if words else "", arguments)
            name = words[2] if len(words) > 2 and words[1].lower() == "as" else ""
            parent = next((stage for stage in found if stage.name and stage.name.lower() == image.lower()), None)
            found.append(Stage(image, name, one.line, parent))
        elif found:
            found[-1].instructions.append(one)
    return found


def _with_arguments(text: str, arguments: dict[str, str]) -> str:
    return re.sub(r"\$\{?(\w+)(?::?-([^}]*))?\}?", lambda match: arguments.get(match[1]) or match[2] or match[0], text)


def _after_heredocs(lines: list[str], number: int, text: str) -> int:
    """The line after the heredocs that an instruction opens."""
    for word in re.findall(r"<<-?[\"']?(\w+)[\"']?", text):
        while number < len(lines) and lines[number].strip() != word:
            number += 1
        number += 1
    return number
