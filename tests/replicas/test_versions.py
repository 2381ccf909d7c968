"""The oldest and the newest Django: rows of replicas, and tests that leave the replica's alias out."""

from __future__ import annotations

import subprocess

import pytest

from tests.checks.test_versions import inside
from tests.legacy.project import ROOT
from tests.moves.test_versions import LIBRARY, PAIRS
from tests.moves.venvs import interpreter, python_with
from tests.replicas.conftest import MakeTwo
from tests.replicas.test_middleware import in_memory
from tests.replicas.test_rows import FOUND, OWN_READS, ROWS


@pytest.mark.parametrize("pair", PAIRS)
def test_rows_and_tests_are_the_same_on_every_django(pair: str, two: MakeTwo) -> None:
    legacy = two()
    assert inside(legacy, pair, ROWS + OWN_READS) == FOUND
    version, framework = PAIRS[pair]
    done = subprocess.run(
        [python_with(interpreter(version), framework, *LIBRARY), "-m", "django", "test", "tests.replicas.mirrored"],
        cwd=ROOT, env=in_memory(legacy, mirror=False).environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
