"""The console command finds the project by itself, and says in one sentence when it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from outgrow.cli.project import named_in
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]

UNKNOWN = "has no alias 'nowhere' (it has default, server)"


def test_it_is_found_from_a_folder_below(outgrow: Run, shop: Path) -> None:
    assert UNKNOWN in outgrow("status", "--to", "nowhere", cwd=shop / "shop").stderr


def test_it_is_found_by_settings_without_manage_py(outgrow: Run, shop: Path, tmp_path: Path) -> None:
    (shop / "manage.py").unlink()
    done = outgrow("status", "--to", "nowhere", "--settings", "shop.settings")
    assert UNKNOWN in done.stderr
    done = outgrow("--settings", "shop.settings", "--pythonpath", str(shop), "status", "--to", "nowhere", cwd=tmp_path)
    assert UNKNOWN in done.stderr


def test_it_is_found_by_the_environment(outgrow: Run, shop: Path) -> None:
    (shop / "manage.py").unlink()
    assert UNKNOWN in outgrow("status", "--to", "nowhere", env={"DJANGO_SETTINGS_MODULE": "shop.settings"}).stderr


def test_the_same_command_runs_under_manage_py(manage: Run, shop: Path) -> None:
    settings = shop / "shop" / "settings.py"
    settings.write_text(settings.read_text().replace('"django.contrib.auth"]', '"django.contrib.auth", "outgrow"]'))
    done = manage("outgrow", "status", "--to", "nowhere")
    assert UNKNOWN in done.stderr
    assert done.returncode == 2


def test_the_settings_file_is_not_changed(outgrow: Run, shop: Path) -> None:
    before = (shop / "shop" / "settings.py").read_text()
    outgrow("status", "--to", "nowhere")
    assert (shop / "shop" / "settings.py").read_text() == before


def test_no_project_is_one_sentence(outgrow: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = outgrow("status", cwd=empty)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "give --settings MODULE" in done.stderr


def test_settings_that_cannot_be_loaded_are_one_sentence(outgrow: Run, shop: Path) -> None:
    (shop / "shop" / "settings.py").write_text("import not_installed_here")
    done = outgrow("status")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "No module named 'not_installed_here'" in done.stderr


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'a.b')", "a.b"),
        ("os.environ['DJANGO_SETTINGS_MODULE'] = 'a.b'", "a.b"),
        ("os.environ.setdefault('DJANGO_SETTINGS_MODULE', chosen)", None),
        ("def broken(:", None),
    ],
)
def test_manage_py_is_read_and_not_run(line: str, name: str | None, tmp_path: Path) -> None:
    file = tmp_path / "manage.py"
    file.write_text(f"raise SystemExit('was run')\n{line}\n")
    assert named_in(file) == name


@pytest.mark.parametrize("words", [["-m", "outgrow", "status"], ["manage.py", "outgrow", "status"]])
def test_ctrl_c_while_the_project_is_loaded_needs_no_traceback(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "pressed.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "pressed", "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "")


def test_ctrl_c_while_outgrow_is_imported_needs_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "xxhash.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "outgrow", "status"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (130, "")
