"""Sources built once, nurseries that fork movers from them, and what must be true after a fault."""

from __future__ import annotations

import fcntl
import os
import pickle
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dj_database_url
import django
import pytest
from django.conf import settings

from tests import engines, forks
from tests.conftest import MakeDatabase, require

from .driver import ROOT, Nursery, clean
from .rows import differences

if not settings.configured:
    settings.configure(USE_TZ=True, INSTALLED_APPS=["outgrow"])
    django.setup()

from outgrow.dialects import dialect_for
from outgrow.dialects.base import Table
from outgrow.schema.catalog import compare_catalog

PROJECTS = {"plaza": ("plaza.settings", "DATABASE_URL"), "shop": ("tests.faults.shop.settings", "SHOP_DATABASE_URL")}
FILLS = {"plaza": ("plaza_fill", "--rows", "20000", "--seed", "5"), "shop": ("shop_fill",)}


def django_command(project: str, url: str, *arguments: str, **environment: str) -> str:
    """A management command of a project, as its team would run it."""
    module, variable = PROJECTS[project]
    env = {**clean(), variable: url, **environment}
    done = forks.run(["-m", "django", *arguments, "--settings", module], cwd=ROOT, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[], bytes]], Path]:
    """`once("name", make)` gives a file that one of all test workers makes."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "faults"
    shared.mkdir(exist_ok=True)

    def give(name: str, make: Callable[[], bytes]) -> Path:
        file = shared / name
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                file.write_bytes(make())
        return file

    return give


@pytest.fixture(scope="session")
def source_file(once: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`source_file("plaza")`: the filled SQLite file that movers read and nobody writes."""

    def make(project: str) -> bytes:
        file = tmp_path_factory.mktemp("source") / "source.sqlite3"
        django_command(project, f"sqlite:///{file}", "migrate", "-v0")
        django_command(project, f"sqlite:///{file}", *FILLS[project])
        return file.read_bytes()

    return lambda project: once(f"{project}.sqlite3", lambda: make(project))


@pytest.fixture(scope="session")
def open_nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Nursery]]:
    """`open_nursery("shop", url)` loads a project with this source; they are closed at the end."""
    nurseries: dict[tuple[str, ...], Nursery] = {}

    def open_(project: str, url: str, **environment: str) -> Nursery:
        key = (project, url, *map(str, environment.items()))
        if key not in nurseries:
            module, variable = PROJECTS[project]
            world = {"DJANGO_SETTINGS_MODULE": module, variable: url, **environment}
            nurseries[key] = Nursery(tmp_path_factory.mktemp("nursery"), world)
        return nurseries[key]

    yield open_
    for nursery in nurseries.values():
        nursery.close()


@pytest.fixture(scope="session")
def plaza(open_nursery: Any, source_file: Any) -> Nursery:
    return open_nursery("plaza", f"sqlite:///{source_file('plaza')}")


@pytest.fixture(scope="session")
def shop(open_nursery: Any, source_file: Any) -> Nursery:
    return open_nursery("shop", f"sqlite:///{source_file('shop')}")


def catalog(url: str) -> dict[str, Table]:
    """Everything a database holds but the ledger, as its dialect describes it."""
    dialect = dialect_for(dict(dj_database_url.parse(url)))
    with dialect.connect(read_only=True) as session:
        return {name: t for name, t in dialect.tables(session).items() if not name.startswith("outgrow_")}


@pytest.fixture(scope="session")
def normal_catalog(once: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Table]]:
    """The catalog that a plain `migrate` of the project makes on this engine."""

    def make(project: str, engine: str, environment: dict[str, str]) -> bytes:
        if engine == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('normal')}/normal.sqlite3"
            django_command(project, url, "migrate", "-v0", **environment)
            return pickle.dumps(catalog(url))
        server = require(engine)
        url = server.create_database()
        try:
            django_command(project, url, "migrate", "-v0", **environment)
            return pickle.dumps(catalog(url))
        finally:
            server.drop_database(url)

    def give(project: str, engine: str, **environment: str) -> dict[str, Table]:
        name = "-".join([project, engine, *environment])
        return pickle.loads(once(f"{name}.catalog", lambda: make(project, engine, environment)).read_bytes())

    return give


Intact = Callable[..., None]


@pytest.fixture
def intact(source_file: Any, normal_catalog: Any) -> Intact:
    """After a fault: every row is there once and as it was, and the catalog is what a plain migrate makes."""

    def check(project: str, engine: str, target: str, source: str | None = None, **environment: str) -> None:
        assert differences(source or f"sqlite:///{source_file(project)}", target) == []
        assert compare_catalog(normal_catalog(project, engine, **environment), catalog(target)) == []

    return check


@pytest.fixture
def make_target(make_database: MakeDatabase) -> MakeDatabase:
    return make_database


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> random.Random:
    """Random, and told in the test's output so that a failure can be had again: OUTGROW_SEED=…"""
    seed = int(os.environ.get("OUTGROW_SEED") or random.SystemRandom().randrange(10**9))
    print(f"OUTGROW_SEED={seed} for {request.node.name}")
    return random.Random(f"{seed} {request.node.name}")


@pytest.fixture
def private(request: pytest.FixtureRequest) -> Iterator[Callable[..., engines.PrivateServer]]:
    """`private("postgresql")`: a server of the test's own, whose commits outlive a kill -9."""
    servers: list[engines.PrivateServer] = []

    def start(engine: str, options: dict[str, str] | None = None, *, durable: bool = True) -> engines.PrivateServer:
        if engines.skipped(engine):
            pytest.skip(f"OUTGROW_SKIP names {engine}")
        servers.append(engines.start_private(engine, options, durable=durable))
        return servers[-1]

    yield start
    for server in servers:
        server.destroy()
