"""The proof of the printed settings: the child loads the project through exactly that block, and counts its rows."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
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
    failure: list[str] = []

    def hear(event: dict[str, Any]) -> None:
        if event["event"] == "counted":
            counted.update(event["rows"])
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
    return counted


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
    names: dict[str, Any] = {}
    exec(block, names)
    found: dict[str, Any] = names["DATABASES"]["default"]
    return found
