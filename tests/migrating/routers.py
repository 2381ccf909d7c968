"""A project's own router."""

from __future__ import annotations

from typing import Any


class OnlyDefault:
    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"


class Silent:
    """It has an opinion on reads alone."""

    def db_for_read(self, model: Any, **hints: Any) -> None:
        return None
