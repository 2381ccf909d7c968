"""JSON as a target will see it: parsed once per value for all rules about JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

SURROGATE = re.compile(r"[\ud800-\udfff]")
MOST_DIGITS = 131_072  # before the point, of PostgreSQL's numeric
UNSIGNED = 2**64


@dataclass(frozen=True, slots=True)
class Facts:
    """What one JSON text holds that somebody cannot."""

    valid: bool = True
    decoded: bool = True
    nul: bool = False
    surrogate: bool = False
    duplicates: bool = False
    inexact: bool = False  # a number that no double or 64-bit integer is
    endless: bool = False  # a number that no numeric is


@lru_cache(maxsize=4)
def look(raw: bytes) -> Facts:
    """Judge one text. Four results are kept: each rule asks for the same value in turn."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return Facts(valid=False, decoded=False)
    seen: set[str] = set()

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in items}) < len(items):
            seen.add("duplicates")
        for key, value in items:
            strings(key, value)
        return dict(items)

    def strings(*found: Any) -> None:
        for value in found:
            if isinstance(value, str):
                if "\0" in value:
                    seen.add("nul")
                if SURROGATE.search(value):
                    seen.add("surrogate")
            elif isinstance(value, list):
                strings(*value)

    def number(shown: str) -> int:
        seen.update(_number(shown))
        return 0

    def constant(shown: str) -> Any:
        raise ValueError(shown)

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_int=number, parse_float=number, parse_constant=constant)
        strings(value)
    except (ValueError, RecursionError):
        return Facts(valid=False)
    return Facts(True, True, *(name in seen for name in ("nul", "surrogate", "duplicates", "inexact", "endless")))


_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")
SHALLOW = 31  # levels that every engine reads


def depth(raw: bytes) -> int:
    """How many arrays and objects lie in each other; not counted exactly where no engine minds."""
    most = raw.count(b"[") + raw.count(b"{")
    if most <= SHALLOW:
        return most
    deepest = level = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", raw)):
        level += 1 if bracket in b"[{" else -1
        deepest = max(deepest, level)
    return deepest


def _number(shown: str) -> set[str]:
    """Which engines' numbers cannot be this one."""
    try:
        exact = Decimal(shown)
    except InvalidOperation:
        return {"inexact", "endless"}
    found = set()
    if abs(exact.adjusted()) >= MOST_DIGITS - 1 and exact:
        found.add("endless")
    whole = not any(mark in shown for mark in ".eE")
    if not (whole and -UNSIGNED // 2 <= int(exact) < UNSIGNED):
        double = float(shown)
        if double in (float("inf"), float("-inf")) or Decimal(repr(double)) != exact:
            found.add("inexact")
    return found
