"""What the checks said, looked through by a test."""

from __future__ import annotations

from typing import Any

Message = dict[str, Any]


def ids(found: list[Message]) -> list[str]:
    """In order and without their common name: ["E002", …]."""
    return sorted({message["id"].removeprefix("outgrow.") for message in found})


def of(found: list[Message], code: str) -> list[str]:
    """The sentences of one id."""
    return [message["says"] for message in found if message["id"] == f"outgrow.{code}"]


def one(found: list[Message], code: str) -> str:
    """The only sentence of an id."""
    said = of(found, code)
    assert len(said) == 1, found
    return said[0]


def hint(found: list[Message], code: str) -> str:
    return next(str(message["hint"]) for message in found if message["id"] == f"outgrow.{code}")
