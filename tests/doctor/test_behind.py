"""What stands between: a pooler by transactions, a replica that lags or stopped, a primary that is none."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from outgrow.dialects.inspecting import Level
from outgrow.doctor import ready
from tests.doctor.conftest import PASSWORD, Account, Made, answer, examined, until
from tests.engines import Server
from tests.engines.replica import Pair
from tests.engines.replica import pair as start_pair


@contextmanager
def pooler(folder: Path, one: Account, mode: str) -> Iterator[str]:
    """The URL of a PgBouncer before the account's database."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "users").write_text(f'"{one.user}" "{PASSWORD}"\n')
    (folder / "ini").write_text(
        f"[databases]\n* = host={one.server.host} port={one.server.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nunix_socket_dir =\nauth_type = plain\nauth_file = {folder}/users\npool_mode = {mode}\n"
    )
    user = pwd.getpwnam("nobody") if os.getuid() == 0 else None  # it refuses to run as root
    for path in (folder, *folder.iterdir()) if user else ():
        shutil.chown(path, user.pw_uid)
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "pgbouncer is installed by requirements/system.sh"
    process = subprocess.Popen(
        [program, "-q", str(folder / "ini")], user=user.pw_uid if user else None, stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with closing(socket.socket()) as knocking:
                if knocking.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"postgres://{one.user}:{PASSWORD}@127.0.0.1:{port}/{one.database}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that another user can be given (pytest's own are closed to others)."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="pooler-") as name:
        yield Path(name)


def test_a_pooler_by_transactions_and_cursors_that_live_longer(postgresql: Server, account: Made, place: Path) -> None:
    with pooler(place, account(postgresql), "transaction") as url:
        said = answer(examined(url), "D402")
        assert said.level is Level.FAILED
        assert said.text.startswith(
            "A pooler gives each transaction another backend, and .iterator() keeps a cursor between"
        )
        assert said.commands == ('"DISABLE_SERVER_SIDE_CURSORS": True,',)
        settled = answer(examined(url, DISABLE_SERVER_SIDE_CURSORS=True), "D402")
        assert settled.text == "a pooler gives each transaction another backend, and the settings allow for it"


def test_a_pooler_by_sessions_is_no_trouble(postgresql: Server, account: Made, place: Path) -> None:
    with pooler(place, account(postgresql), "session") as url:
        assert answer(examined(url), "D402").level is Level.GOOD


@pytest.fixture(scope="module", params=["postgresql", "mysql", "mariadb"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    with start_pair(request.param) as found:
        yield found


def test_a_replica_that_follows(pair: Pair) -> None:
    pair.wait()
    said = answer(examined(pair.replica.url(pair.database), most_lag=10), "D701")
    assert said.text == "a replica that follows its primary"


def test_a_replica_to_which_the_settings_would_write(pair: Pair) -> None:
    pair.wait()
    found = examined(pair.replica.url(pair.database))
    if pair.engine == "postgresql":
        said = answer(found, "D701")
        assert said.level is Level.FAILED
        assert said.text.startswith("This server is a replica in recovery, and the settings would write to it")
    else:
        assert "this is a primary that follows another server as well" in [a.text for a in found]


def test_a_server_that_may_not_be_written_to_is_not_ready(pair: Pair) -> None:
    if pair.engine != "postgresql":  # whose replicas refuse every write by themselves
        pair.replica.sql("SET GLOBAL read_only = 1")
    try:
        primary, replica = ready([pair.primary.url(pair.database), pair.replica.url(pair.database)])
    finally:
        if pair.engine != "postgresql":
            pair.replica.sql("SET GLOBAL read_only = 0")
    assert primary.trouble is None
    assert replica.trouble is not None
    assert replica.trouble.id == ("D701" if pair.engine == "postgresql" else "D306")


def test_a_primary_that_the_settings_call_a_replica(pair: Pair) -> None:
    said = answer(examined(pair.primary.url(pair.database), most_lag=10), "D701")
    assert said.level is Level.FAILED
    assert said.text.startswith("The settings call this a replica, and it ")


def test_a_replica_that_has_stopped(pair: Pair) -> None:
    pair.wait()
    pair.pause()
    try:
        said = until(
            lambda: answer(examined(pair.replica.url(pair.database), most_lag=10), "D701"),
            lambda a: a.level is Level.FAILED,
        )
        assert said.level is Level.FAILED
        assert said.text.startswith(
            "The replica's replay is paused" if pair.engine == "postgresql" else "The replica has stopped applying"
        )
        pair.replica.sql(said.commands[0])
        assert (
            until(
                lambda: answer(examined(pair.replica.url(pair.database), most_lag=10), "D701"),
                lambda a: a.level is Level.GOOD,
            ).level
            is Level.GOOD
        )
    finally:
        pair.go_on()
