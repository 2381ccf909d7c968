"""E041–E043 for what depends on the server's version: asked only of databases that ``--database`` names."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage

from outgrow.checks import constraints
from outgrow.checks.live.looking import Looks


def check(looks: Looks) -> Iterator[CheckMessage]:
    named = {look.alias: look for look in looks if not look.is_empty}

    def has(alias: str, feature: str) -> bool | None:
        """What the settings alone tell was told already."""
        if alias not in named or constraints.statically(alias, feature) is not None:
            return None
        return bool(getattr(named[alias].connection.features, feature, False))

    if looks:
        yield from constraints.judge(looks[0].facts, has)
