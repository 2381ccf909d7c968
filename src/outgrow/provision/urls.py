"""The URL of a role: where the administrator's server is, with the role's login and what it needs for TLS."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from outgrow.dialects.base import Settings

BYTES = 24  # 192 random bits


def password() -> str:
    """Of letters that need no quoting anywhere: in a URL, a shell, an env file, SQL."""
    while True:
        made = secrets.token_urlsafe(BYTES)
        if made[0].isalnum():  # a tool takes what begins with - for an option
            return made


def url(scheme: str, server: Settings, database: str, login: tuple[str, str], query: Mapping[str, str]) -> str:
    """``server``: the administrator's entry; ``login``: user and password."""
    host = str(server.get("HOST") or "")
    port = f":{server['PORT']}" if server.get("PORT") else ""
    shown = f"[{host}]" if ":" in host and not host.startswith("/") else quote(host, safe="")
    user, secret = (quote(part, safe="") for part in login)
    asked = f"?{urlencode(query, safe='/', quote_via=quote)}" if query else ""
    return f"{scheme}://{user}:{secret}@{shown}{port}/{quote(database, safe='')}{asked}"


def with_password(old: str, before: str, after: str) -> str:
    """A URL with another password, and all else as somebody wrote it."""
    return old.replace(f":{quote(before, safe='')}@", f":{quote(after, safe='')}@", 1)
