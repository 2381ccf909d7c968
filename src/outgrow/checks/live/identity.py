"""E012, W013 by the servers' own word: two host names of one server are no longer two databases."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage

from outgrow.checks.aliases import one_database
from outgrow.checks.live.looking import Looks


def check(looks: Looks) -> Iterator[CheckMessage]:
    found: dict[tuple[str, ...], list[str]] = {}
    for look in looks:
        identity = look.identity
        if identity is not None and not look.is_replica:  # a replica may well say that it is its primary
            places = {look.facts.place(alias) for alias in found.get(identity, ())}
            if look.facts.place(look.alias) not in places:  # else the settings tell, and aliases.py has told it
                found.setdefault(identity, []).append(look.alias)
    for together in found.values():
        yield from one_database(looks[0].facts, together, "by their servers' own word")
