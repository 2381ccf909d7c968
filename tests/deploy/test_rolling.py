"""Deployments under load, by the same script, nginx.conf and gunicorn.conf.py as in the containers: nobody notices."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import PROVE
from tests.deploy.rolling import (
    Host,
    Load,
    answer,
    broken_build,
    broken_migration,
    host,
    migrating,
    ports,
    register,
    slow_upload,
    until,
    until_asked,
    with_application,
    with_nginx,
)
from tests.engines import PrivateServer, start_private

DEPLOYMENTS = 10 if PROVE else 2


@pytest.fixture(scope="module")
def database() -> Iterator[PrivateServer]:
    """A server of its own, which can be stopped."""
    with start_private("postgresql") as server:
        yield server


@pytest.fixture(scope="module")
def site(database: PrivateServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host on which a first version serves."""
    with host(tmp_path_factory.mktemp("host"), database.create_database()) as made:
        first = made.deploy("deploy", str(made.version("first")))
        assert first.returncode == 0, first.stdout + first.stderr
        yield made


@pytest.mark.slow(1)
@pytest.mark.timeout(120 + 60 * DEPLOYMENTS)
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


ZONE = "limit_req_zone {key} zone=one:1m rate=1000r/s;"


@pytest.mark.slow(0.7)
def test_a_configuration_that_nginx_does_not_take_at_a_reload_costs_no_request(site: Host) -> None:
    """`nginx -t` takes it, and the reload says nothing: nginx logs it, and goes on with the old one."""
    version = with_nginx(site.version("a-zone"), ZONE.format(key="$binary_remote_addr"))
    assert site.deploy("deploy", str(version)).returncode == 0
    before = site.replicas()
    site.environment["WATCH_SECONDS"] = "4"
    with Load(site.port) as load:
        other = with_nginx(site.version("another-key"), ZONE.format(key="$request_uri"))
        done = site.deploy("deploy", str(other))
        until_asked(load, 20)
    del site.environment["WATCH_SECONDS"]
    colour = "green" if "(blue)" in site.deploy("status").stdout else "blue"
    said = f"not deployed: nginx did not take the configuration of {colour} within 4 s: its log says why\n"
    assert (done.returncode, done.stderr) == (1, said)
    assert 'uses the "$request_uri" key while previously' in (site.folder / "state/nginx.log").read_text()
    assert (load.failed, site.replicas()) == ({}, before)


@pytest.mark.slow(0.7)
def test_a_configuration_that_refuses_everybody_goes_with_its_version(site: Host) -> None:
    before = site.replicas()
    site.environment["WATCH_SECONDS"] = "2"
    done = site.deploy("deploy", str(with_nginx(site.version("refuses"), "deny all;")))
    del site.environment["WATCH_SECONDS"]
    assert done.returncode == 1
    assert done.stderr.startswith("not deployed: nginx does not serve ")
    assert (answer(site.port), site.replicas()) == (200, before)


CRASHES = """
import os
def application(environ, start_response):
    if environ["PATH_INFO"] == "/crash":
        os._exit(1)
    start_response("200 OK", [("Content-Length", "0")])
    return [b""]
"""


@pytest.mark.slow(0.5)
def test_a_request_that_ends_its_process_on_every_replica_fails_alone(site: Host) -> None:
    """nginx tries it on each, and would take each for dead, and the whole site for as long."""
    assert site.deploy("deploy", str(with_application(site, "crashes", CRASHES))).returncode == 0
    seen = [answer(site.port, path) for path in ("/crash", *["/ok"] * 20)]
    assert seen == [502, *[200] * 20]
    assert site.deploy("rollback").returncode == 0


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
    with Load(site.port) as load, slow_upload(site.port, 15) as uploaded:
        back = site.deploy("rollback")
    assert back.returncode == 0, back.stderr
    assert uploaded == [400]
    assert load.failed == {}
    assert "newest" in site.deploy("status").stdout.splitlines()[1]


DRAIN = {"drain": ["python", "manage.py", "plaza_drain"]}


@pytest.mark.slow(0.7)
def test_what_works_in_the_background_is_of_the_version_that_serves_and_does_its_work(site: Host) -> None:
    for name in ("with-a-worker", "with-the-same-worker"):
        before = site.worker("drain")
        done = site.deploy("deploy", str(site.version(name, DRAIN)))
        assert done.returncode == 0, done.stdout + done.stderr
        assert site.worker("drain") != before
        assert not before or not Path(f"/proc/{before}").exists()
    assert Path(f"/proc/{site.worker('drain')}/cwd").resolve() == site.folder / "with-the-same-worker"
    register(site.port, "ann")
    until(lambda: any("To: ann@example.org" in f.read_text() for f in site.mails.glob("*")), 30, "no mail was sent")


