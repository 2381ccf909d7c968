"""/livez says that the process runs and asks nothing; /readyz says whether each database answers and is migrated."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

SECONDS = 3
_migrated: set[str] = set()


def used_aliases() -> list[str]:
    """Databases that there are; where four have everything, the default one is Django's dummy."""
    return [alias for alias in connections if connections[alias].vendor != "unknown"]


def livez(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """503 while the users' database is away; any other takes only its own endpoints along."""
    aliases = used_aliases()
    states = _states(aliases)
    required = "auth" if "auth" in aliases else "default"
    ready = states[required]["status"] == "ok"
    status = "ok" if all(s["status"] == "ok" for s in states.values()) else "degraded" if ready else "unavailable"
    answer = JsonResponse({"status": status, "databases": states}, status=200 if ready else 503)
    if not ready:
        answer["Retry-After"] = "5"
    return answer


def _states(aliases: list[str]) -> dict[str, dict[str, object]]:
    """Of each database at the same time; one that takes the question and never answers is waited for SECONDS."""
    pool = ThreadPoolExecutor(len(aliases))
    asked = {alias: pool.submit(_state, alias) for alias in aliases}
    until = time.monotonic() + SECONDS
    states: dict[str, dict[str, object]] = {}
    for alias, future in asked.items():
        try:
            states[alias] = future.result(max(0, until - time.monotonic()))
        except TimeoutError:
            states[alias] = {"status": "unavailable", "error": "Timeout"}
    pool.shutdown(wait=False)
    return states


def _pending(alias: str) -> int:
    """How many migrations this code has that the database does not; asked until there are none."""
    if alias in _migrated:
        return 0
    executor = MigrationExecutor(connections[alias])
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not pending:
        _migrated.add(alias)
    return pending


def _state(alias: str) -> dict[str, object]:
    began = time.monotonic()
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
        if pending := _pending(alias):
            return {"status": "unavailable", "error": f"{pending} migrations are to be applied"}
        return {"status": "ok", "ms": round((time.monotonic() - began) * 1000, 1)}
    except Exception as error:  # whatever a driver raises means the same here; its text may hold a host's name
        return {"status": "unavailable", "error": type(error).__name__}
    finally:
        connections[alias].close()  # this thread's own
