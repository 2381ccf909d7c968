"""E006, E012, W013: the owners are databases of DATABASES, and each is one of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.core.checks import CheckMessage

from outgrow.checks.facts import Facts
from outgrow.checks.fault import Fault, listed, meant

UNKNOWN = Fault("E006", "An owner is not in DATABASES.")
ONE_DATABASE = Fault("E012", "Two owners are one physical database.")
BESIDES = Fault("W013", "An alias that owns nothing is the database of an owner.")


def check(facts: Facts) -> Iterator[CheckMessage]:
    for alias in facts.owners.aliases:
        if alias not in facts.aliases:
            yield UNKNOWN(
                f'OUTGROW["OWNERS"] names the database "{alias}", which DATABASES lacks{meant(alias, facts.aliases)}.',
                f'Correct the name, or add "{alias}" to DATABASES.',
            )
    places: dict[tuple[str, ...], list[str]] = {}
    for alias in facts.aliases:
        places.setdefault(facts.place(alias), []).append(alias)
    for together in places.values():
        yield from one_database(facts, together, "by their settings")


def one_database(facts: Facts, together: Sequence[str], how: str) -> Iterator[CheckMessage]:
    """Faults of aliases that are one database; a test's mirrors and the replicas of replicas.py are meant to be.

    Plain `migrate` records every migration as applied, also those whose tables it leaves to the other alias, and both
    aliases keep their records in one table: the tables of the second are never made.
    """
    together = [a for a in together if a not in facts.owners.primaries and not is_mirror(facts, a)]
    owners = [a for a in together if a in facts.owners.aliases]
    if len(owners) > 1:
        yield ONE_DATABASE(
            f"{listed(owners)} are one physical database {how}, and each is declared an owner.",
            "Give each owner a database of its own, or let one of them own what both do: with plain `migrate` each "
            "records the other's migrations as applied without making the tables.",
        )
    elif owners and len(together) > 1:
        others = [a for a in together if a not in owners]
        yield BESIDES(
            f"{listed(others)} and {owners[0]} are one physical database {how}, and {listed(others)} owns nothing.",
            f"Never run `migrate --database={others[0]}`: it would record migrations as applied without making their "
            f'tables; if it is a replica, declare it in OUTGROW["REPLICAS"].',
        )


def is_mirror(facts: Facts, alias: str) -> bool:
    """Whether a test run made this alias the connection of another."""
    from django.db import connections

    mirrored = connections[alias].settings_dict["TEST"].get("MIRROR")
    return bool(mirrored) and mirrored != alias and facts.same(alias, mirrored)
