"""Waiting for a server that starts and for a lock that another has: bounded, and said."""

from __future__ import annotations

import subprocess
import sys

import dj_database_url
import pytest

from outgrow.dialects import dialect_for
from tests import engines
from tests.conftest import MakeDatabase
from tests.legacy.project import ROOT
from tests.migrating.project import with_apps
from tests.migrating.test_migrate import outgrow


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"])
def test_a_server_that_is_still_starting_is_waited_for(engine: str) -> None:
    if engines.skipped(engine):
        pytest.skip(f"OUTGROW_SKIP names {engine}")
    with engines.start_private(engine) as server:
        project = with_apps({"default": server.create_database()}, None, ["contenttypes"], [])
        server.stop()
        refused = outgrow(project, "--wait", "1")
        assert refused.returncode == 2
        assert "default: waiting up to 1 s for the server" in refused.stderr
        assert "does not answer, nothing listens there" in refused.stderr
        assert "(after 1 s of waiting)" in refused.stderr
        command = [sys.executable, "-m", "django", "outgrow", "migrate", "--wait", "120"]
        with subprocess.Popen(
            command, cwd=ROOT, env=project.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as waiting:
            assert waiting.stderr is not None
            assert "waiting up to 120 s for the server" in waiting.stderr.readline()
            server.start()
            said, errors = waiting.communicate(timeout=120)
        assert waiting.returncode == 0, errors
        assert "1 database migrated." in said


@pytest.mark.parametrize("engine", ["sqlite", "postgresql", "mysql"])
def test_a_lock_that_is_not_given_up_in_time_is_an_error_that_says_who_has_it(
    engine: str, make_database: MakeDatabase
) -> None:
    url = make_database(engine)
    project = with_apps({"default": url}, None, ["contenttypes"], [])
    lock = dialect_for(dict(dj_database_url.parse(url))).exclusive("migrate")
    assert lock.take()
    try:
        refused = outgrow(project, "--wait", "1")
    finally:
        lock.close()
    assert refused.returncode == 1
    assert "default is being migrated by " in refused.stderr
    assert "which has not ended within 1 s" in refused.stderr
    assert "default: default is being migrated by " in refused.stderr, "it said so when it began to wait"
