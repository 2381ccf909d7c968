"""E024: many-to-many relations across owners: their join table can be joined with one side only (pitfalls 7, 10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage

from outgrow.checks.facts import Facts, Field
from outgrow.checks.fault import Fault

CROSSING = Fault("E024", "A many-to-many relation crosses databases.")


def check(facts: Facts) -> Iterator[CheckMessage]:
    for model in facts.models:
        for f in model._meta.local_many_to_many:
            if crosses(f, facts):
                through: Any = f.remote_field.through
                yield CROSSING(
                    f"{facts.in_(model)} has {f.name}, whose join table {through._meta.db_table} (in "
                    f"{facts.owner(through)}) cannot be joined with {facts.in_(_far(f, facts))}.",
                    f"Own both in one database; or replace {f.name} by a model with an outgrow.LooseForeignKey to each "
                    "side, and read it in two steps: its rows, then the rows that these name.",
                    obj=f,
                )


def _far(f: Field, facts: Facts) -> Any:
    """The side that lies elsewhere than the join table: the model referred to, else the field's own."""
    other: Any = f.remote_field.model
    return f.model if facts.owner(other) == facts.owner(f.remote_field.through) else other


def crosses(f: Field, facts: Facts) -> bool:
    """Whether the field's model, its join table and the model that it refers to are not all in one database."""
    there, through = f.remote_field.model, f.remote_field.through
    sides = [m for m in (f.model, there, through) if isinstance(m, type)]
    return any(facts.apart(sides[0], m) for m in sides[1:])
