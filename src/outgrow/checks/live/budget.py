"""W034: pools that may open more connections than the server allows (pitfall 34).

One pool for each alias in each process. How many processes there will be is known only where WEB_CONCURRENCY says so,
as gunicorn and uvicorn read it; else one is assumed, and what one process alone could exhaust is told.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from django.core.checks import CheckMessage

from outgrow.checks.fault import Fault, listed
from outgrow.checks.live.looking import Look, Looks
from outgrow.dialects.pools import pool_size

TOO_MANY = Fault("W034", "Pools may open more connections than the server allows.")


def check(looks: Looks) -> Iterator[CheckMessage]:
    servers: dict[str, list[tuple[Look, int]]] = {}
    for look in looks:
        size = pool_size(look.connection.vendor, look.connection.settings_dict)
        if size is not None and look.dialect is not None and look.session is not None:
            server = (look.identity or (look.alias, look.alias))[1]
            servers.setdefault(f"{server} {look.is_replica}", []).append((look, size))
    for pools in servers.values():
        yield from _judge(pools)


def _judge(pools: list[tuple[Look, int]]) -> Iterator[CheckMessage]:
    look = pools[0][0]
    assert look.dialect is not None
    assert look.session is not None
    allowed = look.dialect.connections_allowed(look.session)
    processes = _processes()
    wanted = processes * sum(size for _, size in pools)
    if allowed is not None and wanted > allowed:
        counted = f"{processes} processes (WEB_CONCURRENCY)" if processes > 1 else "one process"
        yield TOO_MANY(
            f"{counted[0].upper()}{counted[1:]} may open {wanted} connections by the pools of "
            f"{listed(one.alias for one, _ in pools)}, and the server allows {allowed}.",
            'Lower max_size in OPTIONS["pool"] so that processes × aliases × max_size fits, or raise what the server '
            "allows, or put a pooler between.",
        )


def _processes() -> int:
    told = os.environ.get("WEB_CONCURRENCY", "")
    return max(1, int(told)) if told.isdecimal() else 1
