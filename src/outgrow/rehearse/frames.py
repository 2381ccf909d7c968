"""Where in the project a statement comes from: the innermost frame of the project's own code, across async as well."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import AsyncGeneratorType, CodeType, CoroutineType, FrameType
from typing import Any

import django
from django.db.models.deletion import Collector

from outgrow import conf

_STANDARD = tuple({os.path.realpath(sysconfig.get_paths()[name]) + os.sep for name in ("stdlib", "platstdlib")})
_SCRIPTS = os.path.realpath(sysconfig.get_paths()["scripts"])  # pytest, outgrow
_PACKAGES = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
_FRAMEWORK = tuple(os.path.dirname(os.path.realpath(f)) + os.sep for f in (django.__file__, os.path.dirname(__file__)))
_COMMANDS = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "cli") + os.sep
_UNDER_TEST = ("asgiref", "_pytest", "pluggy", "pytest_django", "xdist", "pytest_asyncio")
_HANDLER = "thread_handler"  # asgiref: runs a function of a coroutine in a thread

# What works through whole databases, each of which will have its own call: file below django/, function
_WHOLE_DATABASE = {
    ("test/testcases.py", "_fixture_setup"), ("test/testcases.py", "_fixture_teardown"),
    ("core/management/commands/flush.py", "handle"), ("core/management/commands/loaddata.py", "handle"),
    ("core/management/commands/dumpdata.py", "handle"), ("db/backends/base/creation.py", "serialize_db_to_string"),
    ("db/backends/base/creation.py", "deserialize_db_from_string"),
}  # fmt: skip
_ANYWHERE = frozenset({"check_constraints", "execute_sql_flush"})


@dataclass(frozen=True, slots=True)
class Place:
    """A line of code. ``file`` is relative to the project or to the package's folder, with forward slashes."""

    file: str
    line: int
    function: str

    @property
    def key(self) -> str:
        """Without the line, which moves whenever somebody edits the file."""
        return f"{self.file}::{self.function}"

    def __str__(self) -> str:
        return f"{self.file}:{self.line} in {self.function}"


NOWHERE = Place("(no Python code)", 0, "?")


def place() -> Place | None:
    """The innermost project frame of this call, else of a third-party package, else Django's; None where something
    works through a whole database (flush, loaddata, a test's fixtures), which is no crossing.
    """
    best: tuple[int, FrameType | None, int] = (9, None, 0)
    for frame, line in _frames(sys._getframe(1)):
        rank = _rank(frame.f_code)
        if rank == _WHOLE:
            return None
        if rank < best[0]:
            best = (rank, frame, line)
    if best[1] is None:
        return NOWHERE
    code = best[1].f_code
    return Place(_relative(code.co_filename), best[2], code.co_qualname)


def in_cascade() -> bool:
    """Whether this is the work of Django's delete(), which follows foreign keys."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code is Collector.delete.__code__:
            return True
        frame = frame.f_back
    return False


_PROJECT, _THIRD_PARTY, _DJANGO, _OTHER, _WHOLE = 0, 1, 2, 10, 11


@lru_cache(4096)
def _rank(code: CodeType) -> int:
    file = code.co_filename
    if file.startswith("<frozen"):
        return _OTHER
    if file.startswith("<"):
        return _PROJECT  # typed into a shell, or python -c
    real = os.path.realpath(file)
    if real.startswith(_FRAMEWORK):
        below = real[len(_FRAMEWORK[0]) :].replace(os.sep, "/")
        if not real.startswith(_FRAMEWORK[0]):
            return _OTHER
        whole = (below, code.co_name) in _WHOLE_DATABASE or code.co_name in _ANYWHERE
        return _WHOLE if whole else _DJANGO
    for mark in _PACKAGES:
        if mark in real:
            package = real.rpartition(mark)[2].split(os.sep)[0]
            return _OTHER if package in _UNDER_TEST else _THIRD_PARTY
    return _OTHER if real.startswith(_STANDARD) or os.path.dirname(real) == _SCRIPTS else _PROJECT


def _frames(frame: FrameType | None) -> Iterator[tuple[FrameType, int]]:
    """Outwards from this frame; from a thread that works for a coroutine first through that coroutine's frames."""
    while frame is not None and not _is_ours(frame.f_code):
        yield frame, frame.f_lineno
        if frame.f_code.co_name == _HANDLER and "task_context" in frame.f_locals:
            yield from _awaiting(frame.f_locals.get("loop"), frame.f_locals["task_context"])
        frame = frame.f_back


@lru_cache(4096)
def _is_ours(code: CodeType) -> bool:
    """Whether this is the command that runs what is rehearsed: outside of it nothing of the project is left."""
    return os.path.realpath(code.co_filename).startswith(_COMMANDS)


def _awaiting(loop: Any, context: Any) -> Iterator[tuple[FrameType, int]]:
    """The frames of the task that waits for this thread, innermost first: asgiref gives both the same list."""
    try:
        tasks = asyncio.all_tasks(loop)
    except (RuntimeError, TypeError):  # a loop that is being closed
        return
    for task in tasks:
        chain: list[FrameType] = []
        awaited: Any = task.get_coro()
        while isinstance(awaited, CoroutineType | AsyncGeneratorType):
            if isinstance(awaited, CoroutineType):
                frame, inner = awaited.cr_frame, awaited.cr_await
            else:
                frame, inner = awaited.ag_frame, awaited.ag_await
            if frame is not None:
                chain.append(frame)
            awaited = inner if isinstance(inner, CoroutineType) else _generator_of(inner)
        if any(f.f_code.co_name == "__call__" and f.f_locals.get("task_context") is context for f in chain):
            yield from ((f, f.f_lineno) for f in reversed(chain))
            return


def _generator_of(awaited: Any) -> Any:
    """The asynchronous generator whose next value is awaited: the awaitable itself does not name it."""
    return next((o for o in gc.get_referents(awaited) if isinstance(o, AsyncGeneratorType)), None)


@lru_cache(4096)
def _relative(file: str) -> str:
    if file.startswith("<"):
        return file
    real = os.path.realpath(file)
    for mark in _PACKAGES:
        if mark in real:
            return real.rpartition(mark)[2].replace(os.sep, "/")
    base = os.path.realpath(conf.base_dir())
    roots = (base, *sorted({os.path.realpath(p or os.getcwd()) for p in sys.path}, key=len))
    root = next((root for root in roots if real.startswith(root.rstrip(os.sep) + os.sep)), None)
    return os.path.relpath(real, root).replace(os.sep, "/") if root else os.path.basename(real)
