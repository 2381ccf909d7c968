"""The driver of containers, with a `docker` that writes down what it is asked for: the order needs no engine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.deploy.conftest import ROOT

DOCKER = """#!/usr/bin/env -S python3 -IS
import os, re, sys
from pathlib import Path
site = Path(__file__).parents[1]
nginx = site / "nginx-runs"  # and the colour that it has
words = sys.argv[1:]
used = ""
if words[0] == "compose":
    used = words[words.index("-f") + 1]
    words = words[words.index("green") + 1 :]
while words and words[0] == "--env-file":
    words = words[2:]
if words[0] == "run" and words[-1] == "compose.prod.yaml":
    print(os.environ.get("OF_" + words[-2][-1], ""))  # the workers of site@sha256:1 are OF_1
if words[0] == "run" and nginx.exists() and nginx.read_text().split("-")[0] == os.environ.get("FULL"):
    sys.exit("no space left on device")
if words[0] == "inspect":
    print(os.environ.get("INSPECTED", ""))
with open(os.environ["ASKED"], "a") as file:
    file.write(" ".join(words) + "\\n")
state = os.environ.get("STATE", "running/healthy")
if words[0] == "ps":
    if "--filter" in words:
        print(os.environ.get("RUNS", ""))
    elif "--format" in words:
        print(f"{state}/False\\nexited//True\\n{state}/False")
    elif "--all" in words and words[-1] != "nginx" or (words[-1] == "nginx" and nginx.exists()):
        print("an-id")
if words[0] == "run" and words[-1] == "deploy/nginx.conf":
    print(f"# of {words[-2]}")
if words[-1] == "nginx" and words[0] == "rm":
    nginx.unlink(missing_ok=True)
if words[-1] in ("nginx", "reload") and words[0] in ("up", "exec") and os.environ.get("IGNORES") != words[-1]:
    if words[-1] == "reload":
        with open(site / "reloads", "a") as file:
            file.write(((site / "deploy/state/live/nginx.conf").read_text()).strip() + "\\n")
            file.write((site / "deploy/state/live/upstream.conf").read_text())
    nginx.write_text(re.search("return 200 ([-a-z0-9]+)", (site / "deploy/state/live/listen.conf").read_text())[1])
if words[0] == "logs":
    print("it says why")
if words[0] == "config":
    said = open(used).read() if "workers.yaml" in used else "blue\\ngreen\\ndatabase"
    print(said)
    if "refused" in said:
        sys.exit("it is refused")
if "curl" in words and nginx.exists():
    from_outside = "Host: plaza.example" in words and "X-Forwarded-Proto: https" in words
    said = nginx.read_text() if words[-1].endswith("/nginx-serves") else os.environ.get("ANSWER", "200")
    print(said if from_outside else "301")  # as many configurations have it
sys.exit(words[0] == os.environ.get("FAILS", "") or words[-1] == os.environ.get("FAILS", ""))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "site"
    (made / "bin").mkdir(parents=True)
    shutil.copytree(ROOT / "deploy", made / "deploy", ignore=shutil.ignore_patterns("state", "secrets", "__pycache__"))
    (made / "bin/docker").write_text(DOCKER)
    (made / "bin/docker").chmod(0o755)
    (made / ".env").write_text("ALLOWED_HOSTS=.plaza.example,other\nBEHIND_TLS=1\nMAX_BODY='80m'\n")
    return made


def deploy(
    folder: Path, image: str, command: str = "deploy", **variables: str
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """What came of it, and what docker was asked for."""
    asked = folder / "asked"
    asked.write_text("")
    environment = {
        **os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "ASKED": str(asked), "DRAIN_SECONDS": "0",
        "READY_SECONDS": "1", "RESOLVE_SECONDS": "0", "WATCH_SECONDS": "20", "STAY_SECONDS": "0", **variables,
    }  # fmt: skip
    words = [sys.executable, str(folder / "deploy/deploy.py"), command, *([image] if image else [])]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, umask=0o077)
    return done, asked.read_text().splitlines()


def test_a_tag_is_refused_before_anything_is_done(folder: Path) -> None:
    done, asked = deploy(folder, "site:latest")
    assert (done.returncode, asked) == (1, [])
    assert done.stderr.startswith("not deployed: site:latest names no digest")
    assert deploy(folder, "sha256:0a1b")[0].returncode == 0  # an image that was built on this host


