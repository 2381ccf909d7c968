"""Checks of the declared owners, for ``manage.py check`` and all commands that run it: one idea a file.

Nothing but this file is imported in a project without ``OUTGROW["OWNERS"]``; there only the names of the settings' keys
and of the routers' methods are looked at. What needs a connection is in live/ and runs with ``check --database ALIAS``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

from django.core import checks

from outgrow import conf

TAG = "outgrow"

DECLARED = (
    "owned", "aliases", "routers", "groups", "relations", "cascades", "many", "generic", "loose", "admin",
    "transactions", "constraints", "replicas", "positions",
)  # fmt: skip
LIVE = ("live.identity", "live.writable", "live.budget", "live.drift", "live.keys", "live.features", "live.permissions")
ALWAYS = ("settings", "methods")


def register() -> None:
    """Tell Django of the two functions that run all the others.

    The second has Django's tag alone: by ours, newer Djangos would run it on every database without being asked to.
    """
    checks.register(check_declared, TAG)
    checks.register(check_databases, checks.Tags.database)


def check_declared(**asked: Any) -> list[checks.CheckMessage]:
    """What the settings and the models tell."""
    found = [*_always()]
    if conf.routes()[0] is None or any(message.id == "outgrow.E001" for message in found):
        return found
    from outgrow.checks.facts import Facts

    facts = Facts.gather()
    for name in DECLARED:
        found += module(name).check(facts)
    return found


def check_databases(databases: Sequence[str] | None = None, **asked: Any) -> list[checks.CheckMessage]:
    """What the databases that ``--database`` names tell, by reading them."""
    if not databases or conf.routes()[0] is None:
        return []
    if any(message.id == "outgrow.E001" for message in _always()):
        return []
    from outgrow.checks.facts import Facts
    from outgrow.checks.live.looking import broken_off, looking

    found: list[checks.CheckMessage] = []
    with looking(Facts.gather(), databases, found) as looks:
        for name in LIVE:
            with broken_off(looks, found):
                found += module(name).check(looks)
    return found


def _always() -> Iterator[checks.CheckMessage]:
    if conf.outgrow():
        yield from module("settings").check()
    if conf.routers():
        yield from module("methods").check()


def module(name: str) -> ModuleType:
    return import_module(f"outgrow.checks.{name}")
