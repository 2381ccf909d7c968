"""The four engines for every test: shared servers, fresh databases, and a list of what really ran."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import engines
from tests.engines import keeper

MakeDatabase = Callable[..., str]


def pytest_configure(config: pytest.Config) -> None:
    """Before the workers start, so that they find the keeper in their environment, and Ctrl-C not ignored: a shell's
    background job inherits that, and hands it on to every command that a test interrupts.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput"):
        keeper.ensure()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: a run is over when its last test is, and one takes as long as a third of all the others."""

    def minutes(item: pytest.Item) -> float:
        slow = item.get_closest_marker("slow")
        return float(slow.args[0]) if slow else 0.0

    items.sort(key=minutes, reverse=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        keeper.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which servers the tests really ran on."""
    terminalreporter.section("database servers")
    terminalreporter.line(f"sqlite      {sqlite3.sqlite_version} (Python's own)")
    used = keeper.used()
    for engine in engines.SERVERS:
        if engine in used:
            server = used[engine]
            terminalreporter.line(f"{engine:<11} {server.version} (from {server.origin})")
        else:
            skipped = "left out by OUTGROW_SKIP" if engines.skipped(engine) else "not used"
            terminalreporter.line(f"{engine:<11} {skipped}")


def require(engine: str) -> engines.Server:
    """The shared server; skips when OUTGROW_SKIP names it, fails with a sentence when it is missing."""
    if engines.skipped(engine):
        pytest.skip(f"OUTGROW_SKIP names {engine}")
    try:
        return engines.provide(engine)
    except (engines.EngineUnavailable, RuntimeError) as error:
        return pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def postgresql() -> engines.Server:
    return require("postgresql")


@pytest.fixture(scope="session")
def mysql() -> engines.Server:
    return require("mysql")


@pytest.fixture(scope="session")
def mariadb() -> engines.Server:
    return require("mariadb")


@pytest.fixture
def make_database(tmp_path: Path) -> Iterator[MakeDatabase]:
    """`make_database("mysql")` gives the URL of a fresh database that goes when the test ends."""
    made: list[tuple[engines.Server, str]] = []
    files = 0

    def make(engine: str, **options: str) -> str:
        nonlocal files
        if engine == "sqlite":
            files += 1
            return f"sqlite:///{tmp_path}/database{files}.sqlite3"
        server = require(engine)
        url = server.create_database(**options)
        made.append((server, url))
        return url

    yield make
    for server, url in made:
        server.drop_database(url)
