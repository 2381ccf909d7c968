"""Real replica pairs: paused, killed, promoted, and nobody ever misses what he wrote."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dj_database_url
import pytest

from tests import PROVE, engines
from tests.engines.replica import Pair, pair
from tests.legacy.project import BEGIN, ROOT, Legacy
from tests.replicas.test_middleware import MIDDLEWARE

PAIRS = 3_336 if PROVE else 336  # of each of three kinds while the replica is paused: 10,000 and 1,000 in all
HEALTHY = PAIRS // 24 * 8
READS = 20_000 if PROVE else 2_000
SECONDS = 20.0 if PROVE else 2.0
SETTINGS = {**MIDDLEWARE, "ROOT_URLCONF": "tests.replicas.urls"}
ALIASES = ("default", "replica")
OUTGROW = {
    "OWNERS": {"default": "*"},
    "REPLICAS": {"default": ["replica"]},
    "REPLICA_CHECK_SECONDS": 0.2,
    "REPLICA_MAX_LAG": 5,  # a busy machine lags by a second without being at fault
}


@dataclass
class Load:
    """The project's process, which does what it is told."""

    process: subprocess.Popen[str]

    def ask(self, *command: Any) -> Any:
        self.begin(*command)
        return self.end()

    def begin(self, *command: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def end(self) -> Any:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("ANSWER "):
                answer = json.loads(line.removeprefix("ANSWER "))
                assert "error" not in answer, answer
                return answer["ok"]
        raise AssertionError("the project's process has ended")

    def until(self, seconds: float, *command: Any, **wanted: Any) -> None:
        """Ask until the answer holds what is wanted."""
        end = time.monotonic() + seconds
        while not wanted.items() <= (answer := self.ask(*command)).items():
            assert time.monotonic() < end, answer
            time.sleep(0.05)


@contextmanager
def loaded(servers: Pair, *, outgrow: Any = OUTGROW) -> Iterator[Load]:
    kept = {"CONN_MAX_AGE": 600}
    databases = {
        alias: {**dj_database_url.parse(url), **kept} for alias, url in zip(ALIASES, servers.urls, strict=True)
    }
    legacy = Legacy({}, outgrow, {**SETTINGS, "DATABASES": databases})
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN + "from tests.replicas.load import serve; serve()"],
        cwd=ROOT, env=legacy.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield Load(process)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait(timeout=30)
        process.stdout.close()


@pytest.mark.slow(1.0)
@pytest.mark.parametrize("engine", engines.SERVERS)
def test_nobody_misses_his_own_writes_whatever_becomes_of_the_replica(engine: str) -> None:
    if engines.skipped(engine):
        pytest.skip(f"OUTGROW_SKIP names {engine}")
    with pair(engine) as servers:
        migrate(servers)
        primary, replica = str(servers.primary.port), str(servers.replica.port)
        with loaded(servers) as load:
            healthy(load, servers, primary, replica)
            paused(load, servers, primary)
            killed(load, servers, primary, replica)
            if engine == "postgresql":
                promoted(load, servers, primary)


def migrate(servers: Pair) -> None:
    done = Legacy({"default": servers.urls[0]}).manage("migrate", "shop", "-v0")
    assert done.returncode == 0, done.stderr
    servers.wait()


def healthy(load: Load, servers: Pair, primary: str, replica: str) -> None:
    """The replica serves at least 95 % of the reads, and those after a write as soon as it has it."""
    load.ask("write", "first")
    servers.wait()
    found = load.ask("reads", READS)
    assert found["failed"] == 0, found
    assert found["by"][replica] >= 0.95 * sum(found["by"].values()), found
    for command in ("pairs", "handed", "requests"):
        found = load.ask(command, HEALTHY)
        assert (found["stale"], found["failed"]) == (0, 0), (command, found)
        assert sum(found["by"].values()) == HEALTHY
    assert load.ask("crossing")
    found = load.ask("pairs", 40, replica)  # read on until the replica takes over, which it does when it has the write
    assert (found["stale"], found["failed"]) == (0, 0), found
    assert found["by"][replica] == 40, found


def paused(load: Load, servers: Pair, primary: str) -> None:
    """Not one stale read; and the replica leaves the pool, and returns, by itself."""
    servers.wait()
    before = load.ask("token")
    load.until(30, "lag", serves=True)
    assert load.ask("where", before) == str(servers.replica.port)
    servers.pause()
    load.ask("write", "while paused")
    assert load.ask("where", before) == primary  # an older token takes nothing back of what was written here
    late = load.ask("token")
    for command in ("pairs", "handed", "requests"):
        found = load.ask(command, PAIRS)
        assert (found["stale"], found["failed"]) == (0, 0), (command, found)
        assert set(found["by"]) == {primary}, (command, found)
    assert load.ask("where", late) == primary
    load.until(30, "lag", serves=False)
    assert load.ask("where") == primary  # nothing written by this one, but it lags too far
    servers.go_on()
    load.until(60, "lag", serves=True, lag=0.0)
    assert load.ask("where", late) == str(servers.replica.port)


def killed(load: Load, servers: Pair, primary: str, replica: str) -> None:
    """Not one failed read, and the replica is used again when it is back."""
    load.begin("reads", 0, 2 * SECONDS)
    time.sleep(SECONDS / 2)
    servers.replica.kill()
    found = load.end()
    assert (found["failed"], found["errors"]) == (0, []), found
    assert min(found["by"].get(primary, 0), found["by"].get(replica, 0)) > 10, found
    found = load.ask("pairs", 80)
    assert (found["stale"], found["failed"], set(found["by"])) == (0, 0, {primary}), found
    servers.replica.start()
    load.until(60, "lag", serves=True)
    assert load.ask("reads", 400)["by"].get(replica, 0) > 10


def promoted(load: Load, servers: Pair, primary: str) -> None:
    """A replica that has become a primary shows another history: nobody reads it."""
    late = load.ask("token")
    servers.replica.sql("SELECT pg_promote()")
    load.until(60, "lag", serves=False)
    assert (load.ask("where"), load.ask("where", late)) == (primary, primary)
