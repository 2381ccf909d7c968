"""What a person asked for: the options of every command, as one value that the steps read and nobody changes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

SCHEMAS = ("migrate", "current")
REHEARSALS = ("virtual", "physical", "both")
POLICIES = ("strip", "cut", "null", "reject", "archive")


def default_jobs() -> int:
    """As many workers as there are processors, but no more than four: the server has to work as well."""
    return min(4, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of audit, plan, move, verify, status and report; a command ignores those it does not have.

    ``source`` and ``target`` are as typed (an alias, a URL or ``env:NAME``) and may hold a secret: they are never
    printed or stored; :func:`outgrow.databases.resolve` turns them into a Place that can be.
    """

    source: str = "default"
    target: str | None = None
    fixes: Mapping[str, str] = field(default_factory=dict)  # rule id → policy: {"A101": "cut"}
    freeze: bool = False
    jobs: int = field(default_factory=default_jobs)
    verify: bool = True
    dry_run: bool = False
    resume: bool = False
    restart: bool = False
    replace_target: str | None = None  # the target's name, typed out
    schema: str = "migrate"
    show_values: bool = False
    tables: tuple[str, ...] = ()  # verify: only these; empty = all

    def as_record(self) -> dict[str, Any]:
        """What the ledger keeps: everything but the two ends, which it stores in their spoken form."""
        kept = asdict(self)
        del kept["source"], kept["target"]
        return kept
