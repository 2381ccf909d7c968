"""A Terraform module for a managed server that is still to be made: files of this folder, compared and then written.

``common`` is the same for every kind; a folder of each kind's own has what differs between the engines.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

from outgrow.errors import Refused

KINDS = ("rds-postgres", "rds-mysql", "rds-mariadb")
NAMES = ("versions.tf", "variables.tf", "network.tf", "engine.tf", "database.tf", "outputs.tf", "README.md")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What would be written, beside what is there: ``there`` has the text of the files that are."""

    folder: Path
    wanted: Mapping[str, str]
    there: Mapping[str, str]

    @property
    def different(self) -> list[str]:
        return [name for name, text in self.there.items() if text != self.wanted[name]]

    @property
    def same(self) -> list[str]:
        return [name for name, text in self.there.items() if text == self.wanted[name]]

    @property
    def diff(self) -> str:
        """From what is there to what would be written."""
        lines: list[str] = []
        for name in self.different:
            lines += difflib.unified_diff(
                self.there[name].splitlines(), self.wanted[name].splitlines(), f"{self.folder}/{name}",
                f"{self.folder}/{name} as it would be written", lineterm="",
            )  # fmt: skip
        return "\n".join(lines)

    def write(self) -> list[str]:
        """Write what is not there or differs; the names of those files."""
        written = [name for name in self.wanted if self.there.get(name) != self.wanted[name]]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name in written:
                (self.folder / name).write_text(self.wanted[name], encoding="utf-8")
        except OSError as error:
            raise _unusable(self.folder, error) from None
        return written


def compare(kind: str, folder: Path) -> Comparison:
    """Nothing is written; Refused for a kind that is not known, and for a folder that cannot be read."""
    if kind not in KINDS:
        near = get_close_matches(kind.lower(), KINDS, 1, 0.4)
        raise Refused(
            f"--terraform knows no {kind!r}: expected one of {', '.join(KINDS)}"
            + (f"; did you mean '{near[0]}'?" if near else ".")
        )
    wanted = {name: _text(kind, name) for name in NAMES}
    try:
        if folder.exists() and not folder.is_dir():
            raise Refused(f"{folder} is a file: name a folder for the module's files.")
        there = {name: (folder / name).read_text(encoding="utf-8") for name in NAMES if (folder / name).is_file()}
    except (OSError, UnicodeError) as error:
        raise _unusable(folder, error) from None
    return Comparison(folder, wanted, there)


def _text(kind: str, name: str) -> str:
    own, common = (files("outgrow.provision.terraform") / place / name for place in (kind, "common"))
    return (own if own.is_file() else common).read_text(encoding="utf-8")


def _unusable(folder: Path, error: Exception) -> Refused:
    reason = error.strerror if isinstance(error, OSError) else "a file in it is no text"
    return Refused(f"The folder {folder} cannot be used ({reason}): choose another one.")
