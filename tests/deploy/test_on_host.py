"""deploy/on_host.sh, which takes a version's files out of its image: with a `docker` that has an image as a folder."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.deploy.conftest import ROOT

DOCKER = """#!/bin/sh
case "$1" in
create) echo an-id ;;
cp) cp -RP "$IMAGE${3#an-id:/app}" "$4" && [ "${3##*/}" != "${FAILS:-}" ] ;;
compose)
    [ "$FAILS" != config ] || { echo "it is refused" >&2; exit 1; }
    cat "$3/.env" "$3/compose.prod.yaml" "$3/deploy/nginx.conf" > "$IMAGE/understood" ;;
rm) echo "$*" >> removed ;;
esac
"""
DEPLOYING = """
import os, sys, time
with open("started", "a") as file:
    file.write(" ".join(sys.argv[1:]) + "\\n")
until = time.monotonic() + 20
while os.path.exists("wait") and time.monotonic() < until:
    time.sleep(0.05)
"""


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The files of a version that is newer than the host's."""
    made = tmp_path / "image"
    (made / "deploy").mkdir(parents=True)
    (made / "deploy/link.sh").symlink_to("on_host.sh")
    shutil.copy(ROOT / "deploy/on_host.sh", made / "deploy")
    with (made / "deploy/on_host.sh").open("a") as file:
        file.write("echo 'the shell read on in the new file' >&2\n" * 100)
    (made / "compose.prod.yaml").write_text("newer")
    (made / "deploy/nginx.conf").write_text("newer")
    (made / "deploy/deploy.py").write_text(DEPLOYING)
    return made


@pytest.fixture
def command(tmp_path: Path, image: Path) -> list[str]:
    """On a host with older files, which are a step behind."""
    for folder in ("site/deploy", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "deploy/on_host.sh", tmp_path / "site/deploy")
    (tmp_path / "site/deploy/nginx.conf").write_text("older")
    (tmp_path / "site/compose.prod.yaml").write_text("older")
    (tmp_path / "site/.env").write_text("its own ")
    (tmp_path / "bin/docker").write_text(DOCKER)
    (tmp_path / "bin/docker").chmod(0o755)
    path = f"PATH={tmp_path}/bin:{os.environ['PATH']}"
    return ["env", path, f"IMAGE={image}", "sh", str(tmp_path / "site/deploy/on_host.sh"), "site@sha256:1"]


def test_the_files_of_the_image_deploy_it(tmp_path: Path, image: Path, command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "site/started").read_text() == "deploy site@sha256:1\n"
    assert (tmp_path / "site/compose.prod.yaml").read_text() == "newer"
    assert (image / "understood").read_text() == "its own newernewer"
    assert not (tmp_path / "site/.env").is_symlink()
    assert (tmp_path / "site/deploy/link.sh").resolve() == tmp_path / "site/deploy/on_host.sh"
    assert (tmp_path / "site/removed").read_text() == "rm --force an-id\n"


@pytest.mark.parametrize("fails", ["compose.prod.yaml", "deploy", "config"])
def test_what_cannot_be_taken_out_of_an_image_or_used_leaves_the_files_and_no_container(
    tmp_path: Path, command: list[str], fails: str
) -> None:
    done = subprocess.run([*command[:2], f"FAILS={fails}", *command[2:]], capture_output=True, text=True)
    assert done.returncode != 0
    site = tmp_path / "site"
    kept = [(site / file).read_text() for file in ("compose.prod.yaml", "deploy/nginx.conf")]
    assert (kept, (site / "started").exists()) == (["older", "older"], False)
    assert not (site / "deploy/deploy.py").exists()
    assert ((site / "removed").read_text(), (site / "deploy/state/next").exists()) == ("rm --force an-id\n", False)
    assert fails != "config" or done.stderr == (
        "it is refused\nnot deployed: Docker refuses compose.prod.yaml of site@sha256:1, and no file here was changed\n"
    )


def test_one_that_is_started_beside_a_rollback_changes_no_file_of_it(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "site/deploy/state").mkdir()
    with (tmp_path / "site/deploy/state/lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as deploy.py has it
        done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "not deployed: another deployment is under way: wait until it is over\n"
    assert (tmp_path / "site/compose.prod.yaml").read_text() == "older"
    assert subprocess.run(command).returncode == 0


def test_one_that_is_started_beside_another_is_refused_before_it_changes_a_file(
    tmp_path: Path, image: Path, command: list[str]
) -> None:
    """Its nginx.conf would be the one that the other is about to use."""
    (tmp_path / "site/wait").touch()
    with subprocess.Popen(command) as first:
        while not (tmp_path / "site/started").exists():
            assert first.poll() is None
            time.sleep(0.05)
        (image / "compose.prod.yaml").write_text("newest")
        second = subprocess.run(command, capture_output=True, text=True)
        (tmp_path / "site/wait").unlink()
        assert first.wait(30) == 0
    assert second.returncode == 1
    assert second.stderr == "not deployed: another deployment is under way: wait until it is over\n"
    assert (tmp_path / "site/compose.prod.yaml").read_text() == "newer"
    assert subprocess.run(command).returncode == 0, "the lock ends with its process"
    assert (tmp_path / "site/compose.prod.yaml").read_text() == "newest"
