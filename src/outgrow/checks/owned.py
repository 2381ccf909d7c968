"""E002–E005: each app, model and table has one owner, and each entry of OWNERS means something (pitfalls 1, 5)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from django.apps import apps
from django.core.checks import CheckMessage
from django.db.migrations.exceptions import BadMigrationError, NodeNotFoundError
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel, RenameModel

from outgrow.checks.facts import Facts
from outgrow.checks.fault import Fault, listed, meant, nearest
from outgrow.routing.owners import REST, TABLE, Claim

NO_OWNER = Fault("E002", "An app has no owner.")
TWICE = Fault("E003", "An app, model or table is owned twice.")
UNKNOWN_APP = Fault("E004", "An entry of the owners names an app that is not installed.")
UNKNOWN_MODEL = Fault("E005", "An entry of the owners names a model that does not exist.")


def check(facts: Facts) -> Iterator[CheckMessage]:
    yield from _without(facts)
    yield from _twice(facts)
    yield from _two_ways(facts)
    for claim in facts.owners.claims:
        yield from _unknown(claim, facts)


def _without(facts: Facts) -> Iterator[CheckMessage]:
    free = {m._meta.app_label for m in facts.models if facts.owner(m) is None}
    places = listed(a for a in facts.aliases if a not in facts.owners.primaries)
    for label in sorted(free):
        yield NO_OWNER(
            f'app "{label}" has no owner; it would be created on: {places}.',
            f'Name it in OUTGROW["OWNERS"], as in "default": ["{label}", …], or give one database "{REST}".',
        )


def _twice(facts: Facts) -> Iterator[CheckMessage]:
    claims: dict[tuple[str, str], list[str]] = {}
    for claim in facts.owners.claims:
        claims.setdefault((claim.kind, claim.name), []).append(claim.alias)
    for (kind, name), aliases in claims.items():
        first, *others = dict.fromkeys(aliases)
        if others:
            what = 'everything else ("*")' if kind == "rest" else f'{kind} "{name}"'
            yield TWICE(
                f"{what} is owned twice, by {first} and by {listed(others)}; the first counts.",
                f'Leave {what} in one list of OUTGROW["OWNERS"].',
            )


def _two_ways(facts: Facts) -> Iterator[CheckMessage]:
    """Once by its table and once by its name."""
    by = {(c.kind, c.name): c.alias for c in reversed(facts.owners.claims)}
    for model in facts.models:
        meta = model._meta
        table, named = by.get(("table", meta.db_table)), by.get(("model", meta.label_lower))
        if table is not None and named is not None and table != named:
            yield TWICE(
                f'model "{meta.label}" is owned twice, by {table} as "{TABLE}{meta.db_table}" and by {named} as '
                f'"{meta.label}"; the table counts.',
                'Leave one of the two entries in OUTGROW["OWNERS"].',
            )


def _unknown(claim: Claim, facts: Facts) -> Iterator[CheckMessage]:
    if claim.kind == "app" and claim.name not in apps.app_configs:
        yield UNKNOWN_APP(
            f'OUTGROW["OWNERS"]["{claim.alias}"] names the app "{claim.name}", which is not installed'
            f"{meant(claim.name, apps.app_configs)}.",
            f'Use the label of an installed app; tables of an app that is gone are named "{TABLE}name".',
        )
    if claim.kind == "model":
        known = {m._meta.label_lower: m._meta.label for m in facts.models}
        if claim.name not in known and not is_retired(*claim.name.rsplit(".", 1)):
            yield UNKNOWN_MODEL(
                f'OUTGROW["OWNERS"]["{claim.alias}"] names the model "{claim.name}", which does not exist'
                f"{_instead(claim.name, known)}.",
                f'Use "app_label.Model", or an app\'s label alone; a table that has no model is named "{TABLE}name".',
            )


def _instead(name: str, known: dict[str, str]) -> str:
    """An app by its dotted path looks like a model."""
    by_path = {c.name.lower(): c.label for c in apps.get_app_configs()}
    if name in by_path:
        return f' (the label of that app is "{by_path[name]}")'
    near = nearest(name, list(known), 0.8)
    return f' (did you mean "{known[near]}"?)' if near else ""


@cache
def is_retired(app_label: str, model_name: str) -> bool:
    """Whether a migration of the app made the model once: its table may still have to be told where to be."""
    try:
        nodes = MigrationLoader(None).disk_migrations.items()
    except (NodeNotFoundError, BadMigrationError):
        return False
    made = (op for (label, _), migration in nodes if label == app_label for op in migration.operations)
    return any(
        (isinstance(op, CreateModel) and op.name_lower == model_name)
        or (isinstance(op, RenameModel) and model_name in (op.old_name_lower, op.new_name_lower))
        for op in made
    )
