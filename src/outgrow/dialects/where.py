"""Where a database lies by its settings alone: equal for two aliases of one database, without connecting to it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

LOCAL = ("", "localhost", "127.0.0.1", "::1")
PORTS = {"postgresql": "5432", "mysql": "3306"}


def where(vendor: str, alias: str, settings: Mapping[str, Any]) -> tuple[str, ...]:
    """(engine, host, port, name), or (engine, file); ``vendor`` is Django's name of the engine.

    A SQLite database in memory belongs to its connection, hence ``alias``. Two names of one host differ here; the
    servers themselves tell more (:meth:`Dialect.identity`).
    """
    name = str(settings["NAME"])
    if vendor == "sqlite":
        private = in_memory(vendor, settings) and "cache=shared" not in name
        return (vendor, f"{alias} in memory" if private else name if "file:" in name else os.path.realpath(name))
    host = str(settings["HOST"])
    return (vendor, "local" if host in LOCAL else host.lower(), str(settings["PORT"] or PORTS.get(vendor, "")), name)


def in_memory(vendor: str, settings: Mapping[str, Any]) -> bool:
    """Whether it is a SQLite database without a file, which no other connection opens but one of this process."""
    name = str(settings["NAME"])
    return vendor == "sqlite" and (name == ":memory:" or "mode=memory" in name)


def is_here(host: str) -> bool:
    """Whether a host is this machine, by its name or number alone; a socket's folder is."""
    return host.lower() in LOCAL or host.startswith(("127.", "/"))
