"""Each database of a layout is migrated once and copied then: migrating four takes 20 s of a processor, a copy one.

A template is a migrated database that nobody writes to; SQLite's is a file.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import urlsplit

from tests import engines

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = "PLAZA_TEMPLATES"
"""The variable of the environment that names them: JSON, by the variable of their database."""


class Template(NamedTuple):
    engine: str
    url: str


def known() -> dict[str, Template]:
    """Variable → template, in a process that `python -m tests.service` started."""
    return {name: Template(*found) for name, found in json.loads(os.environ[TEMPLATES]).items()}


@contextmanager
def database(engine: str) -> Iterator[str]:
    """The URL of a new, empty database, gone afterwards; SQLite's is in memory."""
    if engine == "sqlite":
        yield "sqlite://:memory:"
        return
    url = engines.provide(engine).create_database()
    try:
        yield url
    finally:
        engines.provide(engine).drop_database(url)


@contextmanager
def templates(layout: Mapping[str, str]) -> Iterator[dict[str, Template]]:
    """A template for each variable of the layout, gone afterwards."""
    with ExitStack() as stack:
        urls = {name: stack.enter_context(_empty(engine)) for name, engine in layout.items()}
        _migrate(urls)
        yield {name: Template(engine, urls[name]) for name, engine in layout.items()}


def _migrate(urls: Mapping[str, str]) -> None:
    """All tables, as the project's own users make them."""
    others = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    environment = {**others, **urls, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "plaza.settings"}
    command = [sys.executable, "manage.py", "outgrow", "migrate"]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the templates were not migrated: {done.stdout[-2000:]}{done.stderr[-2000:]}")


@contextmanager
def copy(template: Template) -> Iterator[str]:
    """The URL of a copy on the same server, gone afterwards. Of SQLite's each process makes files of its own."""
    if template.engine == "sqlite":
        yield "sqlite://:memory:"
        return
    server, source, name = engines.provide(template.engine), name_of(template.url), f"outgrow_{secrets.token_hex(6)}"
    if template.engine == "postgresql":
        server.sql(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        url = server.url(name)
    else:
        url = server.create_database(name)
        _copy_tables(server, source, name)
    try:
        yield url
    finally:
        server.drop_database(url)


def file(template: Template, folder: Path) -> Path:
    """A copy of SQLite's template in this folder; the one that is there already stays."""
    made = folder / "plaza.sqlite3"
    if not made.exists():
        shutil.copyfile(name_of(template.url), made)
    return made


def name_of(url: str) -> str:
    """Of the database; SQLite's is a path."""
    return urlsplit(url).path[1:]


def _copy_tables(server: engines.Server, source: str, name: str) -> None:
    connection = server.connect(name)
    try:
        cursor = connection.cursor()
        cursor.execute("SET foreign_key_checks = 0")  # tables come in no order
        cursor.execute(f"SHOW FULL TABLES FROM `{source}` WHERE Table_type = 'BASE TABLE'")
        for table, _ in cursor.fetchall():
            cursor.execute(f"SHOW CREATE TABLE `{source}`.`{table}`")
            cursor.execute(cursor.fetchone()[1])
            cursor.execute(f"INSERT INTO `{table}` SELECT * FROM `{source}`.`{table}`")
    finally:
        connection.close()


@contextmanager
def _empty(engine: str) -> Iterator[str]:
    if engine != "sqlite":
        with database(engine) as url:
            yield url
        return
    with TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/plaza.sqlite3"
