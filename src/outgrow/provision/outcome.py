"""What came of it, as a value: the statements, what is proved, what is left to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from outgrow.dialects.provisioning import Difference, Step
from outgrow.errors import Unreachable


class Lacking(Unreachable):
    """The administrator may not do what has to be done: a sentence for each right, with its grant. Nothing was done."""

    def __init__(self, found: Sequence[Difference]) -> None:
        lines = [f"{each.text.rstrip('.')} ({' '.join(each.commands)})." for each in found]
        super().__init__("\n".join(lines))
        self.found = tuple(found)


@dataclass(slots=True)
class Outcome:
    """``urls``: variable → URL, with its password, of the roles whose password is known here; it is for one reader."""

    server: str  # "PostgreSQL 18.1 on db.example:5432"
    database: str
    choice: str  # the order of texts, and why; "" for a database that was there
    dry_run: bool
    steps: tuple[Step, ...] = ()
    proved: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    env: str | None = None
    env_changed: bool = False
    urls: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def changed(self) -> bool:
        return not self.dry_run and bool(self.steps or self.env_changed)

    def as_dict(self) -> dict[str, Any]:
        """For --json; the URLs are in it only where no file has them."""
        return {
            "server": self.server,
            "database": self.database,
            "dry_run": self.dry_run,
            "changed": self.changed,
            "choice": self.choice,
            "statements": [{"sql": step.sql, "why": step.why} for step in self.steps],
            "proved": self.proved,
            "notes": self.notes,
            "differences": [{"text": each.text, "commands": list(each.commands)} for each in self.differences],
            "env": self.env,
            "variables": list(self.urls),
            **({"urls": dict(self.urls)} if self.urls and self.env is None else {}),
        }
