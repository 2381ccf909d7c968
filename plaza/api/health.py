"""/livez says that the process runs and asks nothing; /readyz says of each database whether it answers."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connections
from django.http import HttpRequest, JsonResponse

SECONDS = 3


def used_aliases() -> list[str]:
    """Databases that there are; where four have everything, the default one is Django's dummy."""
    return [alias for alias in connections if connections[alias].vendor != "unknown"]


def livez(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """503 while the users' database is away; any other takes only its own endpoints along."""
    aliases = used_aliases()
    with ThreadPoolExecutor(len(aliases)) as pool:
        states = dict(zip(aliases, pool.map(_state, aliases), strict=True))
    required = "auth" if "auth" in aliases else "default"
    ready = states[required]["status"] == "ok"
    status = "ok" if all(s["status"] == "ok" for s in states.values()) else "degraded" if ready else "unavailable"
    answer = JsonResponse({"status": status, "databases": states}, status=200 if ready else 503)
    if not ready:
        answer["Retry-After"] = "5"
    return answer


def _state(alias: str) -> dict[str, object]:
    began = time.monotonic()
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
        return {"status": "ok", "ms": round((time.monotonic() - began) * 1000, 1)}
    except Exception as error:  # whatever a driver raises means the same here; its text may hold a host's name
        return {"status": "unavailable", "error": type(error).__name__}
    finally:
        connections[alias].close()  # this thread's own
