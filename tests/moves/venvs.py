"""Throw-away virtualenvs for other Pythons and Djangos, kept in the user's cache between runs."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.moves.projects import ROOT

KEPT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "outgrow-tests" / "venvs"


def interpreter(version: str) -> str:
    """The path of Python 3.N; skips, with what to install, where there is none."""
    names = [shutil.which(f"python{version}"), *_of_pyenv(version)]
    for name in filter(None, names):
        asked = "import sys, venv, ensurepip, sqlite3; print('%d.%d' % sys.version_info[:2])"
        said = subprocess.run([name, "-c", asked], capture_output=True, text=True, check=False)
        if said.returncode == 0 and said.stdout.strip() == version:
            return name
    if f"{sys.version_info[0]}.{sys.version_info[1]}" == version:
        return sys.executable
    pytest.skip(f"there is no Python {version} here; install it, or have pyenv do so")


def _of_pyenv(version: str) -> list[str]:
    """Those of pyenv, whose python3.N on PATH runs only where a project asks for it; HOME may be another's."""
    shim = shutil.which("pyenv") or shutil.which(f"python{version}")
    roots = [os.environ.get("PYENV_ROOT"), Path.home() / ".pyenv", shim and Path(shim).parent.parent]
    found = [p for root in roots if root for p in Path(root).glob(f"versions/{version}.*/bin/python")]
    return list(map(str, sorted(found)))


def python_with(python: str, *requirements: str) -> str:
    """The interpreter of a virtualenv with these requirements and this checkout; made once, then cached."""
    spelled = "\n".join([python, *requirements, *(Path(r).read_text() for r in requirements if r.endswith(".txt"))])
    folder = KEPT / hashlib.sha256(spelled.encode()).hexdigest()[:16]
    with alone(folder):
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _run(python, "-m", "venv", str(folder))
            _install(folder / "bin" / "python", [*requirements])
            (folder / "ready").touch()
        _point_at_checkout(folder)
    return str(folder / "bin" / "python")


def _install(python: Path, words: list[str]) -> None:
    """uv is quick but does not read pip's configuration; where it fails, pip has its turn."""
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        done = subprocess.run([uv, "pip", "install", "-q", "-p", python, *words], capture_output=True, check=False)
        if done.returncode == 0:
            return
    _run(str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *words)


def _point_at_checkout(folder: Path) -> None:
    """This checkout's source, with no build: a path file."""
    packages = next((folder / "lib").glob("python3.*/site-packages"))
    (packages / "outgrow_checkout.pth").write_text(f"{ROOT / 'src'}\n")


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """No other test process makes the same virtualenv now."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
