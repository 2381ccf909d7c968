"""The proof of the printed settings: the child loads the project through exactly that block, and counts its rows."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

from outgrow.errors import OutgrowError
from outgrow.masks import scrub
from outgrow.schema.process import pack, read_log, run


class Tell(Protocol):
    def __call__(self, event: str, **data: Any) -> None: ...


def count_models(block: str, environment: Mapping[str, str], *, settings_module: str) -> dict[str, int]:
    """Rows by table, counted by the project's own models; ``environment`` holds what the block takes from there."""
    job = pack(
        block=block, environment=dict(environment), target={}, settings_module=settings_module, mode="count",
        path=[os.path.abspath(entry) for entry in sys.path], parent=os.getpid(),
    )  # fmt: skip
    counted: dict[str, int] = {}
    _run(job, environment, lambda event: counted.update(event["rows"]))
    return counted


def _run(job: bytes, environment: Mapping[str, str], heard: Callable[[dict[str, Any]], None]) -> None:
    """``heard`` takes what was counted."""
    failure: list[str] = []

    def hear(event: dict[str, Any]) -> None:
        if event["event"] == "counted":
            heard(event)
        elif event["event"] == "failed":
            failure.append(str(event.get("reason", "")))

    with tempfile.TemporaryFile() as log:
        code = run(sys.executable, job, log, hear)
        if code or failure:
            why = scrub(failure[0] if failure else read_log(log, environment.values())[-200:], environment.values())
            raise OutgrowError(
                f"the rows are moved, but the project could not be loaded through the new settings: {why}; see which "
                "settings depend on the old database."
            )


def count_routed_models(
    block: str, environment: Mapping[str, str], labels: Collection[str], asked: Collection[str], *, settings_module: str
) -> tuple[dict[str, tuple[str, int]], dict[str, str]]:
    """(alias, rows) by table of the models with these labels, as a project with this block at the end of its settings
    finds them; the models of the tables ``asked`` (lower case) are asked for one row, and have -1. And the alias that
    each model of the project is written to.
    """
    job = pack(
        block=block, environment=dict(environment), labels=sorted(labels), asked=sorted(asked), target={},
        settings_module=settings_module, mode="count routed", path=[os.path.abspath(entry) for entry in sys.path],
        parent=os.getpid(),
    )  # fmt: skip
    found: dict[str, tuple[str, int]] = {}
    routes: dict[str, str] = {}

    def hear(event: dict[str, Any]) -> None:
        found.update({t: (a, n) for t, (a, n) in event["rows"].items()})
        routes.update(event["routes"])

    _run(job, environment, hear)
    return found, routes


def count(tell: Tell) -> None:
    """In the child: every concrete model with a table of its own, and the automatic many-to-many tables."""
    from django.apps import apps
    from django.db import connection

    standing = set(connection.introspection.table_names())
    rows: dict[str, int] = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if not model._meta.proxy and table in standing and table not in rows:
            rows[table] = model._base_manager.using("default").count()
    tell("counted", rows=rows)


def read_block(block: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """In the child: what the printed block says, with the secrets in the environment of this process."""
    os.environ.update(environment)
    names: dict[str, Any] = {"DATABASES": {}}  # of a project with several databases the block changes one of them
    exec(block, names)
    (found,) = names["DATABASES"].values()
    return dict(found)


def with_block(settings: Any, block: str, environment: Mapping[str, str]) -> None:
    """In the child: the settings as they are with this block at their end."""
    from django.db import connections, router
    from django.db.utils import ConnectionHandler

    os.environ.update(environment)
    names = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    exec(block, names)
    for name in ("DATABASES", "OUTGROW", "DATABASE_ROUTERS", "INSTALLED_APPS"):
        if name in names:
            setattr(settings, name, names[name])
    connections.close_all()
    vars(connections).update(vars(ConnectionHandler(settings.DATABASES)))
    router.__dict__.pop("routers", None)


def count_where_routed(labels: Collection[str], asked: Collection[str], tell: Tell) -> None:
    """In the child: the project's own questions, with no word about databases."""
    from django.apps import apps
    from django.db import router

    rows: dict[str, tuple[str, int]] = {}
    routes: dict[str, str] = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or model._meta.app_label == "outgrow":
            continue
        routes[model._meta.label] = router.db_for_write(model)
        if model._meta.label in labels:
            rows[model._meta.db_table] = (router.db_for_read(model), model._base_manager.order_by().count())
        elif model._meta.db_table.lower() in asked:
            model._base_manager.order_by().first()
            rows[model._meta.db_table] = (router.db_for_read(model), -1)
    tell("counted", rows=rows, routes=routes)
