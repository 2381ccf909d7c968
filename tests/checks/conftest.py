"""The legacy project and the planted apps, on one file for each alias."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.legacy.project import Legacy

NOWHERE = "u:a-secret@127.0.0.1:1/x"  # nothing may connect to it


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Legacy:
    """Six databases of three engines; those of the servers are never there."""
    folder = tmp_path_factory.mktemp("planted")
    return on_files(folder, pg_db=f"postgresql://{NOWHERE}", my_db=f"mysql://{NOWHERE}")


def on_files(folder: Path, **more: str) -> Legacy:
    names = ("default", "auth_db", "stats_db", "stats_replica")
    urls = {name: f"sqlite:///{folder}/{name}.sqlite3" for name in names}
    return Legacy({**urls, **more}, {"OWNERS": {"default": "*"}}, module="tests.checks.settings")
