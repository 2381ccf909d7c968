"""`pytest --outgrow-rehearse`: each test that crosses fails, with pytest-django, Django's TestCase and xdist."""

from __future__ import annotations

import json
import re
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.legacy.project import Legacy

OWNERS = {"auth_db": ["auth", "contenttypes", "sessions", "admin"], "default": "*"}
TESTS = """
import pytest
from django.contrib.auth.models import User
from django.test import TestCase
from tests.rehearse.crossing import code

@pytest.mark.django_db
def test_join():
    code.shown_join()

@pytest.mark.django_db
def test_swallowed():
    try:
        code.filtering_join()
        raise ValueError
    except Exception:
        pass

@pytest.mark.django_db(transaction=True)
def test_fine():
    code.nothing.__name__
    code.many_keys() if User.objects.exists() else None

@pytest.fixture
def prepared(db):
    code.union()

def test_in_a_fixture(prepared):
    pass

@pytest.mark.django_db
def test_of_its_own_failure():
    code.subquery()
    assert 1 == 2

@pytest.mark.xfail
@pytest.mark.django_db
def test_expected_to_fail():
    raise ValueError

class OfDjango(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create(username="ann")
        code.Order.objects.create(user=cls.user)

    def test_cascade(self):
        self.user.delete()

    def test_fine(self):
        self.user.save()
"""
FAILING = {"test_join", "test_swallowed", "test_in_a_fixture", "test_of_its_own_failure", "test_cascade"}
PASSING = {"test_fine", "OfDjango::test_fine"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tested")
    (made / "test_shop.py").write_text(TESTS)
    (made / "owners.json").write_text(json.dumps(OWNERS))
    (made / "pytest.ini").write_text(
        "[pytest]\noutgrow_owners = owners.json\n"
        "addopts = -p no:cacheprovider --import-mode=importlib --no-migrations\n"
    )
    return made


def run(folder: Path, *arguments: str) -> CompletedProcess[str]:
    legacy = Legacy({"default": "sqlite:///:memory:"})
    plugin = [] if registered() else ["-p", "outgrow.pytest_plugin"]
    # a folder of its own: pytest closes the one that it shares with ours, in which servers of other users have files
    own = ["--rootdir", str(folder), "--basetemp", str(folder / "temporary")]
    return legacy.run("-m", "pytest", *plugin, "-q", "-rA", *own, str(folder), *arguments)


def registered() -> bool:
    """Whether the package is installed with its entry point, which a checkout's path alone does not give."""
    from importlib.metadata import entry_points

    return any(point.value == "outgrow.pytest_plugin" for point in entry_points(group="pytest11"))


def outcomes(done: CompletedProcess[str], word: str) -> set[str]:
    named = re.findall(rf"^{word} \S*?test_shop\.py::(\S+)", done.stdout, re.MULTILINE)
    return {name.removeprefix("OfDjango::") if name != "OfDjango::test_fine" else name for name in named}


@pytest.fixture(scope="module")
def alone(folder: Path) -> CompletedProcess[str]:
    return run(folder, "--outgrow-rehearse")


def test_each_test_that_crosses_fails_also_if_exceptions_are_swallowed(alone: CompletedProcess[str]) -> None:
    assert alone.returncode == 1, alone.stdout + alone.stderr
    assert outcomes(alone, "FAILED") == FAILING
    assert outcomes(alone, "PASSED") == PASSING
    assert "test_swallowed crosses the planned owners:" in alone.stdout
    assert "a loose reference in place of the foreign key that cascades" in alone.stdout


def test_a_test_that_fails_by_itself_keeps_its_own_reason(alone: CompletedProcess[str]) -> None:
    own = alone.stdout.partition("test_of_its_own_failure")[2]
    assert "assert 1 == 2" in own
    assert "crosses the planned owners" in own


def test_the_summary_counts_the_pairs(alone: CompletedProcess[str]) -> None:
    assert "auth_db and default: 5 crossings to cure before they can be split" in alone.stdout


def test_workers_findings_are_put_together(folder: Path, alone: CompletedProcess[str]) -> None:
    shared = run(folder, "--outgrow-rehearse", "-n2")
    assert shared.returncode == 1
    assert outcomes(shared, "FAILED") == FAILING
    for line in ("auth_db and default: 5 crossings to cure", "join  tests/rehearse/crossing/code.py"):
        assert line in shared.stdout
        assert line in alone.stdout


def test_a_recorded_list_allows_with_links_alone_and_knows_what_is_stale(folder: Path) -> None:
    allowed = folder / "allowed.json"
    option = f"--outgrow-rehearse={allowed}"
    recorded = run(folder, option, "--outgrow-record", "-n2")
    assert outcomes(recorded, "FAILED") == {"test_of_its_own_failure"}
    assert f"5 entries in {allowed}; 5 without an issue" in recorded.stdout
    entries = json.loads(allowed.read_text())
    assert all(entry["met_by"][0].startswith("test_shop.py::") for entry in entries)
    gone = {**entries[0], "where": "gone.py::f", "met_by": ["test_shop.py::test_that_was_deleted"]}
    linked = [{**entry, "issue": "https://tracker.example/7"} for entry in (*entries, gone)]

    allowed.write_text(json.dumps([entries[0], *linked[1:]]))
    some = run(folder, option, "-k", "test_join")
    assert some.returncode == 1
    assert "has no issue: put the URL of the one that solves it into the allow-list." in some.stdout
    assert "was not met any more" not in some.stdout
    assert "of the allow-list not judged: what met them did not run." in some.stdout

    allowed.write_text(json.dumps(linked))
    whole = run(folder, option, "-n2")
    assert outcomes(whole, "FAILED") == {"test_of_its_own_failure"}
    assert whole.stdout.count("was not met any more: take it off") == 1
    assert "gone.py::f was not met any more" in whole.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--outgrow-rehearse", "."), "put the tests first, or write --outgrow-rehearse=FILE."),
        (("--outgrow-rehearse", "--outgrow-record"), "--outgrow-record needs the file to write"),
        (("--outgrow-rehearse", "--outgrow-owners={}"), "--owners is dict; expected a dict of database aliases"),
    ],
)
def test_options_that_cannot_be_meant_are_said(folder: Path, arguments: tuple[str, ...], says: str) -> None:
    done = run(folder, *arguments)
    assert done.returncode == 4
    assert says in done.stderr + done.stdout
