"""Commands of tests in processes of their own, forked from one in which Django and outgrow are imported already.

A fresh interpreter spends a quarter of a second on imports before its command does anything, and a run of the tests
starts more than a thousand of them. Each command still has its own process, environment, folder, arguments and output;
what is shared is only code that was read from disk. Whoever tests how the program starts uses `subprocess`.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

BEFOREHAND = [
    "django.core.management", "django.core.management.commands.migrate", "django.db.models", "django.db.migrations",
    "django.db.backends.sqlite3.base", "django.db.backends.postgresql.base", "django.db.backends.mysql.base",
    "django.contrib.admin.options", "django.template.backends.django", "rich.progress", "dj_database_url", "psycopg",
    "outgrow.conf", "outgrow.cli", "outgrow.dialects.postgresql", "outgrow.dialects.mysql", "outgrow.dialects.sqlite",
]  # fmt: skip
READ_AT_THE_START = ("PYTHON", "LC_", "LANG")
"""Variables that an interpreter looks at once; PYTHONPATH is taken over by hand."""


def run(
    arguments: Sequence[str],
    *,
    cwd: Path | str,
    env: Mapping[str, str],
    timeout: float | None = None,
    python: str = sys.executable,
) -> subprocess.CompletedProcess[str]:
    """`python ARGUMENTS` with captured output: `-W FILTER`, if any, then `-m MODULE …`, `-c CODE …` or `SCRIPT …`."""
    other = python != sys.executable
    if other or any(env.get(name) != os.environ.get(name) for name in (*env, *os.environ) if _read_at_the_start(name)):
        return subprocess.run(
            [python, *arguments], cwd=cwd, env=env, capture_output=True, text=True, timeout=timeout, check=False
        )
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        order = (list(arguments), str(cwd), dict(env), (out.name, err.name), _plain_path())
        process = _forks().Process(target=become, args=order)
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(list(arguments), timeout or 0, out.read(), err.read())
        return subprocess.CompletedProcess(list(arguments), process.exitcode, out.read().decode(), err.read().decode())


def _read_at_the_start(name: str) -> bool:
    return name.startswith(READ_AT_THE_START) and name not in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")


@cache
def _forks() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(BEFOREHAND)
    return context


@cache
def _plain_path() -> list[str]:
    """Where a fresh interpreter looks for modules, without PYTHONPATH and the current folder."""
    said = subprocess.run(
        [sys.executable, "-I", "-c", "import sys; print(*sys.path, sep='\\n')"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return said.stdout.splitlines()


def become(arguments: list[str], cwd: str, env: dict[str, str], files: tuple[str, str], path: list[str]) -> None:
    """In the fork: what a fresh interpreter would have found, then the command."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for descriptor, file in enumerate(files, 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_APPEND), descriptor)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(cwd)
    warnings.resetwarnings()
    warnings.simplefilter("ignore")
    while arguments[0] == "-W":
        warnings._setoption(arguments[1])  # type: ignore[attr-defined]
        arguments = arguments[2:]
    named = [entry for entry in env.get("PYTHONPATH", "").split(os.pathsep) if entry]
    code = 0
    try:
        if arguments[0] == "-m":
            sys.path[:] = [cwd, *named, *path]
            sys.argv = arguments[1:]
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        elif arguments[0] == "-c":
            sys.path[:] = ["", *named, *path]
            sys.argv = ["-c", *arguments[2:]]
            exec(arguments[1], {"__name__": "__main__"})
        else:
            sys.path[:] = [str(Path(cwd, arguments[0]).parent), *named, *path]
            sys.argv = list(arguments)
            runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        code = 1
    atexit._run_exitfuncs()
    raise SystemExit(code)
