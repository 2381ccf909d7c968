"""What crosses: every relation between a model that moves and one that stays, and what becomes of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.apps import apps as installed
from django.db import models

from outgrow.conf import LOOSEN


@dataclass(frozen=True, slots=True)
class Crossing:
    """One relation. ``kind``: foreign key, many-to-many, generic foreign key, generic relation, or cascade.

    ``works``: "yes" as before; "partly" but for joins; "no" until the project is changed.
    """

    kind: str
    where: str  # "people.Profile.user"; of a cascade the model that is deleted, "auth.User"
    other: str  # the model at the other end, "*" for any
    direction: str  # "in": what stays refers to what moves; "out": the other way
    becomes: str
    works: str = "partly"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


Models = Collection[type[models.Model]]


def crossings(moving: Models, stays: Models, *, source: str, target: str) -> Iterator[Crossing]:
    """In the order of the models: keys, many-to-many, generic, then the cascades."""
    sides = dict.fromkeys(moving, "out") | dict.fromkeys(stays, "in")
    found = sorted(sides, key=lambda model: model._meta.label)
    for model in found:
        yield from _keys(model, sides, source, target)
    for model in found:
        yield from _many(model, sides, source, target)
    for model in found:
        yield from _generic(model, sides, source, target)
    for model in found:
        yield from _cascades(model, sides, source, target)


Sides = dict[type[models.Model], str]


def _crosses(one: Any, other: Any, sides: Sides) -> bool:
    """``one`` and ``other`` are models of which one moves and one stays."""
    if not isinstance(other, type):
        return False
    here, there = one._meta.concrete_model, other._meta.concrete_model  # type: ignore[attr-defined]
    return here in sides and there in sides and sides[here] != sides[there]


def _keys(model: type[models.Model], sides: Sides, source: str, target: str) -> Iterator[Crossing]:
    for field in model._meta.local_fields:
        other = getattr(field.remote_field, "model", None)
        if model._meta.auto_created or not _crosses(model, other, sides):
            continue
        becomes = f"reading it asks the other database; select_related() and filters across {_the_two(source, target)}"
        if not getattr(field, "db_constraint", False):
            becomes = f"it has no constraint and stays as it is; {becomes}"
        elif sides[model] == "in":
            becomes = f"its constraint is dropped from {source} at the switch; {becomes}"
        else:
            becomes = f"it gets no constraint in {target}, and loses that of {source} at the switch; {becomes}"
        yield Crossing("foreign key", _named(field), other._meta.label, sides[model], becomes)  # type: ignore[union-attr]


def _the_two(source: str, target: str) -> str:
    return f"{source} and {target} fail"


def _many(model: type[models.Model], sides: Sides, source: str, target: str) -> Iterator[Crossing]:
    for field in model._meta.local_many_to_many:
        relation: Any = field.remote_field
        other, through = relation.model, relation.through
        if not _crosses(model, other, sides):
            continue
        home = target if sides.get(through, sides[model]) == "out" else source
        becomes = (
            f"its table {through._meta.db_table} is in {home}, and Django joins it with {other._meta.label}: "
            f"reading {field.name} fails; ask {through._meta.label} for the ids and then {other._meta.label} by "
            "them (the other way round works)"
        )
        yield Crossing("many-to-many", _named(field), other._meta.label, sides[model], becomes, "no")


def _generic(model: type[models.Model], sides: Sides, source: str, target: str) -> Iterator[Crossing]:
    if "contenttypes" not in installed.app_configs:
        return
    from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation

    homes = {"out": target, "in": source}
    for field in model._meta.private_fields:
        if isinstance(field, GenericForeignKey):
            becomes = (
                "content types and the rows that they stand for are read where their owners are, with Outgrow among "
                "the installed apps"
            )
            yield Crossing("generic foreign key", _named(field), "*", sides[model], becomes, "yes")
        elif isinstance(field, GenericRelation) and _crosses(model, field.remote_field.model, sides):
            becomes = f"it is read from {homes[sides[field.remote_field.model]]}; filters across the two fail"
            label = field.remote_field.model._meta.label
            yield Crossing("generic relation", _named(field), label, sides[model], becomes)


def _cascades(model: type[models.Model], sides: Sides, source: str, target: str) -> Iterator[Crossing]:
    """Django looks for the rows that lean on a deleted one in the deleted one's database, whoever owns them."""
    homes = {"out": target, "in": source}
    for relation in model._meta.get_fields(include_hidden=True):
        action = getattr(relation, "on_delete", None)
        child: Any = relation.related_model
        leans = relation.auto_created and not relation.concrete and (relation.one_to_one or relation.one_to_many)
        if not leans or action in (None, models.DO_NOTHING) or not _crosses(model, child, sides):
            continue
        name = getattr(action, "__name__", type(action).__name__)
        becomes = (
            f"deleting it asks {homes[sides[model]]} for {child._meta.db_table} ({name}), which is in "
            f"{homes[sides[child]]}: the deletion fails as soon as that table is gone there, and before that it "
            f"changes the old copy; make it loose: {LOOSEN}"
        )
        if sides[model] == "out":
            becomes = (
                f"deleting it asks {target} for {child._meta.db_table} ({name}), which stays in {source}: the deletion "
                f"fails; make it loose: {LOOSEN}"
            )
        direction = "in" if sides[model] == "out" else "out"
        field: Any = relation.field  # type: ignore[union-attr]
        yield Crossing("cascade", model._meta.label, f"{child._meta.label}.{field.name}", direction, becomes, "no")


def _named(field: Any) -> str:
    return f"{field.model._meta.label}.{field.name}"
