"""Targets of each engine, and what a plain ``migrate`` makes of the same project there."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings

from tests import forks
from tests.conftest import MakeDatabase, require
from tests.engines import ENGINES

if not settings.configured:
    settings.configure(USE_TZ=True, INSTALLED_APPS=["outgrow"])
    django.setup()

from outgrow.dialects import dialect_for
from outgrow.dialects.base import Table
from outgrow.events import Event
from outgrow.places import resolve
from outgrow.schema.make import SchemaResult, make_schema

ROOT = Path(__file__).parents[2]
PYTHON_PATH = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}
URL_VARIABLES = {"plaza.settings": "DATABASE_URL", "tests.zoo.settings": "ZOO_DATABASE_URL"}


def entry_of(url: str) -> dict[str, Any]:
    """The complete DATABASES entry of a URL."""
    return dict(resolve(url, from_argv=False).settings)


@pytest.fixture(params=ENGINES, scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make_target(make_database: MakeDatabase) -> Callable[[str], dict[str, Any]]:
    """`make_target("mysql")` gives the DATABASES entry of a fresh database."""
    return lambda engine: entry_of(make_database(engine))


@pytest.fixture
def target(engine: str, make_target: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return make_target(engine)


@dataclass(frozen=True)
class Made:
    """What one call of make_schema made, for several tests to look at."""

    entry: dict[str, Any]
    result: SchemaResult
    events: list[Event]


MakeOnce = Callable[..., Made]


@pytest.fixture(scope="session")
def make_once(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeOnce]:
    """`make_once("plaza.settings", mode="current")`: that schema, made at the first call. Leave it as you found it."""
    made: dict[Any, Made] = {}
    with ExitStack() as stack:

        def make(module: str, **options: Any) -> Made:
            key = (module, json.dumps(options))
            if key not in made:
                if engine == "sqlite":
                    url = f"sqlite:///{tmp_path_factory.mktemp('schema') / 'made.sqlite3'}"
                else:
                    server = require(engine)
                    url = server.create_database()
                    stack.callback(server.drop_database, url)
                events: list[Event] = []
                entry = entry_of(url)
                result = make_schema(entry, settings_module=module, watch=events.append, **options)
                made[key] = Made(entry, result, events)
            return made[key]

        yield make


def catalog(entry: dict[str, Any]) -> dict[str, Table]:
    """Everything the database holds, as its dialect describes it."""
    dialect = dialect_for(entry)
    with dialect.connect(read_only=True) as session:
        return dialect.tables(session)


def query(entry: dict[str, Any], sql: str) -> list[tuple[Any, ...]]:
    dialect = dialect_for(entry)
    with dialect.connect() as session:
        return session.query(sql)


def execute(entry: dict[str, Any], *statements: str) -> None:
    dialect = dialect_for(entry)
    with dialect.connect() as session:
        for sql in statements:
            session.execute(sql)


def history(entry: dict[str, Any]) -> set[tuple[str, str]]:
    return {(app, name) for app, name in query(entry, "SELECT app, name FROM django_migrations")}


def project_command(module: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a management command of a project as its team would."""
    return forks.run(
        ["-m", "django", *arguments, "--settings", module],
        cwd=ROOT,
        env={**os.environ, **PYTHON_PATH, **environment},
    )


def plain_migrate(module: str, url: str) -> None:
    done = project_command(module, "migrate", "--run-syncdb", "-v", "0", **{URL_VARIABLES[module]: url})
    assert done.returncode == 0, done.stderr
