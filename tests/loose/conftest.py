"""The project of loose references, on two databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.legacy.project import Legacy

OWNERS = {"people_db": ["people", "auth", "contenttypes", "sessions", "admin"], "default": "*"}


def project(people: str, things: str) -> Legacy:
    return Legacy({"default": things, "people_db": people}, {"OWNERS": OWNERS}, module="tests.loose.settings")


@pytest.fixture
def on_files(tmp_path: Path) -> Legacy:
    """Both databases are SQLite files."""
    return project(f"sqlite:///{tmp_path}/people.sqlite3", f"sqlite:///{tmp_path}/things.sqlite3")
