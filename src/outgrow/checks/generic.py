"""E025: a generic relation looks for rows in one database, whatever the routers say (pitfall 11).

Generic keys themselves are read across databases, on every Django: routing/contents.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage

from outgrow.checks.facts import AnyModel, Facts, Field
from outgrow.checks.fault import Fault

REVERSE = Fault("E025", "A GenericRelation crosses databases.")


def check(facts: Facts) -> Iterator[CheckMessage]:
    if not facts.split:
        return
    for model in facts.models:
        for f in filter(is_reverse, model._meta.private_fields):
            yield from _reverse(model, f, facts)


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


def is_reverse(f: Field) -> bool:
    return hasattr(f, "bulk_related_objects") and isinstance(getattr(f.remote_field, "model", None), type)
