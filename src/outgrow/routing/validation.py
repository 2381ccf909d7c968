"""Validation reads from the primary: a value is free, or a row exists, only if the primary says so.

Django asks the router for a unique check without saying what it is, so that its own methods must say it.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.db.models import ForeignKey, Model
from django.forms.forms import BaseForm

from outgrow.routing.reading import primary, state

_VALIDATE = (
    (Model, "full_clean"),
    (Model, "clean_fields"),
    (Model, "validate_unique"),
    (Model, "validate_constraints"),
    (ForeignKey, "validate"),
    (BaseForm, "full_clean"),
)


def validate_at_the_primary() -> None:
    """Let these methods of Django read from the primary from now on; only where replicas are declared."""
    for owner, name in _VALIDATE:
        method = getattr(owner, name)
        if not hasattr(method, "outgrow"):
            setattr(owner, name, _at_the_primary(method))


def _at_the_primary(method: Any) -> Any:
    @wraps(method)
    def validate(*args: Any, **kwargs: Any) -> Any:
        current = state()
        if current is None or not current.replicas:
            return method(*args, **kwargs)
        with primary():
            return method(*args, **kwargs)

    validate.outgrow = True  # type: ignore[attr-defined]
    return validate
