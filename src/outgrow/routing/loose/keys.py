"""A parent's key as text, as a tombstone holds it, and back as the ORM has it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

_INTEGERS = (
    "AutoField", "BigAutoField", "SmallAutoField", "IntegerField", "BigIntegerField", "SmallIntegerField",
    "PositiveIntegerField", "PositiveBigIntegerField", "PositiveSmallIntegerField",
)  # fmt: skip
_TEXTS = ("CharField", "TextField", "SlugField")
_READ: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(_INTEGERS, int),
    **dict.fromkeys(_TEXTS, str),
    "UUIDField": uuid.UUID,
    "DateField": dt.date.fromisoformat,
}


def can_be_told(field: Any) -> bool:
    """Whether every engine's text of this key is read back as exactly the key."""
    return _last(field).get_internal_type() in _READ


def is_text(field: Any) -> bool:
    """Whether two spellings of the key may be one to its database, by case, accents or spaces at the end."""
    return _last(field).get_internal_type() in _TEXTS


def from_text(field: Any, text: str, connection: Any) -> Any:
    """The key that an engine wrote as ``text``; raises ValueError for what is no such key."""
    last = _last(field)
    value = _READ[last.get_internal_type()](text)
    convert = getattr(last, "from_db_value", None)  # a field of the project's own
    return convert(value, None, connection) if convert else value


def to_text(field: Any, value: Any) -> str:
    """The text that :func:`from_text` reads."""
    return str(_last(field).get_prep_value(value))


def _last(field: Any) -> Any:
    """Where a key is itself a reference, the key that it refers to in the end."""
    while field.remote_field is not None:
        field = field.target_field
    return field
