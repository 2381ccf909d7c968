"""Each database of a layout is migrated once, and copied for who uses it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from plaza.tests import copies
from plaza.tests.copies import Template
from tests import engines

ROOT = Path(__file__).resolve().parents[2]


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


@contextmanager
def copy(template: Template) -> Iterator[str]:
    """The URL of a copy, gone afterwards. Of SQLite's each process makes files of its own."""
    if template.engine == "sqlite":
        yield "sqlite://:memory:"
        return
    server = engines.provide(template.engine)
    with closing(server.connect()) as connection:
        name = copies.copy(template, connection.cursor())
    try:
        yield server.url(name)
    finally:
        server.drop_database(name)


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
def _empty(engine: str) -> Iterator[str]:
    if engine != "sqlite":
        with database(engine) as url:
            yield url
        return
    with TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/plaza.sqlite3"
