"""Values are shown by length and hash; secrets are not shown at all."""

from __future__ import annotations

import pytest

from outgrow.cli.failures import full
from outgrow.masks import mask, quiet, scrub


def test_a_value_is_its_length_and_a_hash() -> None:
    assert mask("hunter2").startswith("7 characters, #")
    assert mask(b"\xff") != mask("ÿ")
    assert mask("a") != mask("b")
    assert mask(None) == "NULL"
    assert mask("\ud800").startswith("1 character, #")


def test_a_value_is_shown_when_asked_for() -> None:
    assert mask("hunter2", show=True) == "'hunter2'"


@pytest.mark.parametrize(
    "text",
    [
        "postgres://bob:hunter2@h/db",
        "postgres://bob:hun@hunter2@h/db",
        "could not connect with password=hunter2 host=h",
        "{'PASSWORD': 'hunter2', 'HOST': 'h'}",
        'passwd: "hunter2"',
        "PGPASSWORD=hunter2 psql",
        "said hunter2 in passing",
    ],
)
def test_no_secret_survives(text: str) -> None:
    assert "hunter2" not in scrub(text, ["hunter2"] if "passing" in text else [])


def test_other_text_survives() -> None:
    assert (
        scrub("see https://example.com/page for user@example.com")
        == "see https://example.com/page for user@example.com"
    )


@pytest.mark.parametrize(
    "message",
    [
        "Duplicate entry 'joe@example.com' for key 'shop.email'",
        "DETAIL:  Key (email)=(joe@example.com) already exists.",
        'invalid input syntax for type integer: "joe@example.com"',
    ],
)
def test_what_a_driver_quotes_is_masked(message: str) -> None:
    assert "joe" not in quiet(message)
    assert "characters, #" in quiet(message)


def test_a_traceback_has_its_causes_and_no_values() -> None:
    try:
        try:
            raise ValueError("Duplicate entry 'joe'")
        except ValueError as error:
            raise RuntimeError("copying failed") from error
    except RuntimeError as error:
        text = full(error)
    assert text.index("ValueError: Duplicate entry <3 characters") < text.index("RuntimeError: copying failed")
    assert "test_masks.py" in text
    assert "Duplicate entry 'joe'" in full(error_of(), show_values=True)


def error_of() -> ValueError:
    return ValueError("Duplicate entry 'joe'")
