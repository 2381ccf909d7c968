"""Numbers of rows as they are told: counted or estimated, and where those are that no model counts."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.conftest import MakeDatabase


def add(shop: Path, line: str) -> None:
    settings = shop / "shop" / "settings.py"
    settings.write_text(f"{settings.read_text()}\n{line}\n")


@pytest.mark.parametrize("engine", ["sqlite", "mysql"])
def test_rows_that_a_server_estimates_are_told_as_such(
    outgrow: Run, manage: Run, make_database: MakeDatabase, shop: Path, engine: str
) -> None:
    add(shop, f"import dj_database_url; DATABASES['it'] = dj_database_url.parse({make_database(engine)!r})")
    assert manage("migrate", "-v0", "--database", "it").returncode == 0
    said = outgrow("plan", "--from", "it", "--to", "sqlite:///new.sqlite3")
    match = re.search(r"\n  (about )?\d+ rows", said.stdout)
    assert match, said.stdout + said.stderr
    assert (match[1] is None) == (engine == "sqlite")
    assert "to SQLite new.sqlite3 (not there yet)" in said.stdout


def test_the_rows_that_no_model_counts_are_told_with_their_tables(outgrow: Run, manage: Run, shop: Path) -> None:
    cache = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "kept_values"}
    add(shop, f"CACHES = {{'default': {cache}}}")
    assert manage("migrate", "-v0").returncode == 0
    assert manage("createcachetable").returncode == 0
    with sqlite3.connect(shop / "shop.sqlite3") as file:
        file.execute("INSERT INTO kept_values VALUES ('a', 'b', '2030-01-01 00:00:00')")
    file.close()
    done = outgrow("move", "--to", "sqlite:///new.sqlite3")
    assert done.returncode == 0, done.stderr
    assert "; 1 more is in tables without a model: kept_values." in done.stdout
    assert f"target      SQLite new.sqlite3 (SQLite {sqlite3.sqlite_version})" in done.stdout
    assert f'"NAME": "{shop / "new.sqlite3"}"' in done.stdout
    one = outgrow("verify", "--to", "sqlite:///new.sqlite3", "--table", "kept_values")
    assert one.stdout.endswith("1 row in 1 table.\n")