def test_the_first_version_and_the_next(folder: Path) -> None:
    done, asked = deploy(folder, "site@sha256:1")
    assert done.returncode == 0, done.stderr
    assert [line for line in asked if not line.startswith(("ps", "exec", "config"))] == [
        "up --detach --wait --no-recreate database",
        "rm --force plaza-migration",
        "run --rm --name plaza-migration --no-deps migrate",
        "run --rm --entrypoint cat site@sha256:1 deploy/nginx.conf",
        "run --rm --entrypoint cat site@sha256:1 compose.prod.yaml",
        "up --detach --no-deps --force-recreate blue",
        "run --rm --no-deps static",
        "up --detach --no-deps --wait nginx",
    ]
    done, asked = deploy(folder, "site@sha256:2")
    assert done.returncode == 0, done.stderr
    changing = [line for line in asked if not line.startswith(("ps", "config")) and "curl" not in line]
    assert changing[5:] == [
        "up --detach --no-deps --force-recreate green",
        "run --rm --no-deps static",
        "exec -T nginx nginx -p /srv/site/ -c /etc/nginx/site/next/nginx.conf -t",
        "exec -T nginx nginx -p /srv/site/ -c /etc/nginx/site/nginx.conf -s reload",  # the new name is known then
        "exec -T nginx nginx -p /srv/site/ -c /etc/nginx/site/nginx.conf -s reload",
        "exec -T nginx sh -c grep -ls 'shutting[ ]down' /proc/[0-9]*/cmdline || true",
        "stop blue",
        "logs --no-color --tail 1000 blue",
        "rm --force blue",
    ]
    state = folder / "deploy/state"
    assert "server green:8000 resolve" in (state / "live/upstream.conf").read_text()
    assert (state / "images.env").read_text().splitlines() == [
        "BLUE_IMAGE=site@sha256:1", "GREEN_IMAGE=site@sha256:2", "NEW_IMAGE=site@sha256:2",
        "WORKER_IMAGE=site@sha256:2",
    ]  # fmt: skip
    assert (state / "live/listen.conf").read_text().splitlines()[:-1] == [
        "listen 8080;", "client_max_body_size 80m;", "set $forwarded_proto https;",
    ]  # fmt: skip
    assert any("Host: plaza.example" in line for line in asked)


RUNS = "False worker-mails true 0\nFalse worker-clock true 0"
RELOAD = "exec -T nginx nginx -p /srv/site/ -c /etc/nginx/site/nginx.conf -s reload"
WORKERS = {"OF_1": "blue\nworker-mails\nworker-clock", "INSPECTED": RUNS}


def of_workers(asked: list[str]) -> list[str]:
    """What was changed of them."""
    return [line for line in asked if line.startswith(("up", "rm")) and "worker" in line]


def worker_image(folder: Path) -> str:
    lines = (folder / "deploy/state/images.env").read_text().splitlines()
    return next(line for line in lines if line.startswith("WORKER_IMAGE="))


def test_workers_are_those_that_the_version_itself_names_once_nginx_serves_it(folder: Path) -> None:
    assert deploy(folder, "site@sha256:1", **WORKERS)[0].returncode == 0
    assert worker_image(folder) == "WORKER_IMAGE=site@sha256:1"
    beat = {**WORKERS, "OF_2": "blue\nworker-beat", "INSPECTED": "False worker-beat true 0"}
    done, asked = deploy(folder, "site@sha256:2", **beat)
    assert done.returncode == 0, done.stderr
    assert worker_image(folder) == "WORKER_IMAGE=site@sha256:2"
    assert of_workers(asked) == [
        "rm --stop --force --volumes worker-mails worker-clock", "up --detach --no-deps worker-beat",
    ]  # fmt: skip
    assert asked.index(RELOAD) < asked.index(of_workers(asked)[0]) < asked.index("stop blue")


def test_a_rollback_to_a_version_without_workers_leaves_none(folder: Path) -> None:
    of_2 = {"OF_2": WORKERS["OF_1"], "INSPECTED": RUNS}
    assert deploy(folder, "site@sha256:1")[0].returncode == 0
    assert deploy(folder, "site@sha256:2", **of_2)[0].returncode == 0
    done, asked = deploy(folder, "", command="rollback", **of_2)
    assert done.returncode == 0, done.stderr
    assert of_workers(asked) == ["rm --stop --force --volumes worker-mails worker-clock"]


