"""`manage.py outgrow rehearse -- COMMAND`: the command as ever, then what crossed, and exit 1 unless it is allowed."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from outgrow.errors import Refused
from outgrow.rehearse import planned
from tests.legacy.project import ROOT, Legacy

OWNERS = '{"auth_db": ["auth", "contenttypes", "sessions", "admin"], "default": "*"}'
APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.messages", "outgrow", "tests.legacy.people", "tests.legacy.shop", "tests.legacy.blog",
    "tests.rehearse.crossing",
]  # fmt: skip
Done = CompletedProcess[str]


@pytest.fixture(scope="module")
def legacy(tmp_path_factory: pytest.TempPathFactory) -> Legacy:
    folder = tmp_path_factory.mktemp("command")
    made = Legacy({"default": f"sqlite:///{folder}/one.sqlite3"}, None, {"INSTALLED_APPS": APPS})
    assert made.manage("migrate", "-v0").returncode == 0
    return made


def rehearse(legacy: Legacy, options: tuple[str, ...], *wrapped: str) -> Done:
    return legacy.manage("outgrow", "rehearse", "--owners", OWNERS, *options, "--", *wrapped)


@pytest.mark.parametrize("ending", [("--exit", "3"), ("--complain",), ("--fail",)])
def test_the_command_says_and_ends_as_it_does_without(legacy: Legacy, ending: tuple[str, ...]) -> None:
    plain = legacy.manage("cross", *ending)
    rehearsed = rehearse(legacy, (), "cross", *ending)
    assert rehearsed.stdout == plain.stdout == "did 0\n"
    assert rehearsed.returncode == plain.returncode
    assert rehearsed.stderr.endswith("Nothing crosses the owners.\n")
    said = plain.stderr.splitlines()
    assert (said[0], said[-1]) == (rehearsed.stderr.splitlines()[0], rehearsed.stderr.splitlines()[-2])


def test_findings_are_told_recorded_linked_and_go_stale(legacy: Legacy, tmp_path: Path) -> None:
    allowed, report = tmp_path / "allowed.json", tmp_path / "report.json"
    found = rehearse(legacy, ("--report", str(report)), "cross", "shown_join", "both_sides", "shown_join")
    assert (found.returncode, found.stdout) == (1, "did 3\n")
    first = "auth_db and default: 2 crossings to cure before they can be split (1 join, 1 transaction)"
    assert first in found.stderr.splitlines()
    assert "join  tests/rehearse/crossing/code.py:" in found.stderr
    assert "    1. prefetch_related() instead of select_related()" in found.stderr
    written = json.loads(report.read_text())
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert written["pairs"] == [
        {"owners": ["auth_db", "default"], "findings": 2, "by_kind": {"join": 1, "transaction": 1}}
    ]
    assert [(f["kind"], f["count"], f["allowed"]) for f in written["findings"]] == [
        ("join", 2, False), ("transaction", 1, False),
    ]  # fmt: skip

    recorded = rehearse(legacy, ("--allow", str(allowed), "--record"), "cross", "shown_join", "both_sides")
    assert recorded.returncode == 0, recorded.stderr
    assert f"2 entries in {allowed}; 2 without an issue: put its URL into each." in recorded.stderr
    unlinked = rehearse(legacy, ("--allow", str(allowed)), "cross", "shown_join", "both_sides")
    assert unlinked.returncode == 1
    assert unlinked.stderr.count("has no issue: put the URL of the one that solves it into the allow-list.") == 2

    entries = json.loads(allowed.read_text())
    allowed.write_text(json.dumps([{**entry, "issue": "https://tracker.example/7"} for entry in entries]))
    clean = rehearse(legacy, ("--allow", str(allowed)), "cross", "shown_join", "both_sides")
    assert clean.returncode == 0, clean.stderr
    assert "2 crossings of them allowed by the list." in clean.stderr
    stale = rehearse(legacy, ("--allow", str(allowed)), "cross", "shown_join")
    assert stale.returncode == 1
    assert "was not met any more: take it off" in stale.stderr
    other = rehearse(legacy, ("--allow", str(allowed)), "check")
    assert other.returncode == 0, other.stderr
    assert "2 entries of the allow-list not judged: what met them did not run." in other.stderr


def test_parallel_test_processes_are_put_together_and_test_cases_blocks_do_not_count(
    legacy: Legacy, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    wrapped = ("test", "tests.rehearse.crossing", "--parallel", "2", "-v0", "--noinput")
    done = subprocess.run(  # not from the fork server, whose way of starting processes Django's runner would take over
        [sys.executable, "-m", "django", "outgrow", "rehearse", "--owners", OWNERS, "--report", str(report), "--",
         *wrapped],
        cwd=ROOT, env=legacy.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "Ran 3 tests" in done.stderr
    found = {(f["kind"], f["where"], f["count"]) for f in json.loads(report.read_text())["findings"]}
    code = "tests/rehearse/crossing/code.py"
    assert found == {("join", f"{code}::shown_join", 1), ("transaction", f"{code}::both_sides_by_savepoint", 1)}


def test_what_cannot_be_begun_is_refused_in_one_sentence_before_the_command_runs(
    legacy: Legacy, tmp_path: Path
) -> None:
    done = legacy.manage("outgrow", "rehearse", "--", "cross")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("No owners are planned: give --owners a JSON file such as")
    done = rehearse(legacy, ("--record", "--allow", str(tmp_path / "no" / "allowed.json")), "cross")
    assert (done.returncode, done.stdout) == (2, "")
    assert "its folder does not exist" in done.stderr


@pytest.mark.parametrize(
    ("owners", "says"),
    [
        ("{", "The owners in --owners are not JSON"),
        ("nowhere.json", "The owners' file nowhere.json cannot be read (No such file or directory): name a JSON file."),
        ('{"default": 5}', '--owners["default"] is 5; expected a list of names.'),
        ('{"a": ["outgrwo"], "default": "*"}', 'name the app "outgrwo", which the project does not have: did you mean'),
        ('{"a": ["outgrow.Rnu"]}', 'The owners name the model "outgrow.rnu", which the project does not have'),
    ],
)  # fmt: skip
def test_owners_that_cannot_be_read_are_said(owners: str, says: str) -> None:
    with pytest.raises(Refused) as error:
        planned(owners)
    assert says in str(error.value)
