"""The child process knows one database, the target, however hard a project tries to reach its own."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from outgrow.schema.make import SchemaFailed, make_schema

from .conftest import project_command

TRAP = "tests.schema.projects.trap.settings"


def sqlite_entry(file: Path) -> dict[str, Any]:
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file)}


def fingerprint(file: Path) -> dict[str, str]:
    """Of the database file and whatever SQLite puts beside it."""
    return {
        beside.name: hashlib.sha256(beside.read_bytes()).hexdigest() for beside in file.parent.glob(f"{file.name}*")
    }


def rows(file: Path, table: str = "notes_note") -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(file)
    try:
        return connection.execute(f"SELECT * FROM {table}").fetchall()
    finally:
        connection.close()


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The live database of the project `trap`, with three notes."""
    file = tmp_path / "live.sqlite3"
    connection = sqlite3.connect(file)
    connection.executescript(
        "CREATE TABLE notes_note (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, text varchar(200) NOT NULL);"
        "INSERT INTO notes_note (text) VALUES ('one'), ('two'), ('three');"
    )
    connection.close()
    monkeypatch.setenv("TRAP_SOURCE", str(file))
    return file


def test_a_plain_migrate_of_the_trap_rewrites_its_source(source: Path, tmp_path: Path) -> None:
    """The control: without the child's isolation these projects do write to the wrong database."""
    before = fingerprint(source)
    project_command(TRAP, "migrate", "--database=target", TRAP_TARGET=str(tmp_path / "target.sqlite3"))
    assert fingerprint(source) != before
    assert rows(source, "trap_starts")


def test_not_one_byte_of_the_source_changes(source: Path, tmp_path: Path) -> None:
    before = fingerprint(source)
    target = tmp_path / "target.sqlite3"
    result = make_schema(sqlite_entry(target), settings_module=TRAP)
    assert fingerprint(source) == before
    assert "notes.0002_rewrite" in dict(result.migrations)
    assert [text for _, text in rows(target)] == ["made by a migration", "made by a cursor"]
    assert rows(target, "trap_starts") == [(1,)]


def test_routers_cannot_veto(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.sqlite3"
    made = make_schema(sqlite_entry(target), settings_module=TRAP).made
    assert {"auth_user", "auth_user_groups", "django_content_type", "notes_note"} <= set(made)


@pytest.mark.parametrize("alias", ["archive", "late", "later"])
def test_any_other_alias_is_refused_and_named(
    alias: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAP_ASKS", alias)
    before = fingerprint(source)
    with pytest.raises(SchemaFailed, match=f"connection '{alias}' doesn't exist .only the target does"):
        make_schema(sqlite_entry(tmp_path / "target.sqlite3"), settings_module=TRAP)
    assert fingerprint(source) == before


def test_code_that_opens_the_source_by_its_path_is_stopped(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAP_BY_PATH", "1")
    before = fingerprint(source)
    with pytest.raises(SchemaFailed, match=r"notes\.0002_rewrite .* live\.sqlite3 is a database of the project"):
        make_schema(sqlite_entry(tmp_path / "target.sqlite3"), settings_module=TRAP)
    assert fingerprint(source) == before


def test_the_mode_current_is_isolated_as_well(source: Path, tmp_path: Path) -> None:
    before = fingerprint(source)
    target = tmp_path / "target.sqlite3"
    result = make_schema(sqlite_entry(target), settings_module=TRAP, mode="current")
    assert fingerprint(source) == before
    assert rows(target) == []
    assert result.migrations == ()


def test_it_works_from_the_folder_of_a_manage_py_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings found only through the working directory, which is the first entry of sys.path."""
    (tmp_path / "site_settings.py").write_text(
        "SECRET_KEY = 'x'\nINSTALLED_APPS = ['diary']\nDEFAULT_AUTO_FIELD = 'django.db.models.AutoField'\n"
        "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'live.sqlite3'}}\n"
    )
    (tmp_path / "diary").mkdir()
    (tmp_path / "diary" / "__init__.py").touch()
    (tmp_path / "diary" / "models.py").write_text(
        "from django.db import models\n\nclass Page(models.Model):\n    text = models.TextField()\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    target = tmp_path / "target.sqlite3"
    made = make_schema(sqlite_entry(target), settings_module="site_settings").made
    assert "diary_page" in made
    assert not os.path.exists("live.sqlite3")
