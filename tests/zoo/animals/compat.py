"""Arguments that Django renamed between 4.2 and 6.1."""

from __future__ import annotations

import django
from django.db.models import CheckConstraint, UniqueConstraint


def check(condition, name: str) -> CheckConstraint:
    """A CheckConstraint: its argument `check` became `condition` in 5.1 and left in 6.0."""
    keyword = "condition" if django.VERSION >= (5, 1) else "check"
    return CheckConstraint(**{keyword: condition, "name": name})


def unique_nulls_equal(*fields: str, name: str) -> list[UniqueConstraint]:
    """A UniqueConstraint for which two NULLs are equal, where Django (5.0) knows it."""
    if django.VERSION < (5, 0):
        return []
    return [UniqueConstraint(fields=fields, name=name, nulls_distinct=False)]
