"""A project's own router."""

from __future__ import annotations

from typing import Any


class OnlyDefault:
    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"
