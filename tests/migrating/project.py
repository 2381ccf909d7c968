"""Small projects on several databases: for one, a club in a database of its own, and a bar for its people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.conftest import MakeDatabase
from tests.legacy.project import Legacy

OWNERS = {"club_db": ["club"], "default": "*"}
CONTRIB = ("auth", "contenttypes")
APPS = ["tests.migrating.club", "tests.migrating.bar"]


def project(make: MakeDatabase, engine: str, contrib: Sequence[str] = CONTRIB, **settings: Any) -> Legacy:
    """On two fresh databases of one engine."""
    return with_apps({"default": make(engine), "club_db": make(engine)}, {"OWNERS": OWNERS}, contrib, **settings)


def with_apps(
    databases: Mapping[str, str], outgrow: Mapping[str, Any] | None, contrib: Sequence[str] = CONTRIB,
    apps: Sequence[str] = APPS, **settings: Any,
) -> Legacy:  # fmt: skip
    """``contrib``: the few of Django's own apps without which the test would be slower and say no more."""
    installed = [*(f"django.contrib.{name}" for name in contrib), "outgrow", *apps]
    return Legacy(databases, outgrow, {"INSTALLED_APPS": installed, "ROOT_URLCONF": "tests.migrating.urls", **settings})
