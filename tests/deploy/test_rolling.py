"""Deployments under load, by the same script, nginx.conf and gunicorn.conf.py as in the containers: nobody notices."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import PROVE
from tests.conftest import require
from tests.deploy.rolling import Host, Load, broken_build, broken_migration, host, until_asked

DEPLOYMENTS = 10 if PROVE else 2


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host on which a first version serves."""
    server = require("postgresql")
    url = server.create_database()
    with host(tmp_path_factory.mktemp("host"), url) as made:
        first = made.deploy("deploy", str(made.version("first")))
        assert first.returncode == 0, first.stdout + first.stderr
        yield made
    server.drop_database(url)


@pytest.mark.slow(1)
def test_deployments_under_load_fail_no_request(site: Host) -> None:
    with Load(site.port) as load:
        for number in range(DEPLOYMENTS):
            before = site.replicas()
            done = site.deploy("deploy", str(site.version(f"version-{number}")))
            assert done.returncode == 0, done.stdout + done.stderr
            assert not set(before) & set(site.replicas())  # the old ones are gone, the new ones serve
    assert load.failed == {}
    assert load.got["GET 200"] > 20
    assert load.got["POST 400"] > 20


@pytest.mark.slow(0.5)
def test_a_build_that_never_becomes_ready_gets_no_request_and_the_old_version_serves_on(site: Host) -> None:
    before = site.replicas()
    bad = broken_build(site)
    site.environment["READY_SECONDS"] = "6"
    with Load(site.port) as load:
        done = site.deploy("deploy", str(bad))
    site.environment["READY_SECONDS"] = "60"
    assert done.returncode == 1
    assert done.stderr.startswith(f"not deployed: {bad} did not become ready within 6 s")
    assert load.failed == {}
    assert not (bad / "asked").exists()
    assert site.replicas() == before


@pytest.mark.slow(0.5)
def test_a_migration_that_fails_leaves_the_old_version_serving(site: Host) -> None:
    before = site.replicas()
    with Load(site.port) as load:
        done = site.deploy("deploy", str(broken_migration(site)))
    assert done.returncode == 1
    assert done.stderr.startswith("not deployed: migrating failed")
    assert "this migration fails" in done.stderr
    assert load.failed == {}
    assert site.replicas() == before
    assert "failed" in site.deploy("status").stdout


@pytest.mark.slow(0.5)
def test_a_rollback_under_load_fails_no_request(site: Host, tmp_path: Path) -> None:
    done = site.deploy("deploy", str(site.version("newest")))
    assert done.returncode == 0, done.stderr
    with Load(site.port) as load:
        back = site.deploy("rollback")
    assert back.returncode == 0, back.stderr
    assert load.failed == {}
    assert "newest" in site.deploy("status").stdout.splitlines()[1]


@pytest.mark.slow(0.5)
def test_a_web_server_that_is_killed_costs_no_get(site: Host) -> None:
    with Load(site.port, clients=2, methods=("GET",)) as load:
        until_asked(load, 20)
        os.killpg(site.replicas()[0], signal.SIGKILL)
        until_asked(load, 60)
    assert load.failed == {}
