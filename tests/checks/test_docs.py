"""docs/checks.md has every check, in order, with the title that the code gives it."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

from outgrow.checks import ALWAYS, DECLARED, LIVE
from outgrow.checks.fault import Fault

PAGE = Path(__file__).parents[2] / "docs" / "checks.md"


def faults() -> list[Fault]:
    """Those that the modules of the checks define, by number."""
    modules = [import_module(f"outgrow.checks.{name}") for name in (*ALWAYS, *DECLARED, *LIVE, "live.looking")]
    found = {fault for module in modules for fault in vars(module).values() if isinstance(fault, Fault)}
    return sorted(found, key=lambda fault: fault.code[1:])


def test_each_id_is_given_once() -> None:
    numbers = [fault.code[1:] for fault in faults()]
    assert len(numbers) == len(set(numbers)) > 40


def test_the_page_has_a_heading_for_each_id_and_its_title() -> None:
    written = re.findall(r"^### (outgrow\.[EW]\d{3})\n\*\*(.+?)\*\*", PAGE.read_text(), re.MULTILINE)
    assert written == [(fault.id, fault.title) for fault in faults()]


def test_each_id_says_what_is_found_why_and_the_cure() -> None:
    text = PAGE.read_text()
    for section in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        body = section.split("\n## ")[0]
        assert "Cure:" in body, body
        assert len(body.split()) > 25, body
