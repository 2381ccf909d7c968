"""How a project's DEBUG is switched on and off: its own expression, evaluated with each spelling of its variable.

`bool(os.environ.get("DEBUG"))` takes "0" for true, `== "True"` takes "1" for false, and `int(…)` does not load with
"False": no spelling is right for all of them.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from unittest import mock

OFF, ON = ("0", "False", "false", ""), ("1", "True", "true", "on")


def of(files: list[Path], variable: str, *, on: bool) -> str | None:
    """The first spelling that does it; None where there is none, or DEBUG is not one expression of the settings."""
    found = next(_expressions(files, variable), None)
    if found is None:
        return None
    code, names = found
    return next((said for said in (ON if on else OFF) if _is(code, names, variable, said) is on), None)


def is_read(files: list[Path], variable: str) -> bool:
    """Whether DEBUG is one expression of the settings, which reads the variable."""
    return any(True for _ in _expressions(files, variable))


def _expressions(files: list[Path], variable: str) -> Iterator[tuple[CodeType, dict[str, object]]]:
    """DEBUG = …, with the names of the module where it stands, which has been imported already."""
    for file in files:
        module = next((m for m in list(sys.modules.values()) if getattr(m, "__file__", None) == str(file)), None)
        if module is None:
            continue
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            said = _debug(node)
            if said and variable in {n.value for n in ast.walk(said) if isinstance(n, ast.Constant)}:
                yield compile(ast.Expression(said), str(file), "eval"), vars(module)


def _debug(node: ast.stmt) -> ast.expr | None:
    """What a line makes of DEBUG; None if it is about something else."""
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return None
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return node.value if any(isinstance(one, ast.Name) and one.id == "DEBUG" for one in targets) else None


def _is(code: CodeType, names: dict[str, object], variable: str, said: str) -> bool | None:
    """What DEBUG is then; None where the settings would not load."""
    with mock.patch.dict(os.environ, {variable: said}):
        try:
            return bool(eval(code, dict(names)))  # the project's own line, which its import has run before
        except Exception:  # whatever its reader raises
            return None
