"""A connection as the project itself would have it: by Django's own backend, with its OPTIONS."""

from __future__ import annotations

import os
from typing import Any

from django.db import NotSupportedError
from django.db.utils import ConnectionHandler

from outgrow import conf
from outgrow.dialects.base import Settings

SECONDS = 5  # for a server that does not answer a login


def wrapper(settings: Settings, alias: str = "doctor") -> Any:
    """Django's wrapper of a DATABASES entry, unknown to the project and without its pool."""
    options = {name: value for name, value in (settings.get("OPTIONS") or {}).items() if name != "pool"}
    options.setdefault("connect_timeout", SECONDS)
    return ConnectionHandler({"default": {}, alias: {**settings, "OPTIONS": options, "CONN_MAX_AGE": 0}})[alias]


def connected(settings: Settings) -> Any:
    """The driver's own connection, in the state in which the project gets it; the driver's own errors."""
    made = wrapper(settings)
    try:
        made.connect()
    except NotSupportedError:  # an old server, which is a question of its own
        if made.connection is None:
            raise
    return made.connection


def least_version(settings: Settings, *, mariadb: bool = False) -> tuple[int, ...]:
    """The oldest server that this Django takes, () where it takes any; without asking the server."""
    made = wrapper(settings)
    made.__dict__["mysql_is_mariadb"] = mariadb  # a cached property, which would connect
    return tuple(made.features.minimum_database_version or ())


def time_zone() -> str:
    """TIME_ZONE of the settings."""
    return conf.time_zone()


def extensions(alias: str | None) -> frozenset[str]:
    """The extensions of PostgreSQL that the project's migrations make, there where the router lets their app."""
    from django.contrib.postgres.operations import CreateExtension
    from django.db import router
    from django.db.migrations.loader import MigrationLoader

    return frozenset(
        operation.name
        for migration in MigrationLoader(None, ignore_no_migrations=True).disk_migrations.values()
        for operation in migration.operations
        if isinstance(operation, CreateExtension)
        and (alias is None or router.allow_migrate(alias, migration.app_label))
    )


def first_there(paths: tuple[str, ...]) -> str:
    """The first of these paths that is there, or the first of all."""
    return next((path for path in paths if os.path.exists(path)), paths[0])