@pytest.mark.parametrize(
    "inspected",
    ["False worker-mails true 1\nFalse worker-clock true 0", "False worker-clock true 0\nFalse worker-mails false 0"],
    ids=["one was started again", "one has ended"],
)
def test_a_worker_that_ends_is_named_and_the_old_version_comes_back_with_its_own(folder: Path, inspected: str) -> None:
    of_1 = {"OF_1": "blue\nworker-tasks", "INSPECTED": "False worker-tasks true 0"}
    assert deploy(folder, "site@sha256:1", **of_1)[0].returncode == 0
    done, asked = deploy(folder, "site@sha256:2", **{**of_1, "OF_2": WORKERS["OF_1"], "INSPECTED": inspected})
    state = folder / "deploy/state"
    assert done.returncode == 1
    assert done.stderr == f"not deployed: worker-mails has ended, see {state / 'workers.log'}\n"
    assert (worker_image(folder), asked.count(RELOAD)) == ("WORKER_IMAGE=site@sha256:1", 4)
    assert of_workers(asked) == [
        "rm --stop --force --volumes worker-tasks", "up --detach --no-deps worker-mails worker-clock",
        "rm --stop --force --volumes worker-mails worker-clock", "up --detach --no-deps worker-tasks",
    ]  # fmt: skip
    assert (state / "workers.log").read_text() == "it says why\n"
    assert (state / "workers.log").stat().st_mode & 0o777 == 0o600, "it may name users"


def test_a_compose_file_of_workers_that_docker_refuses_costs_no_worker(folder: Path) -> None:
    """One of an image that was built before a variable of it left .env, say."""
    assert deploy(folder, "site@sha256:1", **WORKERS)[0].returncode == 0
    done, asked = deploy(folder, "site@sha256:2", **{**WORKERS, "OF_2": "refused"})
    assert done.returncode == 1
    assert "config --services` failed: it is refused" in done.stderr
    assert asked[-1] == "rm --force green"
    assert of_workers(asked) == [  # as nginx goes back, so do they
        "rm --stop --force --volumes worker-mails worker-clock", "up --detach --no-deps worker-mails worker-clock",
    ]  # fmt: skip
    assert deploy(folder, "site@sha256:3", **WORKERS)[0].returncode == 0


def test_a_worker_may_have_replicas(folder: Path) -> None:
    twice = {**WORKERS, "INSPECTED": f"{RUNS}\nFalse worker-mails true 0"}
    assert deploy(folder, "site@sha256:1", **twice)[0].returncode == 0


def test_the_runbooks_commands_for_workers_are_about_those_that_run(folder: Path) -> None:
    docker = '#!/bin/sh\ncase "$*" in *"config --services") cat deploy/state/workers.yaml ;; *) echo "$*" ;; esac\n'
    (folder / "bin/docker").write_text(docker)
    environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}"}
    command = ["sh", str(folder / "deploy/workers.sh"), "logs", "--tail", "5"]
    (folder / "deploy/state").mkdir()
    for services in (None, "blue\n"):
        if services:
            (folder / "deploy/state/workers.yaml").write_text(services)
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("the version that serves has no workers, or none serves")
    (folder / "deploy/state/workers.yaml").write_text("blue\nworker-mails\nworker-clock\n")
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.stdout.endswith("deploy/state/images.env logs --tail 5 worker-mails worker-clock\n"), done.stderr


def test_what_somebody_ran_once_is_no_worker_that_has_ended(folder: Path) -> None:
    once = {**WORKERS, "INSPECTED": f"True worker-mails false 0\n{RUNS}"}
    assert deploy(folder, "site@sha256:1", **once)[0].returncode == 0


def test_a_first_version_whose_workers_end_leaves_none_of_them(folder: Path) -> None:
    done, asked = deploy(folder, "site@sha256:1", **{**WORKERS, "INSPECTED": "False worker-mails false 0"})
    assert done.returncode == 1
    gone = [line for line in asked if line.startswith("rm") and "migration" not in line]
    assert gone == [
        "rm --stop --force nginx", "rm --stop --force --volumes worker-mails worker-clock", "rm --force blue",
    ]  # fmt: skip


def test_a_driver_that_is_older_than_the_script_is_said_before_anything_is_done(folder: Path) -> None:
    driver = folder / "deploy/by_compose.py"
    driver.write_text(driver.read_text().replace("def work(", "def worked("))
    done, asked = deploy(folder, "site@sha256:1")
    assert (done.returncode, asked) == (1, [])
    assert done.stderr.startswith("not deployed: by_compose.py has no `work`, which this deploy.py wants")


