"""E008: a router's method is misspelt, which Django passes over in silence (pitfall 2).

With a replica that is read, `save()` then goes to the replica by the row's own `_state.db`.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage
from django.db import router

from outgrow.checks.fault import Fault, nearest

MISSPELT = Fault("E008", "A router's method is misspelt.")

METHODS = ("db_for_read", "db_for_write", "allow_relation", "allow_migrate")


def check() -> Iterator[CheckMessage]:
    for one in router.routers:
        kind = one if isinstance(one, type) else type(one)
        for name in dir(one):
            near = None if name.startswith("__") or name in METHODS else nearest(name, METHODS, 0.85)
            # beside the right method, a name like it is a helper's
            if near is not None and not hasattr(one, near) and callable(getattr(one, name, None)):
                yield MISSPELT(
                    f'The router {kind.__module__}.{kind.__qualname__} has "{name}", which Django never calls; '
                    f'did you mean "{near}"?',
                    f'Rename it to "{near}".',
                )
