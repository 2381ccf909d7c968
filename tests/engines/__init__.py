"""Real database servers for tests, benchmarks and the demo: private, on free ports, gone at the end.

`provide(engine)` gives the one server that a whole test run shares; `start_private(engine)` one
that a test may kill, pause or configure. Where a server comes from is told in `origins.py`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from tests.engines.errors import EngineUnavailable
from tests.engines.server import PrivateServer, Server

ENGINES = ("sqlite", "postgresql", "mysql", "mariadb")
SERVERS = ENGINES[1:]

__all__ = [
    "ENGINES",
    "SERVERS",
    "EngineUnavailable",
    "PrivateServer",
    "Server",
    "provide",
    "skipped",
    "start_private",
    "used",
]


def skipped(engine: str) -> bool:
    """True when OUTGROW_SKIP (a comma list) names the engine."""
    return engine in os.environ.get("OUTGROW_SKIP", "").replace(" ", "").split(",")


def provide(engine: str) -> Server:
    """The server of this engine that the whole process tree shares; started at the first call."""
    from tests.engines import keeper

    return keeper.provide(engine)


def used() -> dict[str, Server]:
    """The shared servers that this process tree has really used, by engine."""
    from tests.engines import keeper

    return keeper.used()


def start_private(engine: str, options: Mapping[str, str] | None = None, *, durable: bool = False) -> PrivateServer:
    """Start a server of one's own, for `with`; `options` are the server's own variables.

    Without `durable` a server that is killed may lose commits: nothing is synced to the disk.
    """
    from tests.engines.private import start

    return start(engine, options or {}, durable=durable)
