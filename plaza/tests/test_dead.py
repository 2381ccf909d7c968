"""A database that is away takes its own endpoints along and no others, and they are back when it is."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from plaza.tests.conftest import PASSWORD
from plaza.tests.doors import Door, door
from plaza.tests.serving import ROOT, Service, prepared, web_server

ALIASES = ("auth", "social", "videos", "bookings")
NEEDS = {"auth": "/api/me", "social": "/api/feed/home", "videos": "/api/me/subscriptions/videos",
         "bookings": "/api/me/bookings"}  # fmt: skip
pytestmark = pytest.mark.skipif(
    not all(f"{alias.upper()}_DATABASE_URL" in os.environ for alias in ALIASES),
    reason="where all lives in one database, all is away with it",
)


@dataclass(frozen=True)
class Plaza:
    """The service, each of its databases behind a door."""

    service: Service
    doors: dict[str, Door]
    environment: dict[str, str]

    def drain(self) -> None:
        command = [sys.executable, "manage.py", "plaza_drain", "--once"]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True, timeout=60, capture_output=True)

    def register(self, name: str) -> dict[str, str]:
        wanted = {"nickname": name, "email": f"{name}@example.org", "password": PASSWORD}
        assert self.service.send("POST", "/api/auth/register", wanted).status == 202
        return {"Authorization": f"Bearer {self.service.send('POST', '/api/auth/token', wanted).body['access']}"}


@pytest.fixture(scope="module")
def plaza(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plaza]:
    folder = tmp_path_factory.mktemp("dead")
    with ExitStack() as stack:
        urls, doors = {}, {}
        for alias in ALIASES:
            name = f"{alias.upper()}_DATABASE_URL"
            urls[name], doors[alias] = stack.enter_context(door(os.environ[name]))
        environment = prepared(folder, **urls)
        yield Plaza(stack.enter_context(web_server(folder, environment)), doors, environment)


@pytest.fixture(scope="module")
def bearer(plaza: Plaza) -> dict[str, str]:
    return plaza.register(f"u{uuid.uuid4().hex[:10]}")


def statuses(service: Service, bearer: dict[str, str]) -> dict[str, int]:
    return {alias: service.send("GET", path, **bearer).status for alias, path in NEEDS.items()}


@pytest.mark.parametrize("away", ALIASES)
def test_a_database_that_is_away_takes_its_own_endpoints_along_and_no_others(
    plaza: Plaza, bearer: dict[str, str], away: str
) -> None:
    service, everything = plaza.service, dict.fromkeys(ALIASES, 200)
    assert statuses(service, bearer) == everything
    plaza.doors[away].shut()
    try:
        for _ in range(8):  # also in processes that hold a connection which was good
            assert statuses(service, bearer) == everything | {away: 503}
        refused = service.send("GET", NEEDS[away], **bearer)
        assert (refused.headers["Retry-After"], refused.headers["Content-Type"]) == ("5", "application/problem+json")
        assert "127.0.0.1" not in str(refused.body)
        ready = service.send("GET", "/readyz")
        assert (ready.status, ready.body["status"]) == ((503, "unavailable") if away == "auth" else (200, "degraded"))
        assert {alias for alias, one in ready.body["databases"].items() if one["status"] != "ok"} == {away}
        assert service.send("GET", "/livez").status == 200
    finally:
        plaza.doors[away].open()
    assert [statuses(service, bearer) for _ in range(8)] == [everything] * 8, "no connection of before is in the way"


def test_what_a_database_was_not_told_it_is_told_when_it_is_back(plaza: Plaza) -> None:
    """Registering goes on; the message for the database that is away waits, and delays nobody else's."""
    name = f"u{uuid.uuid4().hex[:10]}"
    plaza.doors["social"].shut()
    try:
        bearer = plaza.register(name)
        plaza.drain()
        made = plaza.service.send("POST", "/api/channels", {"handle": name, "title": name}, **bearer)
        assert made.status == 201
    finally:
        plaza.doors["social"].open()
    assert plaza.service.send("GET", f"/api/profiles/{name}", **bearer).status == 404, "not told yet"
    time.sleep(2)  # a message that could not be delivered waits for a second, and longer each time
    plaza.drain()
    assert plaza.service.send("GET", f"/api/profiles/{name}", **bearer).body["nickname"] == name


def test_the_counters_of_the_others_are_counted_anew_all_the_same(plaza: Plaza) -> None:
    plaza.doors["social"].shut()
    try:
        command = [sys.executable, "manage.py", "plaza_recount"]
        done = subprocess.run(
            command, cwd=ROOT, env=plaza.environment, check=False, timeout=60, capture_output=True, text=True
        )
    finally:
        plaza.doors["social"].open()
    assert done.returncode == 1
    assert {line.partition(":")[0] for line in done.stdout.splitlines()} == {"videos", "bookings"}
    assert "social (OperationalError) could not be counted" in done.stderr
