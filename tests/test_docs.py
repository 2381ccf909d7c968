"""What the documentation claims of the tests can be looked up in them."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TRAPS = (ROOT / "docs" / "traps.md").read_text(encoding="utf-8")


@cache
def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_trap_stands_in_the_table_once_and_in_order() -> None:
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", TRAPS, re.MULTILINE)] == list(range(1, 85))


def test_every_named_test_exists() -> None:
    named = re.findall(r"(tests/[\w/]+\.py)::(\w+)", TRAPS)
    assert len(named) > 80
    assert [f"{file}::{name}" for file, name in named if name not in functions_of(file)] == []
