"""Within a loaded project: many declarations judged in one process."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any
from unittest import mock

import django.test.signals  # noqa: F401  (settings that are overridden take effect)
from django.core.checks import run_checks
from django.db import connections
from django.test import override_settings

Message = dict[str, Any]
ROUTER = ["outgrow.routing.Router"]


def judged(
    owners: Any,
    replicas: Any = None,
    databases: Sequence[str] | None = None,
    routers: Sequence[str] = ROUTER,
    entries: dict[str, dict[str, Any]] | None = None,
    only: Sequence[str] | None = None,
    more: dict[str, Any] | None = None,
    **settings: Any,
) -> list[Message]:
    """All that our checks say of these declarations. ``entries``: keys of DATABASES by alias; ``only``: no others.

    ``more``: further keys of OUTGROW.
    """
    outgrow = {"OWNERS": owners} if replicas is None else {"OWNERS": owners, "REPLICAS": replicas}
    settings = {"OUTGROW": {**outgrow, **(more or {})}, "DATABASE_ROUTERS": list(routers), **settings}
    with ExitStack() as stack:
        stack.enter_context(override_settings(**settings))
        for alias, entry in (entries or {}).items():
            stack.enter_context(mock.patch.dict(connections.settings[alias], entry))
        if only is not None:
            stack.enter_context(mock.patch.dict(connections.settings))
            for alias in [a for a in connections.settings if a not in only]:
                del connections.settings[alias]
        tags = ["outgrow", *(["database"] if databases else [])]
        found = run_checks(tags=tags, databases=databases)
        return [as_json(message) for message in found if message.id.startswith("outgrow.")]


def as_json(message: Any) -> Message:
    label = getattr(message.obj, "_meta", message.obj)
    return {"id": message.id, "says": message.msg, "hint": message.hint, "of": str(label), "level": message.level}