def test_the_runbooks_commands_run_outgrow_where_it_is_installed(folder: Path) -> None:
    """The host has Docker and Python alone."""
    text = (folder / "deploy/RUNBOOK.md").read_text()
    assert "`sh deploy/outgrow.sh doctor`" in text
    assert "`outgrow doctor" not in text
    docker = """#!/bin/sh
case "$*" in
*"--quiet blue") ;;
*"--quiet green") echo an-id ;;
*) cd inside; shift 7; echo "$1"; shift; exec "$@" ;;
esac
"""
    (folder / "bin/docker").write_text(docker)
    (folder / "bin/python").write_text('#!/bin/sh\necho "$* $RESTORED_URL"\n')
    (folder / "bin/python").chmod(0o755)
    (folder / "inside/deploy").mkdir(parents=True)
    shutil.copy(folder / "deploy/entrypoint.sh", folder / "inside/deploy")
    command = ["sh", "deploy/outgrow.sh", "verify", "--to", "env:RESTORED_URL"]
    environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "RESTORED_URL": "a secret"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["green", "-m outgrow verify --to env:RESTORED_URL a secret"], done.stderr


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"PATH": ""}, "docker cannot be started: No such file or directory: install it, or put it into PATH"),
        ({"READY_SECONDS": "2m"}, "READY_SECONDS is '2m': a number of seconds was expected, as in READY_SECONDS=120"),
        ({"DEPLOY_STATE": "/dev/null/state"}, "[Errno 20] Not a directory: '/dev/null/state/live'"),
    ],
)
def test_a_host_that_lacks_something_is_told_so_in_one_sentence(
    folder: Path, variables: dict[str, str], said: str
) -> None:
    done, _ = deploy(folder, "site@sha256:1", **variables)
    assert (done.returncode, done.stderr.startswith(f"not deployed: {said}"), done.stderr.count("\n")) == (1, True, 1)


