"""Columns that hold less than their field declares: shorter texts, smaller whole numbers, fewer digits.

Only what is certain: two types of one family whose limits are both written out. Other types are not compared, as
Django's own spelling of a type differs from what each server calls it, and a custom field may store anything anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.db.models import Field, Model

from outgrow.dialects.base import Column, Table

_TEXT = re.compile(r"(?:var)?char\((\d+)\)|character varying\((\d+)\)", re.IGNORECASE)
_DECIMAL = re.compile(r"(?:numeric|decimal)\((\d+), ?(\d+)\)", re.IGNORECASE)
_WHOLE = re.compile(r"(smallint|integer|bigint|smallserial|serial|bigserial)\b(?! *\[)", re.IGNORECASE)
_BYTES = {
    "tinyint": 1, "smallint": 2, "smallserial": 2, "mediumint": 3, "int": 4, "integer": 4, "serial": 4, "bigint": 8,
    "bigserial": 8,
}  # fmt: skip
_TEXTS = ("varchar", "char", "character varying", "character")


def narrower(model: type[Model], live: Table, connection: Any) -> Iterator[tuple[Field[Any, Any], Column, str]]:
    """(field, live column, the type that it should have) of the model's own table."""
    there = {column.name.lower(): column for column in live.columns}
    for field in model._meta.local_concrete_fields:
        column = there.get(str(field.column).lower())
        type_ = field.db_type(connection)
        if column is not None and type_ and not _by_default(field) and holds_less(column, type_):
            yield field, column, type_


def _by_default(field: Any) -> bool:
    """A key that nobody declared follows DEFAULT_AUTO_FIELD, for which installed packages need have no migration."""
    while getattr(field, "many_to_one", False) or getattr(field, "one_to_one", False):
        field = field.target_field
    return bool(field.primary_key and field.auto_created)


def holds_less(column: Column, declared: str) -> bool:
    """Whether a live column is too small for what a type, as Django declares it, can hold."""
    if match := _TEXT.match(declared):
        length = int(match[1] or match[2])
        return column.type in _TEXTS and column.length is not None and column.length < length
    if match := _DECIMAL.match(declared):
        digits, places = int(match[1]), int(match[2])
        if column.type not in ("numeric", "decimal") or column.precision is None or column.scale is None:
            return False
        return column.scale < places or column.precision - column.scale < digits - places
    if match := _WHOLE.match(declared):
        return column.type in _BYTES and _BYTES[column.type] < _BYTES[match[1].lower()]
    return False
