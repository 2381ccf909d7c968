"""E051–W058: replicas are copies of one primary, in databases of their own (pitfall 26)."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage
from django.db import connections

from outgrow.checks.aliases import is_mirror
from outgrow.checks.facts import Facts
from outgrow.checks.fault import Fault, listed, meant

UNKNOWN = Fault("E051", "A replica or its primary is not in DATABASES.")
TWO_PRIMARIES = Fault("E052", "A replica has two primaries.")
OWNS = Fault("E053", "A replica owns something.")
CHAIN = Fault("E054", "A replica has replicas.")
NOTHING_TO_READ = Fault("W056", "A primary owns nothing.")
OTHER_ENGINE = Fault("E057", "A replica is of another engine than its primary.")
SAME_DATABASE = Fault("W058", "A replica is its primary.")


def check(facts: Facts) -> Iterator[CheckMessage]:
    replicas = facts.owners.replicas
    primaries: dict[str, list[str]] = {}
    for primary, copies in replicas.items():
        for alias in (primary, *copies):
            if alias not in facts.aliases:
                yield UNKNOWN(
                    f'OUTGROW["REPLICAS"] names "{alias}", which DATABASES lacks{meant(alias, facts.aliases)}.',
                    f'Correct the name, or add "{alias}" to DATABASES.',
                )
        if primary not in facts.owners.aliases and primary in facts.aliases and primary not in facts.owners.primaries:
            yield NOTHING_TO_READ(
                f'"{primary}" has the replicas {listed(copies)} and owns nothing: no query is routed to them.',
                f'Name what "{primary}" owns in OUTGROW["OWNERS"], or remove it from OUTGROW["REPLICAS"].',
            )
        for alias in copies:
            primaries.setdefault(alias, []).append(primary)
    for alias, found in primaries.items():
        several = list(dict.fromkeys(found))
        if len(several) > 1:
            yield TWO_PRIMARIES(
                f'"{alias}" is declared a replica of {listed(several)}, and a replica follows one primary.',
                'Leave it in one list of OUTGROW["REPLICAS"].',
            )
        yield from _replica(facts, alias, several[0])


def _replica(facts: Facts, alias: str, primary: str) -> Iterator[CheckMessage]:
    owned = [str(claim) for claim in facts.owners.claims if claim.alias == alias]
    if owned:
        yield OWNS(
            f'"{alias}" is a replica of "{primary}" and owns {listed(owned)}, which would be written to a replica.',
            f'Move {listed(owned)} to "{primary}" in OUTGROW["OWNERS"].',
        )
    if alias in facts.owners.replicas:
        yield CHAIN(
            f'"{alias}" is a replica of "{primary}" and has the replicas {listed(facts.owners.replicas[alias])} '
            "itself.",
            f'List them all under "{primary}": what follows a replica holds the primary\'s rows too.',
        )
    if alias == primary or alias not in facts.aliases or primary not in facts.aliases:
        return
    here, there = connections[alias], connections[primary]
    if here.vendor != there.vendor:
        yield OTHER_ENGINE(
            f'"{alias}" runs on {here.vendor} and its primary "{primary}" on {there.vendor}.',
            "Correct ENGINE in DATABASES: a replica is made by the engine of its primary.",
        )
    elif facts.same(alias, primary) and not is_mirror(facts, alias):
        yield SAME_DATABASE(
            f'The replica "{alias}" and its primary "{primary}" are one physical database by their settings.',
            f'Correct HOST and PORT of DATABASES["{alias}"], or remove it from OUTGROW["REPLICAS"].',
        )