@pytest.mark.slow(0.7)
def test_a_worker_that_ends_brings_the_old_version_back_with_its_own_worker(site: Host) -> None:
    assert site.deploy("deploy", str(site.version("works", DRAIN))).returncode == 0
    before = site.replicas()
    with Load(site.port) as load:
        done = site.deploy("deploy", str(site.version("ends", {"drain": ["python", "-c", "raise SystemExit('no')"]})))
    assert done.returncode == 1
    assert done.stderr.startswith("not deployed: a worker has ended, see ")
    assert "no" in (site.folder / "state/worker-drain.log").read_text().splitlines()
    assert load.failed == {}
    assert site.replicas() == before
    assert Path(f"/proc/{site.worker('drain')}/cwd").resolve() == site.folder / "works"


def test_a_worker_is_known_whatever_it_becomes_and_ends_with_what_it_started(site: Host) -> None:
    """sh becomes sleep by exec; the other one stays, with a child."""
    workers = {"exec": ["sh", "-c", "exec sleep 600"], "child": ["sh", "-c", "sleep 601; true"]}
    done = site.deploy("deploy", str(site.version("commands", workers)))
    assert done.returncode == 0, done.stdout + done.stderr
    group = site.worker("child")
    site.deploy("deploy", str(site.version("no-workers")))
    assert not list((site.folder / "state").glob("worker-*.pid"))
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)


def test_what_a_worker_started_ends_also_where_it_has_ended_itself_before(site: Host) -> None:
    """As celery's pool lives on when its parent is killed."""
    workers = {"pool": ["sh", "-c", "sleep 602; true"]}
    assert site.deploy("deploy", str(site.version("pool", workers))).returncode == 0
    group = site.worker("pool")
    os.kill(group, signal.SIGKILL)
    os.killpg(group, 0)
    site.deploy("deploy", str(site.version("no-pool")))
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)


def test_a_folder_that_is_not_there_is_said_before_anything_is_done(site: Host) -> None:
    done = site.deploy("deploy", "/misspelt")
    assert (done.returncode, done.stderr) == (
        1, "not deployed: /misspelt is no folder: that of a checked-out version was expected\n",
    )  # fmt: skip


def test_a_worker_that_cannot_be_started_is_said_and_undone(site: Host) -> None:
    before = site.replicas()
    done = site.deploy("deploy", str(site.version("misspelt", {"tasks": ["celrey", "worker"]})))
    assert done.returncode == 1
    assert done.stderr == "not deployed: the worker tasks cannot be started: celrey: No such file or directory\n"
    assert site.replicas() == before


@pytest.mark.slow(0.5)
def test_a_web_server_that_is_killed_costs_no_get(site: Host) -> None:
    with Load(site.port, clients=2, methods=("GET",)) as load:
        until_asked(load, 20)
        os.killpg(site.replicas()[0], signal.SIGKILL)
        until_asked(load, 60)
    assert load.failed == {}


def test_a_process_that_has_the_number_of_one_that_is_gone_is_left_alone(site: Host) -> None:
    stranger = subprocess.Popen(["sleep", "600"], start_new_session=True)
    notes = [site.folder / f"state/{colour}-9.pid" for colour in ("blue", "green")]
    try:
        for note in notes:
            note.write_text(str(stranger.pid))
        done = site.deploy("deploy", str(site.version("after-a-restart")))
        assert done.returncode == 0, done.stderr
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait(30)
        for note in notes:
            note.unlink(missing_ok=True)


@pytest.mark.slow(0.5)
def test_a_database_that_is_restarted_is_used_again_by_the_processes_that_served_before(
    site: Host, database: PrivateServer
) -> None:
    before = site.replicas()
    with Load(site.port) as load:
        until_asked(load, 20)
        database.stop()
        while not load.got["GET 503"]:
            time.sleep(0.05)
        database.start()
        until = time.monotonic() + 20
        while time.monotonic() < until:
            seen = load.got.copy()
            until_asked(load, 40)
            if set(load.got - seen) == {"GET 200", "POST 400"}:
                break
        else:
            pytest.fail(f"it did not recover: {load.got}")
    assert site.replicas() == before


@pytest.mark.slow(0.7)
def test_eight_replicas_that_start_at_once_migrate_once(site: Host) -> None:
    ran = site.folder / "ran"
    version = migrating(site, "counting", f"open({str(ran)!r}, 'a').write('once ')")
    first = ports(16)
    eight = {"WEB_REPLICAS": "8", "BLUE_PORT": str(first[0]), "GREEN_PORT": str(first[8])}
    kept = {name: site.environment[name] for name in eight}
    site.environment |= eight
    try:
        done = site.deploy("deploy", str(version))
    finally:
        site.environment |= kept
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(site.replicas()) == 8
    assert ran.read_text() == "once "
    back = site.deploy("rollback")  # to two, of the version that does not know that migration
    assert back.returncode == 0, back.stdout + back.stderr
    assert len(site.replicas()) == 2