def test_a_terminal_that_is_gone_is_no_reason_to_leave_things_half_done(folder: Path) -> None:
    """What was said to it fails from then on; the first words are read, and no more."""
    asked = folder / "asked"
    asked.write_text("")
    environment = {
        **os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "ASKED": str(asked), "ANSWER": "502",
        "DRAIN_SECONDS": "0", "WATCH_SECONDS": "1", **WORKERS,
    }  # fmt: skip
    command = [sys.executable, str(folder / "deploy/deploy.py"), "deploy", "site@sha256:1"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as started:
        assert started.stdout is not None
        assert started.stderr is not None
        started.stdout.readline()
        started.stdout.close()
        started.stderr.close()
        assert started.wait(60) == 1
    assert asked.read_text().splitlines()[-1] == "rm --force blue"
    assert not (folder / "deploy/state/under_way.json").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_deployment_that_is_stopped_undoes_itself_and_says_so(folder: Path, number: signal.Signals) -> None:
    said, asked = stopped_in(folder, "migrate", number)
    assert said == "not deployed: it was stopped by a signal\n"
    ended = ["stop plaza-migration", "stop blue", "logs --no-color --tail 1000 blue", "rm --force blue"]
    assert asked[-4:] == ended, "Docker's client alone was told to end"
    assert not (folder / "deploy/state/under_way.json").exists()


@pytest.mark.parametrize("fault", [{"FAILS": "-t"}, {"ANSWER": "502"}, {"IGNORES": "reload"}, {"FAILS": "reload"}])
def test_nginx_has_the_configuration_and_static_files_of_the_version_that_it_serves(
    folder: Path, fault: dict[str, str]
) -> None:
    """Only folders are mounted: in a container a file that is replaced on the host stays the old one."""
    assert deploy(folder, "site@sha256:1")[0].returncode == 0
    live, images = folder / "deploy/state/live/nginx.conf", folder / "deploy/state/images.env"
    done, asked = deploy(folder, "site@sha256:2", WATCH_SECONDS="1", **fault)
    assert done.returncode == 1
    assert live.read_text() == "# of site@sha256:1\n"
    went_back = fault != {"FAILS": "reload"}  # else nginx may still have the new one
    assert asked.count("run --rm --no-deps static") == 1 + went_back
    assert f"NEW_IMAGE=site@sha256:{1 if went_back else 2}" in images.read_text().splitlines()
    assert ("before it is not all back" in done.stderr) != went_back
    assert deploy(folder, "site@sha256:2")[0].returncode == 0
    assert live.read_text() == "# of site@sha256:2\n"
    assert deploy(folder, "", command="rollback")[0].returncode == 0
    assert live.read_text() == "# of site@sha256:1\n"
    assert "deploy/nginx.conf:" not in (ROOT / "compose.prod.yaml").read_text()


def test_the_new_name_is_known_to_nginx_before_requests_are_sent_there(folder: Path) -> None:
    """It accepts before it has asked for the addresses of a name that is new to it."""
    assert deploy(folder, "site@sha256:1")[0].returncode == 0
    assert deploy(folder, "site@sha256:2")[0].returncode == 0
    seen = [line.strip() for line in (folder / "reloads").read_text().splitlines()]
    one, two = "server blue:8000 resolve max_fails=0;", "server green:8000 resolve max_fails=0"
    assert [line for line in seen if line.startswith(("server", "#"))] == [
        "# of site@sha256:1", one, f"{two} down;", "# of site@sha256:2", f"{two};"
    ]  # fmt: skip


def test_a_configuration_that_nginx_does_not_take_at_a_reload_stops_nothing_that_serves(folder: Path) -> None:
    """It says so in its log alone: `nginx -t` and the reload have succeeded."""
    assert deploy(folder, "site@sha256:1")[0].returncode == 0
    done, asked = deploy(folder, "site@sha256:2", IGNORES="reload", WATCH_SECONDS="1")
    said = "not deployed: nginx did not take the configuration of green within 1 s: its log says why\n"
    assert (done.returncode, done.stderr) == (1, said)
    assert "stop blue" not in asked
    assert asked[-1] == "rm --force green"


def test_going_back_needs_no_other_container_before_nginx_has_the_old_version(folder: Path) -> None:
    """On a disk that is full Docker makes none."""
    assert deploy(folder, "site@sha256:1", **WORKERS)[0].returncode == 0
    full = {"FULL": "green", "ANSWER": "502", "WATCH_SECONDS": "1", "OF_2": WORKERS["OF_1"]}
    done, asked = deploy(folder, "site@sha256:2", **{**WORKERS, **full})
    assert done.returncode == 1
    assert (folder / "nginx-runs").read_text().startswith("blue-")
    assert (asked[-1], of_workers(asked)) == ("rm --force green", [])


def test_a_host_without_the_files_of_what_serves_takes_them_out_of_its_image(folder: Path) -> None:
    """One of before there were such files: those of the folder are the newest version's."""
    of_1 = {"OF_1": "blue\nworker-tasks", "INSPECTED": "False worker-tasks true 0"}
    assert deploy(folder, "site@sha256:1", **of_1)[0].returncode == 0
    for name in ("nginx.conf", "compose.prod.yaml"):
        (folder / f"deploy/state/blue.{name}").unlink()
    ends = {**of_1, "OF_2": WORKERS["OF_1"], "INSPECTED": "False worker-mails false 0", "FULL": "green"}
    done, asked = deploy(folder, "site@sha256:2", **ends)
    assert done.returncode == 1
    assert of_workers(asked)[-1] == "up --detach --no-deps worker-tasks"
    assert (folder / "deploy/state/live/nginx.conf").read_text() == "# of site@sha256:1\n"


def test_what_fails_before_nginx_is_asked_for_anything_has_changed_nothing(folder: Path) -> None:
    assert deploy(folder, "site@sha256:1", **WORKERS)[0].returncode == 0
    (folder / "deploy/state/live/next").write_text("where a folder is to be made")
    done, asked = deploy(folder, "site@sha256:2", **WORKERS)
    assert done.returncode == 1
    assert "before it is not all back" not in done.stderr
    assert (asked[-1], of_workers(asked), asked.count(RELOAD)) == ("rm --force green", [], 0)


def test_an_image_that_lacks_a_file_is_said_before_anything_is_started(folder: Path) -> None:
    assert deploy(folder, "site@sha256:1", **WORKERS)[0].returncode == 0
    done, asked = deploy(folder, "site@sha256:2", FAILS="deploy/nginx.conf", **WORKERS)
    assert done.returncode == 1
    assert "before it is not all back" not in done.stderr
    assert (asked[-1], of_workers(asked), asked.count(RELOAD)) == ("rm --force green", [], 0)
    assert not (folder / "deploy/state/under_way.json").exists()


@pytest.mark.parametrize("runs", ["blue", "nginx", "worker-mails"])
def test_notes_that_are_lost_cost_nothing_that_runs(folder: Path, runs: str) -> None:
    """`git clean -fdx`, say."""
    assert deploy(folder, "site@sha256:1")[0].returncode == 0
    shutil.rmtree(folder / "deploy/state")
    done, asked = deploy(folder, "site@sha256:2", RUNS=runs)
    assert done.returncode == 1
    assert "does not say which version is served" in done.stderr
    assert {line.split()[0] for line in asked} == {"ps"}


def test_logs_that_docker_cannot_read_do_not_keep_the_next_version_from_serving(folder: Path) -> None:
    """As after the power was cut."""
    assert deploy(folder, "site@sha256:1", **WORKERS)[0].returncode == 0
    done, asked = deploy(folder, "site@sha256:2", **{**WORKERS, "OF_2": WORKERS["OF_1"], "FAILS": "logs"})
    assert (done.returncode, done.stderr) == (0, "")
    assert asked[-1] == "rm --force blue"


def test_a_worker_that_is_gone_before_it_is_looked_at_is_looked_for_again(folder: Path) -> None:
    done, asked = deploy(folder, "site@sha256:1", **{**WORKERS, "FAILS": "inspect"})
    assert done.returncode == 1
    assert done.stderr.startswith("not deployed: a worker of the new version does not stay up within 1 s")
    assert len([line for line in asked if line.startswith("inspect")]) > 1


def test_a_deployment_that_is_stopped_while_an_old_migration_is_removed_begins_no_new_one(folder: Path) -> None:
    said, asked = stopped_in(folder, "plaza-migration", signal.SIGTERM)
    assert said == "not deployed: it was stopped by a signal\n"
    assert not [line for line in asked if line.startswith("run")]
    assert asked[-1] == "rm --force blue"


def test_a_deployment_by_nohup_outlives_its_terminal(folder: Path) -> None:
    said, _ = stopped_in(folder, "migrate", signal.SIGHUP, signal.SIG_IGN, seconds=1)
    assert said == ""
    assert '"image": "site@sha256:1"' in (folder / "deploy/state/live.json").read_text()


def stopped_in(
    folder: Path, last_word: str, number: signal.Signals, heard: signal.Handlers = signal.SIG_DFL, seconds: int = 30
) -> tuple[str, list[str]]:
    """What is said, and what docker was asked for, where a signal comes while it does something for long."""
    slow = f'if words[-1] == "{last_word}" and words[0] != "stop":\n    import time; time.sleep({seconds})\n'
    (folder / "bin/docker").write_text(DOCKER.replace('if words[0] == "logs":', f'{slow}if words[0] == "logs":'))
    asked = folder / "asked"
    asked.write_text("")
    environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "ASKED": str(asked)}
    command = [sys.executable, str(folder / "deploy/deploy.py"), "deploy", "site@sha256:1"]
    pipe = subprocess.PIPE

    def hear() -> None:  # whatever these tests were started by
        signal.signal(number, heard)

    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True, preexec_fn=hear) as started:
        while not asked.read_text().endswith(f"{last_word}\n"):
            assert started.poll() is None
            time.sleep(0.05)
        started.send_signal(number)
        _, said = started.communicate(timeout=60)
    return said, asked.read_text().splitlines()


