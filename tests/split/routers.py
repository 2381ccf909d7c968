"""A router as projects write them: one app has a database of its own."""

from __future__ import annotations

from typing import Any


class Blog:
    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "blog_db" if model._meta.app_label == "blog" else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        if "blog" in (app_label, db.removesuffix("_db")):
            return (app_label == "blog") == (db == "blog_db")
        return None
