"""The legacy project with its rows, about to be split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.conftest import MakeDatabase
from tests.legacy.project import Legacy

APPS = "auth,contenttypes,sessions,admin"
OWNERS = {"auth_db": APPS.split(","), "default": "*"}
LATER = {"MIGRATION_MODULES": {app: f"tests.split.later.{app}" for app in ("auth", "people")}}


@dataclass(frozen=True)
class Split:
    """The project before (``old``) and after the split, and with the migrations that come later."""

    old: Legacy

    @property
    def new(self) -> Legacy:
        return replace(self.old, outgrow={"OWNERS": OWNERS})

    @property
    def later(self) -> Legacy:
        return replace(self.new, settings=LATER)

    def begin(self, code: str = "") -> Any:
        """Migrate and fill the one database; then the code, in the same process."""
        lines = ["from django.core.management import call_command", "from tests.split.fill import fill, rows_of",
                 "call_command('migrate', verbosity=0)", "fill()", *code.splitlines()]  # fmt: skip
        return self.old.inside("\n".join(lines))


@pytest.fixture
def split(make_database: MakeDatabase) -> Callable[..., Split]:
    """`split("sqlite")`, or `split("sqlite", "postgresql")`."""

    def make(source: str, target: str | None = None) -> Split:
        urls = {"default": make_database(source), "auth_db": make_database(target or source)}
        return Split(Legacy(urls))

    return make
