"""What the project's settings declare, read once and again when a test overrides them."""

from __future__ import annotations

from typing import Any

from django.core.signals import setting_changed

from outgrow import conf
from outgrow.routing.owners import Owners

_UNREAD = object()
_declared: Any = _UNREAD


def declared() -> Owners | None:
    """The owners of ``settings.OUTGROW``; None where it declares none."""
    global _declared
    if _declared is _UNREAD:
        owners, replicas = conf.routes()
        _declared = None if owners is None else Owners.parse(owners, replicas)
    return _declared  # type: ignore[no-any-return]


def forget(**changed: Any) -> None:
    """Read the settings anew at the next question."""
    global _declared
    if changed.get("setting", "OUTGROW") == "OUTGROW":
        _declared = _UNREAD


setting_changed.connect(forget, dispatch_uid="outgrow.routing.declared")
