"""The project, with /livez and /readyz before it: gunicorn serves this; settings and URLs stay as they are.

/livez says that the process runs and asks nothing. /readyz says whether every database answers and has all migrations
of this code, if `outgrow migrate` applies any to it: a version that is not ready gets no traffic.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from outgrow.migrating.order import to_migrate
from @@{wsgi_module} import @@{wsgi_name} as project

_migrated: set[str] = set()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ.get("PATH_INFO") == "/livez":
        return _answer(start_response, 200, {"status": "ok"})
    if environ.get("PATH_INFO") == "/readyz":
        states = {alias: _state(alias) for alias in @@{aliases}}
        ready = all(state == "ok" for state in states.values())
        return _answer(start_response, 200 if ready else 503, {"databases": states})
    return project(environ, start_response)


def _state(alias: str) -> str:
    """"ok", or why not: no text of a driver, which may hold a host's name."""
    try:
        connection = connections[alias]
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if alias not in _migrated and alias in to_migrate():
            executor = MigrationExecutor(connection)
            pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
            if pending:
                return f"{len(pending)} migrations are to be applied"
            _migrated.add(alias)
        return "ok"
    except Exception as error:
        return type(error).__name__
    finally:
        connections[alias].close()


def _answer(start_response: Callable[..., Any], status: int, value: dict[str, Any]) -> list[bytes]:
    body = json.dumps(value).encode()
    reason = "OK" if status == 200 else "Service Unavailable"
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    start_response(f"{status} {reason}", headers)
    return [body]
