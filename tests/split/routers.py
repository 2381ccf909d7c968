"""Routers as projects write them: an app, or a part of one, has a database of its own."""

from __future__ import annotations

from typing import Any


class _Some:
    """The models of the blog that ``there`` names live in ``home``, all others where ``rest`` says."""

    home = "blog_db"
    rest: str | None = None

    def there(self, app_label: str, model_name: str | None) -> bool:
        return app_label == "blog"

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return self.home if self.there(model._meta.app_label, model._meta.model_name) else self.rest

    db_for_write = db_for_read

    def allow_relation(self, *objects: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool | None:
        there = self.there(app_label, model_name)
        return there == (db == self.home) if there or db == self.home else None


class Blog(_Some):
    """The whole blog."""


class BlogAndNoDefault(_Some):
    """For a project whose "default" is empty."""

    rest = "main"


class Comments(_Some):
    """One model of it, in the database that its app goes to later."""

    home = "auth_db"

    def there(self, app_label: str, model_name: str | None) -> bool:
        return (app_label, model_name) == ("blog", "comment")


class BlogWithoutComments(_Some):
    """All of it but for one model, which stays."""

    def there(self, app_label: str, model_name: str | None) -> bool:
        return app_label == "blog" and model_name != "comment"


class Shards(_Some):
    """By the row."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return f"shard{hints['instance'].pk % 2}" if model._meta.app_label == "blog" else None

    db_for_write = db_for_read
