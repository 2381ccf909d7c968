"""What the source of a migration says about its RunPython and RunSQL; nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

KINDS = ("RunPython", "RunSQL")
_HINTS = 3  # their place among the arguments of both
_NO_QUERY = ("atomic", "on_commit")  # what they take by ``using`` is where a transaction is


@dataclass(frozen=True)
class Call:
    """One operation. ``functions`` are the code it runs as far as this file holds it; ``models`` those named there."""

    line: int
    what: str
    is_sql: bool
    hinted: bool
    acts: bool
    functions: tuple[ast.AST, ...] = ()
    function_line: int = 0
    models: frozenset[tuple[str, str]] = field(default_factory=frozenset)  # (app, model)


def calls(tree: ast.Module) -> Iterator[Call]:
    """Every RunPython(…) and RunSQL(…) of a file, in the order of its lines."""
    defined, kinds = _defined(tree), {kind: kind for kind in KINDS}
    for imported in (name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in node.names):
        if imported.name in KINDS and imported.asname:
            kinds[imported.asname] = imported.name
    for node in sorted((n for n in ast.walk(tree) if isinstance(n, ast.Call)), key=lambda n: (n.lineno, n.col_offset)):
        if kind := kinds.get(_last_name(node.func)):
            yield _call(node, kind, defined)


def _defined(tree: ast.Module) -> dict[str, ast.AST]:
    """The functions of a file wherever they stand, and other names that it gives to them."""
    found: dict[str, ast.AST] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.setdefault(node.name, node)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda | ast.Name):
            found.update({target.id: node.value for target in node.targets if isinstance(target, ast.Name)})
    return found


def guards(call: Call) -> bool:
    """Whether the code itself speaks of its database: its alias, ``using``, or a manager of one."""
    for node in (inner for function in call.functions for inner in ast.walk(function)):
        if isinstance(node, ast.Attribute) and node.attr == "alias" and _last_name(node.value) == "connection":
            return True
        if isinstance(node, ast.Call) and _last_name(node.func) in ("using", "db_manager"):
            return True
        named = node.keywords if isinstance(node, ast.Call) and _last_name(node.func) not in _NO_QUERY else []
        if any(keyword.arg == "using" for keyword in named):
            return True
    return False


def _call(node: ast.Call, kind: str, defined: dict[str, ast.AST]) -> Call:
    named = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    first = node.args[0] if node.args else named.get("sql" if kind == "RunSQL" else "code")
    hints = named.get("hints", node.args[_HINTS] if len(node.args) > _HINTS else None)
    hinted = hints is not None and not (isinstance(hints, ast.Dict) and not hints.keys) and not _is_none(hints)
    if kind == "RunSQL":
        return Call(node.lineno, "RunSQL", True, hinted, not _is_noop(first))
    functions = tuple(_reached(first, defined)) if first is not None else ()
    line = getattr(functions[0], "lineno", 0) if functions else 0
    models = frozenset(model for function in functions for model in _models(function))
    acts = not _is_noop(first) and (not functions or not all(map(_is_empty, functions)))
    what = f"RunPython({ast.unparse(first) if first is not None else ''})"
    return Call(node.lineno, what if len(what) < 80 else "RunPython", False, hinted, acts, functions, line, models)


def _reached(first: ast.expr, defined: dict[str, ast.AST]) -> list[ast.AST]:
    """The function, and those of the same file that it names, and so on."""
    found: list[ast.AST] = [first] if isinstance(first, ast.Lambda) else []
    names = [n.id for n in ast.walk(first) if isinstance(n, ast.Name)]
    while names:
        function = defined.get(name := names.pop())
        if isinstance(function, ast.Name) and function.id != name:
            defined = {other: node for other, node in defined.items() if other != name}  # a = b; b = a
            names.append(function.id)
        elif function is not None and not isinstance(function, ast.Name) and function not in found:
            found.append(function)
            names += [n.id for n in ast.walk(function) if isinstance(n, ast.Name)]
    return found


def _models(function: ast.AST) -> Iterator[tuple[str, str]]:
    """``apps.get_model("shop", "Category")`` and ``apps.get_model("shop.Category")``."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and _last_name(node.func) == "get_model":
            texts = [a.value for a in (*node.args, *(k.value for k in node.keywords)) if isinstance(a, ast.Constant)]
            words = [text for text in texts if isinstance(text, str)]
            if len(words) == 1 and words[0].count(".") == 1:
                words = words[0].split(".")
            if len(words) == 2:
                yield words[0], words[1]


def _is_noop(node: ast.expr | None) -> bool:
    if isinstance(node, ast.Constant) and node.value == "":
        return True
    if isinstance(node, ast.List | ast.Tuple) and not node.elts:
        return True
    return isinstance(node, ast.Attribute) and node.attr == "noop"


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_empty(function: ast.AST) -> bool:
    """Only a docstring, ``pass`` or a bare ``return``."""
    body = getattr(function, "body", None)
    if not isinstance(body, list):
        return isinstance(body, ast.Constant)
    return all(
        isinstance(s, ast.Pass)
        or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
        or (isinstance(s, ast.Return) and (s.value is None or isinstance(s.value, ast.Constant)))
        for s in body
    )


def _last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
