"""What the documentation claims of the tests can be looked up in them."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TABLES = {"traps.md": 84, "pitfalls.md": 38}


@cache
def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def read(page: str) -> str:
    return (ROOT / "docs" / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", TABLES)
def test_everything_stands_in_its_table_once_and_in_order(page: str) -> None:
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", read(page), re.MULTILINE)] == [
        *range(1, TABLES[page] + 1)
    ]


@pytest.mark.parametrize("page", TABLES)
def test_every_named_test_exists(page: str) -> None:
    named = re.findall(r"(tests/[\w/]+\.py)::(\w+)", read(page))
    assert len(named) >= TABLES[page] - 3
    assert [f"{file}::{name}" for file, name in named if name not in functions_of(file)] == []


def test_every_pitfall_has_a_test() -> None:
    rows = [line for line in read("pitfalls.md").splitlines() if re.match(r"\| \d+ \|", line)]
    assert [row for row in rows if "::test_" not in row.rpartition("|")[0].rpartition("|")[2]] == []
