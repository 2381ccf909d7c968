"""A process in which one project is loaded and from which movers are forked, each a process of its own.

A fresh interpreter takes a second to load Django; a hundred kills would be two minutes of that. Orders are JSON lines
on standard input, answers on standard output; nothing here connects to a database before the fork.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from typing import Any

BEFOREHAND = (
    "outgrow.cli.commands", "outgrow.cli.progress", "outgrow.models", "outgrow.dialects.postgresql",
    "outgrow.dialects.mysql", "outgrow.dialects.sqlite", "django.db.backends.postgresql.base",
    "django.db.backends.mysql.base", "rich.progress", "tests.faults.points",
)  # fmt: skip


def obey(order: dict[str, Any]) -> Any:
    """Start a mover, or say how one ended: [pid, exit code or None]."""
    if "argv" in order:
        sys.stdout.flush()
        pid = os.fork()
        if not pid:
            become(order)
        return pid
    pid, status = os.waitpid(order["ended"], os.WNOHANG)
    return None if not pid else os.waitstatus_to_exitcode(status)


def become(order: dict[str, Any]) -> None:
    """In the fork: the mover's own output, environment and patches, then the command as the shell would run it."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for descriptor in (1, 2):
        os.dup2(os.open(order["files"][descriptor - 1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), descriptor)
    os.environ.update(order["environment"])
    exec(order["patch"], {})
    from outgrow.cli import main

    raise SystemExit(main(order["argv"]))


def serve() -> None:
    from outgrow import conf

    conf.set_up(os.environ["DJANGO_SETTINGS_MODULE"])
    for name in BEFOREHAND:
        import_module(name)
    print(json.dumps("ready"), flush=True)
    while line := sys.stdin.readline():
        print(json.dumps(obey(json.loads(line))), flush=True)


if __name__ == "__main__":
    serve()
