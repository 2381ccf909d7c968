"""A forked command is what a fresh interpreter would have been."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forks

TELL = "import os, sys; print(sys.argv[1:], os.getcwd(), os.environ.get('COLOUR'), os.environ.get('HOME'), sys.path)"


@pytest.mark.parametrize("form", ["-c", "-m", "script"])
@pytest.mark.parametrize(
    "ending",
    ["", "; sys.exit(3)", "; sys.exit('no such thing')", "; 1 / 0", "; import warnings; warnings.warn('old')"],
)
def test_it_says_and_ends_as_a_fresh_interpreter_does(form: str, ending: str, tmp_path: Path) -> None:
    (tmp_path / "teller.py").write_text(TELL + ending)
    words = {"-c": ["-c", TELL + ending], "-m": ["-m", "teller"], "script": ["teller.py"]}[form]
    arguments = ["-W", "error", *words, "one", "--two"]
    env = {**os.environ, "COLOUR": "grün", "PYTHONPATH": str(tmp_path / "more")}
    del env["HOME"]
    forked = forks.run(arguments, cwd=tmp_path, env=env)
    fresh = subprocess.run([sys.executable, *arguments], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert (forked.returncode, forked.stdout) == (fresh.returncode, fresh.stdout)
    assert forked.stderr.splitlines()[-1:] == fresh.stderr.splitlines()[-1:]


def test_it_is_ended_when_its_time_is_over(tmp_path: Path) -> None:
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    with pytest.raises(subprocess.TimeoutExpired) as ended:
        forks.run(["-c", code], cwd=tmp_path, env=os.environ, timeout=1)
    assert not Path("/proc", str(int(ended.value.output))).exists()
