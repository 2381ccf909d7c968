"""E025, E026, W027: generic relations look for content types and rows in one database (pitfalls 11, 12).

Measured on Django 4.2 to 6.1: setting a GenericForeignKey looks the content type up in the *target's* database, reading
one looks for content type and target in the database of the row that holds it, a GenericRelation in its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage

from outgrow.checks.facts import AnyModel, Facts, Field
from outgrow.checks.fault import Fault, listed

REVERSE = Fault("E025", "A GenericRelation crosses databases.")
NO_TYPES = Fault("E026", "A GenericForeignKey lies apart from the content types.")
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
    types = _types(other, facts, f)
    if facts.apart(model, other) or (types and facts.apart(model, types)):
        and_types = f", and the content types in {facts.owner(types)}" if types else ""
        yield REVERSE(
            f"{facts.in_(model)} has the generic relation {f.name} to {facts.in_(other)}{and_types}: reading it, "
            "joining it and deleting a row look for all of these in one database.",
            f"Own {model._meta.label}, {other._meta.label} and contenttypes in one database, or remove {f.name} and "
            "query by content type and key.",
            obj=f,
        )


def _forward(model: AnyModel, f: Field, targets: list[AnyModel], facts: Facts) -> Iterator[CheckMessage]:
    types = _types(model, facts, f)
    if types and facts.apart(model, types):
        yield NO_TYPES(
            f"{facts.in_(model)} has the generic key {f.name}, and the content types are in {facts.owner(types)}: "
            "reading it fails, as the type is looked for beside the row.",
            f"Own {model._meta.label}, the models that it points at and contenttypes in one database, or replace "
            f"{f.name} by one loose reference for each kind of target.",
            obj=f,
        )
        return
    away = [m for m in facts.models if facts.apart(model, m) and not m._meta.auto_created]
    if away and not targets:
        yield TARGETS(
            f"{facts.in_(model)} has the generic key {f.name}, which could point at "
            f"{listed(m._meta.label for m in away)} in other databases: setting it to such a row fails, and reading "
            "one finds nothing.",
            f"Own {model._meta.label} and the models that it points at in one database, and say which these are by a "
            "GenericRelation on each.",
            obj=f,
        )


def _types(model: AnyModel, facts: Facts, f: Field) -> AnyModel | None:
    """The model of the content types."""
    name = str(getattr(f, "ct_field", None) or f.content_type_field_name)
    found = model._meta.get_field(name).remote_field
    return found.model if found is not None and isinstance(found.model, type) else None


def is_generic_key(f: Field) -> bool:
    return hasattr(f, "ct_field") and hasattr(f, "fk_field")


def is_reverse(f: Field) -> bool:
    return hasattr(f, "bulk_related_objects") and isinstance(getattr(f.remote_field, "model", None), type)