def test_nginx_can_read_what_is_written_for_it_on_a_host_with_a_strict_umask(folder: Path) -> None:
    assert deploy(folder, "site@sha256:1")[0].returncode == 0
    live = folder / "deploy/state/live"
    assert live.stat().st_mode & 0o777 == 0o755
    assert {file.stat().st_mode & 0o777 for file in live.iterdir()} == {0o644}


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"FAILS": "migrate"}, "`docker compose run --rm --name plaza-migration --no-deps migrate` failed"),
        ({"STATE": "running/starting"}, "did not become ready"),
        ({"STATE": "restarting/"}, "did not become ready"),
        ({"FAILS": "-t"}, "-t` failed"),
        ({"ANSWER": "502", "WATCH_SECONDS": "1"}, "nginx does not serve site@sha256:2"),
    ],
)
def test_what_fails_ends_the_new_colour_and_nginx_keeps_the_old_one(
    folder: Path, variables: dict[str, str], said: str
) -> None:
    assert deploy(folder, "site@sha256:1")[0].returncode == 0
    done, asked = deploy(folder, "site@sha256:2", **variables)
    assert done.returncode == 1
    assert said in done.stderr
    assert asked[-3:] == ["stop green", "logs --no-color --tail 1000 green", "rm --force green"]
    assert (folder / "deploy/state/green.log").read_text() == "it says why\n"
    assert "stop blue" not in asked
    assert "server blue:8000" in (folder / "deploy/state/live/upstream.conf").read_text()
