"""/livez says that the process runs and asks nothing; /readyz says whether each database answers and is migrated."""

from __future__ import annotations

import logging

from django.db import connections
from django.http import HttpRequest, JsonResponse

from outgrow.doctor import Readiness, ready

SECONDS = 3.0
logger = logging.getLogger(__name__)


def used_aliases() -> list[str]:
    """Databases that there are; where four have everything, the default one is Django's dummy."""
    return [alias for alias in connections if connections[alias].vendor != "unknown"]


def livez(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """503 while the users' database is away; any other takes only its own endpoints along."""
    aliases = used_aliases()
    states = {one.name: _state(one) for one in ready(aliases, SECONDS)}
    required = "auth" if "auth" in aliases else "default"
    is_ready = states[required]["status"] == "ok"
    status = "ok" if all(s["status"] == "ok" for s in states.values()) else "degraded" if is_ready else "unavailable"
    answer = JsonResponse({"status": status, "databases": states}, status=200 if is_ready else 503)
    if not is_ready:
        answer["Retry-After"] = "5"
    return answer


def _state(found: Readiness) -> dict[str, object]:
    """Anybody may ask: the doctor's sentence, which names hosts and accounts, goes to the log."""
    if found.trouble is None:
        return {"status": "ok", "ms": round(found.seconds * 1000, 1)}
    logger.warning("%s: %s", found.name, found.trouble.text)
    return {"status": "unavailable", "check": found.trouble.id, "error": found.trouble.title}
