"""The rules as a list: ids, titles, and a place in the documentation."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from outgrow.audit import RULES
from outgrow.audit.a106_value_too_large import room_in
from outgrow.audit.a402_ambiguous_moment import windows
from outgrow.audit.json_values import look
from outgrow.audit.scan import advice
from outgrow.audit.trial import Sieve
from outgrow.lines import DOUBT

DOCS = Path(__file__).parents[2] / "docs" / "audit.md"
ROOMS = Path(__file__).parents[2] / "src" / "outgrow" / "audit"


def test_every_rule_has_its_own_file_named_after_its_id() -> None:
    files = {path.name.split("_")[0].upper() for path in ROOMS.glob("a[0-9]*.py")}
    assert files == set(RULES)


def test_every_rule_is_documented_with_its_title_and_policies() -> None:
    documented = dict(re.findall(r"^\| (A\d+) \| (.*) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
    assert set(documented) == set(RULES)
    for code, rule in RULES.items():
        title, severity, policies = (part.strip() for part in documented[code].split("|"))
        assert title == rule.title
        assert severity == str(rule.severity)
        assert policies == (", ".join(rule.policies) or "–")


def test_every_title_is_one_sentence() -> None:
    for rule in RULES.values():
        assert rule.title.endswith(".")
        assert rule.title[0].isupper()


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (b'{"a": 1}', set()),
        (b"{", {"invalid"}),
        (b"NaN", {"invalid"}),
        (b'"caf\xe9"', {"invalid", "broken"}),
        (rb'{"a": "\u0000"}', {"nul"}),
        (rb'{"\u0000": 1}', {"nul"}),
        (rb'["\\u0000"]', set()),
        (rb'["\ud83c\udf5c"]', set()),
        (rb'[["\ud83c"]]', {"surrogate"}),
        (b'{"a": 1, "a": 1}', {"duplicates"}),
        (b'[{"a": {"b": 1, "b": 2}}]', {"duplicates"}),
        (b"18446744073709551615", set()),
        (b"18446744073709551616", {"inexact"}),  # a double prints it as 18446744073709552000
        (b"123456789012345678901234567890", {"inexact"}),
        (b"10000000000000000000000", set()),
        (b"0.1", set()),
        (b"0.10000000000000000001", {"inexact"}),
        (b"1e400", {"inexact"}),
        (b"1e200000", {"inexact", "endless"}),
    ],
)
def test_it_knows_what_a_json_text_holds(text: bytes, facts: set[str]) -> None:
    found = look(text)
    names = {n for n in ("nul", "surrogate", "duplicates", "inexact", "endless") if getattr(found, n)}
    names |= set() if found.valid else {"invalid"}
    names |= set() if found.decoded else {"broken"}
    assert names == facts


@pytest.mark.parametrize(
    ("rule", "is_key", "nullable", "ends"),
    [
        ("A201", False, True, "correct the rows at the source, or choose --fix A201=null or A201=reject"),
        ("A201", False, False, "correct the rows at the source, or choose --fix A201=reject"),
        ("A102", False, False, "take the NUL bytes out at the source, or choose --fix A102=strip"),
        ("A102", True, False, "take the NUL bytes out at the source, or choose --fix A102=reject"),
        ("A402", False, True, "at the source"),
    ],
)
def test_the_advice_names_the_policies_that_the_column_allows_and_no_other(
    rule: str, is_key: bool, nullable: bool, ends: str
) -> None:
    plan = SimpleNamespace(source=SimpleNamespace(key=("id",)))
    spot: Any = SimpleNamespace(plan=plan, is_key=is_key, nullable=nullable, name="shop.name", info=None)
    found: Any = RULES[rule]
    assert advice(found, spot) == ends if "--fix" in ends else "--fix" not in advice(found, spot)


def test_a_zone_without_summer_time_has_no_doubtful_hour() -> None:
    assert windows("UTC", gaps=True) == windows("UTC", gaps=False) == ()


def test_it_knows_the_hours_that_came_twice_or_never() -> None:
    assert ("2024-03-31 02:00:00", "2024-03-31 02:59:59.999999") in windows("Europe/Berlin", gaps=True)
    assert ("2024-10-27 02:00:00", "2024-10-27 02:59:59.999999") in windows("Europe/Berlin", gaps=False)


def test_rows_that_no_target_takes_stay_out_of_a_trial() -> None:
    sieve = Sieve(holds_nul=False)
    assert sieve(b"1\ta\n2\tb\0\n3\t" + DOUBT + b"x\n4\tcaf\xe9\n5\tb\n") == b"1\ta\n5\tb\n"
    assert sieve.dropped == 3


@pytest.mark.parametrize(("packet", "room"), [(1 << 30, (1 << 30) - 65_536), (65_536, 32_768), (1024, 512)])
def test_a_small_packet_still_has_room_for_a_value(packet: int, room: int) -> None:
    assert room_in(packet) == room
