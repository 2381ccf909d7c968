"""W031–E033: transactions that are opened for every request, and pools (pitfalls 19, 34)."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage
from django.db import connections

from outgrow.checks.facts import Facts
from outgrow.checks.fault import Fault, listed
from outgrow.dialects.pools import pool_size

SEVERAL = Fault("W031", "Every request opens a transaction on several databases.")
ON_REPLICA = Fault("E032", "Every request opens a transaction on a replica.")
POOL_THAT_LASTS = Fault("E033", "A pooled connection is to be kept.")


def check(facts: Facts) -> Iterator[CheckMessage]:
    atomic = [alias for alias in facts.aliases if connections.settings[alias].get("ATOMIC_REQUESTS")]
    for alias in atomic:
        if alias in facts.owners.primaries:
            yield ON_REPLICA(
                f'ATOMIC_REQUESTS is set for the replica "{alias}": each request opens a transaction there, and all '
                "its "
                "reads see the moment at which the first was made.",
                f'Remove ATOMIC_REQUESTS from DATABASES["{alias}"].',
            )
    writing = [alias for alias in atomic if alias not in facts.owners.primaries]
    if len(writing) > 1:
        yield SEVERAL(
            f"ATOMIC_REQUESTS is set for {listed(writing)}: each request opens a transaction on each of them and "
            f"commits {', then '.join(writing)}, so that one that fails to commit undoes none of those before it.",
            "Keep ATOMIC_REQUESTS for one database at most, and write `with transaction.atomic(using=…)` where views "
            "need another.",
        )
    for alias in facts.aliases:
        settings = connections.settings[alias]
        pooled = pool_size(connections[alias].vendor, settings)
        if pooled is not None and settings.get("CONN_MAX_AGE") != 0:
            yield POOL_THAT_LASTS(
                f'DATABASES["{alias}"] has a pool and CONN_MAX_AGE={settings.get("CONN_MAX_AGE")}, which Django '
                "refuses "
                "when it connects.",
                "Set CONN_MAX_AGE to 0: the pool keeps the connections.",
            )
