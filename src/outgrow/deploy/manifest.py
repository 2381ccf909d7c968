"""deploy/.outgrow.json: what was asked, and the digest of each file as we wrote it, so that others' changes show."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from outgrow import __version__
from outgrow.errors import Refused

PLACE = "deploy/.outgrow.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """``aliases`` are those for which there is a database, in order; ``files`` are digests by path."""

    database: str = ""
    ci: str | None = None
    aliases: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path) -> Manifest:
        """What was written last; empty where nothing was. Raises Refused where it cannot be understood."""
        file = root / PLACE
        if not file.is_file():
            return cls()
        try:
            said = json.loads(file.read_text(encoding="utf-8"))
            return cls(said["database"], said["ci"], tuple(said["aliases"]), dict(said["files"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Refused(
                f"{PLACE} cannot be read, by which `outgrow deploy init` knows its own files: restore it from version "
                "control, or delete it and let --force write every file anew."
            ) from error

    def text(self) -> str:
        said = {"outgrow": __version__, "database": self.database, "ci": self.ci, "aliases": list(self.aliases)}
        return json.dumps({**said, "files": dict(sorted(self.files.items()))}, indent=2) + "\n"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
