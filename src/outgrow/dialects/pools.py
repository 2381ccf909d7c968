"""Connection pools of Django's own (since 5.1, psycopg's), by the settings alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MIN_SIZE = 4  # psycopg_pool's default; max_size is min_size where it is not given


def pool_size(vendor: str, settings: Mapping[str, Any]) -> int | None:
    """Connections that the pool of a DATABASES entry may open in one process; None where there is no pool."""
    pool = (settings.get("OPTIONS") or {}).get("pool")
    if vendor != "postgresql" or not pool:
        return None
    options = pool if isinstance(pool, Mapping) else {}
    smallest = options.get("min_size")
    least = MIN_SIZE if smallest is None else int(smallest)
    return max(least, int(options.get("max_size") or 0))
