"""Copies of databases that were migrated once: migrating four takes 20 s of a processor, copying one a moment.

A template is a migrated database that nobody writes to; SQLite's is a file. Which there are stands in the environment,
where `python -m tests.service` has put them.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

TEMPLATES = "PLAZA_TEMPLATES"
"""The variable of the environment that names them: JSON, by the variable of their database."""


class Template(NamedTuple):
    engine: str
    url: str

    @property
    def name(self) -> str:
        """Of the database; SQLite's is a path."""
        return urlsplit(self.url).path[1:]


def known() -> dict[str, Template]:
    """Variable → template."""
    return {name: Template(*found) for name, found in json.loads(os.environ[TEMPLATES]).items()}


def copy(template: Template, cursor: Any) -> str:
    """The name of a new copy on the same server, made by any cursor there that is in no transaction."""
    name = f"outgrow_{secrets.token_hex(6)}"
    if template.engine == "postgresql":
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template.name}"')
        return name
    cursor.execute(f"CREATE DATABASE `{name}`")
    cursor.execute(f"SHOW FULL TABLES FROM `{template.name}` WHERE Table_type = 'BASE TABLE'")
    tables = [table for table, _ in cursor.fetchall()]
    cursor.execute("SET foreign_key_checks = 0")  # tables come in no order
    cursor.execute("SELECT database()")
    (before,) = cursor.fetchone()
    cursor.execute(f"USE `{name}`")
    for table in tables:
        cursor.execute(f"SHOW CREATE TABLE `{template.name}`.`{table}`")
        cursor.execute(cursor.fetchone()[1])
        cursor.execute(f"INSERT INTO `{table}` SELECT * FROM `{template.name}`.`{table}`")
    cursor.execute(f"USE `{before}`")
    cursor.execute("SET foreign_key_checks = 1")
    return name


def drop(template: Template, name: str, cursor: Any) -> None:
    """A copy, even where somebody is still connected to it."""
    if template.engine == "postgresql":
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    else:
        cursor.execute(f"DROP DATABASE `{name}`")


def file(template: Template, folder: Path) -> Path:
    """A copy of SQLite's template in this folder; the one that is there already stays."""
    made = folder / "plaza.sqlite3"
    if not made.exists():
        shutil.copyfile(template.name, made)
    return made
