"""Which variables of the environment a project's settings read, by their source: nothing of it is run."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_READERS = {"env", "config", "getenv"}  # django-environ, python-decouple, os
_EACH = ("outgrow.databases", "databases")  # without names: every alias that has a URL
_NUMBERS = {"int", "float", "bool"}
_CASTS = {
    "str", "bool", "int", "float", "list", "tuple", "dict", "json", "url", "path", "db", "db_url", "cache", "cache_url",
    "email_url", "search_url", "bytes", "unicode",
}  # fmt: skip


_SERVICES = {"EMAIL", "MAIL", "SMTP", "BROKER", "REDIS", "CACHE", "CELERY", "AMQP", "RABBITMQ"}
_LIKE = {  # what django-environ can read as such
    "int": "0", "float": "0", "bool": "0", "json": "{}", "dict": "a=b", "db": "sqlite:////tmp/build.sqlite3",
    "db_url": "sqlite:////tmp/build.sqlite3", "cache": "dummycache://", "cache_url": "dummycache://",
    "email_url": "dummymail://", "search_url": "simple://",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Variable:
    """``required``: the settings cannot be loaded without it. ``like``: a value, where not every text can be read."""

    name: str
    required: bool = False
    like: str = ""

    def filled(self, text: str) -> str:
        """A value by which the settings can be loaded."""
        return self.like or text

    def quoted(self, text: str) -> str:
        """The same, in YAML."""
        return json.dumps(self.like) if self.like else text

    @property
    def is_secret(self) -> bool:
        words = set(self.name.upper().split("_"))
        if self.name.upper().endswith(("_URL", "_URI")) and words & _SERVICES:
            return True  # a password may be in it
        return bool(words & {"SECRET", "PASSWORD", "PASS", "TOKEN", "KEY", "DSN", "CREDENTIALS"})


def read_by(files: list[Path]) -> list[Variable]:
    """The variables in the order in which the files read them, each once."""
    found: dict[str, Variable] = {}
    for tree in _trees(files):
        own_readers = {
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and _reads_its_first(node)
        }
        for variable in _variables(tree, own_readers):
            one = found.get(variable.name, variable)
            found[one.name] = Variable(one.name, one.required or variable.required, one.like or variable.like)
    return list(found.values())


def names_urls_itself(files: list[Path]) -> bool:
    """Whether the names of the variables with URLs are made of the aliases: f"{alias}_DATABASE_URL"."""
    for node in (node for tree in _trees(files) for node in ast.walk(tree)):
        if isinstance(node, ast.Constant) and re.fullmatch(r"_DATABASE_URL|.*[{%].*DATABASE_URL", str(node.value)):
            return True
        if (
            isinstance(node, ast.Call)
            and not node.args
            and ast.unparse(node.func) in ("outgrow.databases", "databases")
        ):
            return True
    return False


def written_by(files: list[Path]) -> dict[str, object]:
    """Settings whose value stands in the source: SECRET_KEY = "…", DEBUG = True."""
    found: dict[str, object] = {}
    for tree in _trees(files):
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                found |= {target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)}
    return found


def _trees(files: list[Path]) -> Iterator[ast.Module]:
    for file in files:
        try:
            yield ast.parse(file.read_text(encoding="utf-8"))
        except (OSError, SyntaxError, ValueError):
            continue


def _variables(tree: ast.AST, own_readers: set[str]) -> Iterator[Variable]:
    cast = {
        id(node.args[0]) for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args and _casts(node.func)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and _is_environ(node.value) and (name := _text(node.slice)):
            if isinstance(node.ctx, ast.Load):
                yield Variable(name, required=True, like="0" if id(node) in cast else "")
        elif isinstance(node, ast.Call) and (implied := list(_implied(node))):
            yield from implied
        elif isinstance(node, ast.Call) and node.args and (name := _text(node.args[0])) and _reads(node, own_readers):
            number = id(node) in cast or any(_casts(one) for one in (node.func, *(k.value for k in node.keywords)))
            like = _LIKE.get(node.func.attr, "") if isinstance(node.func, ast.Attribute) else ""
            yield Variable(name, _must(node, own_readers), "0" if number else like)


def _casts(node: ast.expr) -> bool:
    """Whether it is, or is named like, the type of a number: int(…), cast=bool, env.float(…)."""
    return (isinstance(node, ast.Name) and node.id in _NUMBERS) or (
        isinstance(node, ast.Attribute) and node.attr in _NUMBERS
    )


def _reads(call: ast.Call, own_readers: set[str]) -> bool:
    function = call.func
    if isinstance(function, ast.Name):
        return function.id in _READERS | own_readers
    if isinstance(function, ast.Attribute):
        if _is_environ(function.value):
            return function.attr in ("get", "pop")
        holder = function.value.id if isinstance(function.value, ast.Name) else ""
        return function.attr == "getenv" or (holder in _READERS and function.attr in _CASTS)
    return False


def _implied(call: ast.Call) -> Iterator[Variable]:
    """What is read without being named: by env.db(), dj_database_url.config(), outgrow.databases("auth")."""
    function, said = call.func, {keyword.arg: keyword.value for keyword in call.keywords}
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        holder, name = function.value.id, function.attr
    else:
        holder, name = "outgrow", function.id if isinstance(function, ast.Name) else ""
    if holder in _READERS and name in ("db", "db_url") and not call.args and "var" not in said:
        yield Variable("DATABASE_URL", required="default" not in said)
    elif (holder, name) == ("dj_database_url", "config"):
        yield Variable(_text(said["env"]) if "env" in said else "DATABASE_URL")
    elif (holder, name) == ("outgrow", "databases"):
        yield Variable("DATABASE_URL", required="default" not in said)
        yield from (Variable(f"{alias.upper()}_DATABASE_URL") for one in call.args if (alias := _text(one)))


def _must(call: ast.Call, own_readers: set[str]) -> bool:
    function = call.func
    if isinstance(function, ast.Attribute) and (_is_environ(function.value) or function.attr == "getenv"):
        return False
    if isinstance(function, ast.Name) and function.id in own_readers | {"getenv"}:
        return False
    return len(call.args) == 1 and not any(keyword.arg == "default" for keyword in call.keywords)


def _reads_its_first(function: ast.FunctionDef) -> bool:
    """A function of the settings such as ``def number(name, default)``, which asks the environment for ``name``."""
    if not function.args.args:
        return False
    first = function.args.args[0].arg
    return any(
        isinstance(node, ast.Call)
        and node.args
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id == first
        and _reads(node, set())
        for node in ast.walk(function)
    )


def _is_environ(node: ast.expr) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "environ") or (
        isinstance(node, ast.Name) and node.id == "environ"
    )


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
