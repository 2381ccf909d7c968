"""The legacy project with its rows, about to be split."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import MakeDatabase
from tests.legacy.project import Legacy

APPS = "auth,contenttypes,sessions,admin"
OWNERS = {"auth_db": APPS.split(","), "default": "*"}
IMPORTS = ["from django.core.management import call_command", "from tests.split.fill import fill, rows_of"]
FILL = ["call_command('migrate', verbosity=0)", "fill()"]
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
        """Migrate and fill the one database; then the code, in the same process. A file is filled once for all."""
        begun = [*IMPORTS, *code.splitlines()]
        if (file := urlsplit(self.old.databases["default"])).scheme == "sqlite":
            Path(file.path).write_bytes(filled_file())
        else:
            begun[len(IMPORTS) : len(IMPORTS)] = FILL
        return self.old.inside("\n".join(begun))


@cache
def filled_file() -> bytes:
    """The legacy project's SQLite file: making it takes longer than copying the file that was made."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "filled.sqlite3")
        Legacy({"default": f"sqlite:///{file}"}).inside("\n".join([*IMPORTS, *FILL]))
        return file.read_bytes()


@pytest.fixture
def split(make_database: MakeDatabase) -> Callable[..., Split]:
    """`split("sqlite")`, or `split("sqlite", "postgresql")`."""

    def make(source: str, target: str | None = None) -> Split:
        urls = {"default": make_database(source), "auth_db": make_database(target or source)}
        return Split(Legacy(urls))

    return make
