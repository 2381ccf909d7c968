"""Finding and loading the project that the console command is for: --settings, the environment, or manage.py."""

from __future__ import annotations

import ast
import difflib
import os
import sys
from pathlib import Path

from outgrow import conf
from outgrow.errors import OutgrowError
from outgrow.masks import scrub

VARIABLE = "DJANGO_SETTINGS_MODULE"


class NoProject(OutgrowError):
    """No project was found, or it could not be loaded."""


def load(settings: str | None = None, pythonpath: str | None = None) -> None:
    """Set the project up, with one sentence if that fails."""
    manage = find_manage_py()
    folders = [pythonpath, str(manage.parent) if manage else None, os.getcwd()]
    sys.path[:0] = [f for f in folders if f and f not in sys.path]
    module = settings or os.environ.get(VARIABLE) or (named_in(manage) if manage else None)
    if not module:
        where = f"{manage} names no settings module that can be read" if manage else "no manage.py lies here or above"
        raise NoProject(f"No Django project was found ({where}): go into its folder, or give --settings MODULE.")
    try:
        conf.set_up(module)
    except OutgrowError:
        raise
    except Exception as error:
        missing = isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(f"{error.name}.")
        near = _nearest(module, manage.parent if manage else Path.cwd()) if missing else None
        cure = f"did you mean {near}?" if near else "check that its own manage.py runs in this environment."
        raise NoProject(
            f"The project's settings {module} cannot be loaded ({type(error).__name__}: {_one_line(error)}): {cure}"
        ) from error


def load_if_it_can(settings: str | None = None, pythonpath: str | None = None) -> None:
    """As :func:`load`; and without a project where there is none, or where its settings wait for URLs still to be made.

    A project that was named has to be there; and of one whose apps cannot be loaded too much is loaded already.
    """
    try:
        load(settings, pythonpath)
    except OutgrowError:
        if settings or conf.is_loaded():
            raise
        conf.set_up_alone()


def find_manage_py(start: Path | None = None) -> Path | None:
    """The nearest manage.py, here or in a folder above."""
    here = (start or Path.cwd()).resolve()
    return next((f / "manage.py" for f in (here, *here.parents) if (f / "manage.py").is_file()), None)


def named_in(manage: Path) -> str | None:
    """The settings module that a manage.py puts into the environment, if it is written out there; nothing is run."""
    try:
        tree = ast.parse(manage.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) == 2 and _text(node.args[0]) == VARIABLE:
            return _text(node.args[1])
        if isinstance(node, ast.Assign):
            targets = [t.slice for t in node.targets if isinstance(t, ast.Subscript)]
            if any(_text(t) == VARIABLE for t in targets):
                return _text(node.value)
    return None


def _nearest(module: str, folder: Path) -> str | None:
    """The settings module in the folder whose name is the most like a wrong one."""
    found = [*folder.glob("*/settings.py"), *folder.glob("*/settings/*.py"), *folder.glob("*/*/settings.py")]
    names = [".".join(file.relative_to(folder).with_suffix("").parts).removesuffix(".__init__") for file in found]
    return next(iter(difflib.get_close_matches(module, names, 1)), None)


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _one_line(error: Exception) -> str:
    return scrub(" ".join(str(error).split()))[:300]
