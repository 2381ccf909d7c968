"""E025, E026, W027: generic relations look for rows in one database, whatever the routers say (pitfall 11).

The content types themselves are read where they are (routing/contents.py). Measured on Django 4.2, 5.2 and 6.1: the
target of a generic key is looked for in the database of the row that holds the key; before Django 5.1 in that of the
content types. `prefetch_related` asks the routers.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage

from outgrow.checks.facts import AnyModel, Facts, Field
from outgrow.checks.fault import Fault, listed

REVERSE = Fault("E025", "A GenericRelation crosses databases.")
BESIDE_TYPES = Fault("E026", "A GenericForeignKey lies apart from the content types, on an old Django.")
TARGETS = Fault("W027", "A GenericForeignKey may point into another database.")


def check(facts: Facts) -> Iterator[CheckMessage]:
    if not facts.split:
        return
    tagged: dict[AnyModel, list[AnyModel]] = {}  # model with the generic key → models with a GenericRelation to it
    for model in facts.models:
        for f in filter(is_reverse, model._meta.private_fields):
            tagged.setdefault(f.remote_field.model, []).append(model)
            yield from _reverse(model, f, facts)
    for model in facts.models:
        for f in filter(is_generic_key, model._meta.private_fields):
            if not getattr(f, "loose", False):
                yield from _forward(model, f, tagged.get(model, []), facts)


def _reverse(model: AnyModel, f: Field, facts: Facts) -> Iterator[CheckMessage]:
    other = f.remote_field.model
    if facts.apart(model, other):
        yield REVERSE(
            f"{facts.in_(model)} has the generic relation {f.name} to {facts.in_(other)}: joining it, and deleting a "
            "row, look for both tables in one database.",
            f"Own {model._meta.label} and {other._meta.label} in one database, or remove {f.name} and query by content "
            "type and key.",
            obj=f,
        )


def _forward(model: AnyModel, f: Field, targets: list[AnyModel], facts: Facts) -> Iterator[CheckMessage]:
    types = _types(model, f)
    if types is not None and facts.apart(model, types) and not reads_beside_the_row(types):
        yield BESIDE_TYPES(
            f"{facts.in_(model)} has the generic key {f.name}, and the content types are in {facts.owner(types)}: this "
            "Django looks for what it points at beside the content types.",
            f"Use Django 5.1 or newer, or own {model._meta.label}, the models that it points at and contenttypes in "
            "one database.",
            obj=f,
        )
        return
    away = [m for m in facts.models if facts.apart(model, m) and not m._meta.auto_created]
    if away and not targets:
        yield TARGETS(
            f"{facts.in_(model)} has the generic key {f.name}, which could point at "
            f"{listed(m._meta.label for m in away)} in other databases: reading one looks for its table in "
            f"{facts.owner(model)}.",
            f'Read the key by prefetch_related("{f.name}"), which asks the routers; or own {model._meta.label} and the '
            "models that it points at in one database, and say which these are by a GenericRelation on each.",
            obj=f,
        )


def _types(model: AnyModel, f: Field) -> AnyModel | None:
    """The model of the content types."""
    found = model._meta.get_field(f.ct_field).remote_field
    return found.model if found is not None and isinstance(found.model, type) else None


def reads_beside_the_row(types: Any) -> bool:
    """Whether this Django lets the row that holds a generic key say in which database its target is."""
    return "using" in inspect.signature(types.get_object_for_this_type).parameters


def is_generic_key(f: Field) -> bool:
    return hasattr(f, "ct_field") and hasattr(f, "fk_field")


def is_reverse(f: Field) -> bool:
    return hasattr(f, "bulk_related_objects") and isinstance(getattr(f.remote_field, "model", None), type)
