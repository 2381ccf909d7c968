"""`make demo`: it moves a project to a real PostgreSQL, twice if asked, and leaves nothing running however it ends."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests import PROVE
from tests.moves.projects import ROOT
from tests.moves.venvs import python_with

ROWS = "2000"


def start(folder: Path, *options: str, python: str = sys.executable) -> subprocess.Popen[str]:
    """The demo, in a session of its own as a terminal would have it."""
    inherited = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "DATABASE_URL")}
    return subprocess.Popen(
        [python, "-m", "plaza.demo", "--folder", str(folder), "--rows", ROWS, *options], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        env={**inherited, "TMPDIR": str(folder.parent), "COLUMNS": "150"},
    )  # fmt: skip


def perform(folder: Path, *options: str, python: str = sys.executable) -> str:
    process = start(folder, *options, python=python)
    said, _ = process.communicate(timeout=280)
    assert process.returncode == 0, said
    return said


def servers() -> set[int]:
    """Process ids of every demo's PostgreSQL on this machine."""
    found = set()
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if any("outgrow-demo-" in word for word in words):
            found.add(process.pid)
    return found


def server_of(demo: subprocess.Popen[str]) -> psutil.Process:
    return next(p for p in psutil.Process(demo.pid).children() if "postgres" in p.name())


def wait_until_gone(process: psutil.Process, seconds: float = 20) -> None:
    gone, _ = psutil.wait_procs([process], timeout=seconds)
    assert gone or process.status() == psutil.STATUS_ZOMBIE, f"{process} still runs"


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What it says up to a line with these words."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"it never said {words!r}:\n{said}")


def test_it_audits_moves_verifies_and_names_the_report(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    said = perform(folder)
    assert "The audit found nothing" in said or "nothing" in said.lower()
    assert "Every row was copied and verified: source and target are equal." in said
    assert re.search(r"Source and target are equal: [\d,]+ rows", said)
    assert f"the report   {folder}/report.html" in said
    assert "outgrow audit --to" in said.splitlines()[-1]
    assert "<html" in (folder / "report.html").read_text()
    assert stat.S_IMODE((folder / "report.html").stat().st_mode) == 0o600
    assert not re.search(r"postgres:[^@\s]+@", said), "a password was shown"
    again = perform(folder)
    assert "Every row was copied and verified" in again
    assert list(tmp_path.glob("outgrow-demo-*")) == []


def test_its_dirty_project_is_refused_with_keys_and_remedies(tmp_path: Path) -> None:
    said = perform(tmp_path / "demo", "--dirty")
    assert "planted A102" in said
    assert re.search(r"A102 .*NUL", said)
    assert "make demo" in said.splitlines()[-1]


def test_nothing_is_left_after_ctrl_c(tmp_path: Path) -> None:
    process = start(tmp_path / "demo")
    read_until(process, "outgrow move")
    server = server_of(process)
    time.sleep(1)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Stopped" in said
    assert "Traceback" not in said
    wait_until_gone(server)
    assert list(Path("/tmp").glob(f"outgrow-demo-*/data/{server.pid}")) == []
    assert list(tmp_path.glob("outgrow-demo-*")) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_the_server_goes_when_the_demo_is_killed(tmp_path: Path) -> None:
    process = start(tmp_path / "demo")
    read_until(process, "outgrow audit")
    server = server_of(process)
    process.kill()
    process.communicate(timeout=60)
    wait_until_gone(server)


def test_plaza_needs_nothing_of_the_tests() -> None:
    named = re.compile(r"^\s*(from|import) tests\b", re.MULTILINE)
    assert [path for path in (ROOT / "plaza").rglob("*.py") if named.search(path.read_text())] == []


@pytest.mark.skipif(not PROVE, reason="installs a virtualenv; in `make prove`")
def test_requirements_demo_is_all_it_needs(tmp_path: Path) -> None:
    python = python_with(sys.executable, "-r", str(ROOT / "requirements" / "demo.txt"))
    assert "Every row was copied and verified" in perform(tmp_path / "demo", python=python)
