"""E061, W062, W063, E066: the owners against the tables that are really there (pitfalls 3, 4, 5, 9).

The history proves nothing: Django records a migration as applied on every database, also where the routers let it make
no table. What the history claims to have made is worked out from it, and then looked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage

from outgrow.checks.fault import Fault, listed
from outgrow.checks.live.history import claimed
from outgrow.checks.live.looking import Look, Looks
from outgrow.routing.owners import NoOwner

MISSING = Fault("E061", "A table is missing at its owner, though the history has it made.")
STALE = Fault("W062", "A table lies in a database that does not own it.")
NOWHERE = Fault("W063", "An entry of the owners names a table that is nowhere.")
LEFT_BEHIND = Fault("E066", "A table lies elsewhere and not at its owner.")


def check(looks: Looks) -> Iterator[CheckMessage]:
    for look in looks:
        if not look.is_replica:
            yield from _missing(look, looks)
            yield from _elsewhere(look, looks)
            yield from _nowhere(look)


def _missing(look: Look, looks: Looks) -> Iterator[CheckMessage]:
    facts = look.facts
    history = claimed(look)
    if history.unread:
        yield look.unread(history.unread)
    missing: dict[str, str] = {}  # table → its app
    for table, (app_label, model_name) in history.made.items():
        try:
            owner = facts.owners.of_table(table) or facts.owners.of_label(app_label, model_name)
        except NoOwner:
            continue
        if owner in facts.aliases and facts.same(owner, look.alias) and not look.has(table):
            missing[table] = app_label
    if missing:
        labels = list(dict.fromkeys(missing.values()))
        where = [other.alias for other in looks if other is not look and any(map(other.has, missing))]
        lie = f" There are tables of these names in {listed(where)}." if where else ""
        command = (
            f"`manage.py outgrow move --apps {','.join(labels)} --from {where[0]} --to {look.alias}`" if where else ""
        )
        forgotten = ", ".join(f"'{label}'" for label in history.leaning_on(labels))
        yield MISSING(
            f"{listed(missing)}: owned by {look.alias} and missing there, where the history has them made.{lie}",
            f"{f'Move them with {command}; or, to have' if where else 'To have'} them made, run in {look.alias} "
            f"DELETE FROM django_migrations WHERE app IN ({forgotten}) and then "
            f"`manage.py migrate --fake-initial --skip-checks --database={look.alias}`.",
        )


def _elsewhere(look: Look, looks: Looks) -> Iterator[CheckMessage]:
    """Tables of other owners that lie here."""
    facts = look.facts
    known = {other.alias: other for other in looks}
    stale: dict[str, list[str]] = {}
    left: dict[str, list[str]] = {}
    for model in facts.models:
        owner, table = facts.owner(model), model._meta.db_table
        if owner is None or owner not in facts.aliases or facts.same(owner, look.alias) or not look.has(table):
            continue
        gone = owner in known and not known[owner].has(table) and model._meta.managed
        (left if gone else stale).setdefault(owner, []).append(table)
    for owner, tables in left.items():
        yield LEFT_BEHIND(
            f"{listed(tables)}: in {look.alias}, and not in {owner}, which owns them.",
            f"Move them with `manage.py outgrow move --from {look.alias} --to {owner}`; `migrate` would make them "
            "empty.",
        )
    for owner, tables in stale.items():
        rows = "with rows" if any(look.holds_rows(t) for t in tables) else "without rows"
        yield STALE(
            f"{listed(tables)}: owned by {owner}, and {look.alias} has tables of that name, {rows}: a query that goes "
            "astray reads them in silence.",
            "When they are no longer needed, drop them (`manage.py outgrow move … --drop-source` where they were "
            "moved).",
        )


def _nowhere(look: Look) -> Iterator[CheckMessage]:
    models = {m._meta.db_table for m in look.facts.models}
    for claim in look.facts.owners.claims:
        here = claim.kind == "table" and claim.alias == look.alias
        if here and claim.name not in models and not look.has(claim.name):
            yield NOWHERE(
                f'OUTGROW["OWNERS"]["{claim.alias}"] names the table "{claim.name}", which no model has and which is '
                "not "
                f"in {look.alias}.",
                "Correct the name; remove the entry when the table has been dropped.",
            )
