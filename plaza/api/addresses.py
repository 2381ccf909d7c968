"""Rows as addresses name them. A number has one spelling, so that a row has one address; what names no row is a 404."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from django.db.models import QuerySet
from rest_framework import exceptions

Row = TypeVar("Row")

NUMBER = re.compile(r"[1-9][0-9]{0,18}")
LARGEST = 2**63 - 1  # that a column of any engine holds


def number_or_zero(text: str) -> int:
    """The number of a row as a body or cursor has it; 0, which no row has, where it is none."""
    found = int(text) if NUMBER.fullmatch(text) else 0
    return found if found <= LARGEST else 0


def number(text: str) -> int:
    """The number of a row as its address has it."""
    found = number_or_zero(text)
    if not found:
        raise exceptions.NotFound
    return found


def one(rows: QuerySet[Row], **by: Any) -> Row:
    """The one row that is meant."""
    found = rows.filter(**by).first()
    if found is None:
        raise exceptions.NotFound
    return found
