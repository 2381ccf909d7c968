"""Everything of accounts that is somebody's own, and the request with which somebody else would try it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plaza.tests.conftest import Client

Make = Callable[[Client], tuple[str, str, Any]]

PRIVATE: list[tuple[str, Make]] = [
    ("end a session", lambda owner: ("DELETE", f"/api/me/sessions/{owner.tokens['session']}", None)),
    ("look for an export", lambda owner: ("GET", owner.post("/api/me/export")["Location"], None)),
]
