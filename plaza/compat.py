"""What models and migrations need to run on Django 4.2 and on 6.1 alike."""

from __future__ import annotations

import django
from django.db import models


def check(condition: models.Q, name: str) -> models.CheckConstraint:
    """A check constraint: its argument was called `check` until Django 5.1 renamed it."""
    if django.VERSION >= (5, 1):
        return models.CheckConstraint(condition=condition, name=name)
    return models.CheckConstraint(check=condition, name=name)
