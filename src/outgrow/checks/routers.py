"""E007, E009–E011, W017: the chain of routers does what the owners say (pitfalls 1, 2, 12)."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage
from django.db import router
from django.db.models.base import ModelState

from outgrow.checks.facts import AnyModel, Facts
from outgrow.checks.fault import Fault, listed
from outgrow.routing.router import Router

NOT_INSTALLED = Fault("E007", "Owners are declared and no router follows them.")
WRITES_TO_REPLICA = Fault("E009", "The router chain can return a replica for writes.")
ELSEWHERE = Fault("E010", "The router chain answers another database than the owner.")
MIGRATES_ELSEWHERE = Fault("E011", "The router chain lets a table be made on databases that do not own it.")
CANNOT_ASK = Fault("W017", "The router chain could not be asked.")

FIRST = 'Put "outgrow.routing.Router" first in DATABASE_ROUTERS, or correct the router that answers before it.'
Found = dict[str, list[str]]


def check(facts: Facts) -> Iterator[CheckMessage]:
    if not any(isinstance(one, Router) for one in router.routers):
        if len(facts.owning) > 1 or facts.owners.replicas:
            yield NOT_INSTALLED(
                f'OUTGROW["OWNERS"] declares {listed(facts.owners.aliases)}, and DATABASE_ROUTERS has no '
                "outgrow.routing.Router that would follow it.",
                'Set DATABASE_ROUTERS = ["outgrow.routing.Router"].',
            )
        return
    if any(type(one) is not Router for one in router.routers):  # alone, ours answers the owner
        yield from _chain(facts)


def _chain(facts: Facts) -> Iterator[CheckMessage]:
    replica: Found = {}
    elsewhere: Found = {}
    migrated: Found = {}
    raised: Found = {}
    for model in facts.models:
        owner = facts.owner(model)
        if owner is None or owner not in facts.aliases:
            continue
        try:
            _ask(facts, model, owner, replica, elsewhere, migrated)
        except Exception as error:
            raised.setdefault(f"{type(error).__name__} ({error})", []).append(model._meta.label)
    for alias, labels in replica.items():
        yield WRITES_TO_REPLICA(
            f'The router chain can return the replica "{alias}" for writes of {listed(dict.fromkeys(labels))}.', FIRST
        )
    for what, labels in elsewhere.items():
        yield ELSEWHERE(f"The router chain {what} {listed(dict.fromkeys(labels))}.", FIRST)
    for aliases, labels in migrated.items():
        ids = (
            " The ids of content types differ from database to database."
            if "contenttypes.ContentType" in labels
            else ""
        )
        yield MIGRATES_ELSEWHERE(
            f"The router chain lets tables be made on {aliases} that OUTGROW does not own there: {listed(labels)}.",
            FIRST + ids,
        )
    for what, labels in raised.items():
        yield CANNOT_ASK(
            f"The router chain raised {what} when it was asked for {listed(labels)} without an instance.",
            "Let the router return None where it has no opinion; until then nobody knows where these models go.",
        )


def _ask(facts: Facts, model: AnyModel, owner: str, replica: Found, elsewhere: Found, migrated: Found) -> None:
    label = model._meta.label
    replicas = facts.owners.primaries
    writes, reads = router.db_for_write(model), router.db_for_read(model)
    if writes in replicas:
        replica.setdefault(writes, []).append(label)
    elif writes in facts.aliases and not facts.same(writes, owner):
        elsewhere.setdefault(f'writes to "{writes}", which does not own', []).append(label)
    for alias in replicas:
        if alias in facts.aliases and router.db_for_write(model, instance=_row_of(model, alias)) == alias:
            replica.setdefault(alias, []).append(label)
    read_at = facts.owners.primary(reads)
    if read_at in facts.aliases and not facts.same(read_at, owner):
        elsewhere.setdefault(f'reads from "{reads}", which does not hold', []).append(label)
    if model._meta.managed and not model._meta.auto_created:
        asked = [a for a in facts.aliases if not facts.same(a, owner)]
        if made := [a for a in asked if router.allow_migrate_model(a, model)]:
            migrated.setdefault(listed(made), []).append(label)


def _row_of(model: AnyModel, alias: str) -> object:
    """A row that was read at this alias, made without the model's own code."""
    row = model.__new__(model)
    row._state = ModelState()
    row._state.db = alias
    return row
