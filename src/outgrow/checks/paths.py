"""Where a lookup such as "user__username" would join tables of two databases."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, OrderBy

from outgrow.checks.facts import AnyModel, Facts, Field, Link


def joined(model: AnyModel, path: str, facts: Facts) -> AnyModel | None:
    """The first model of another database that a filter by this path would join; None where it joins none.

    The key of the other side is in the row itself: "user", "user_id" and "user__pk" join nothing.
    """
    parts = path.split("__")
    here = model
    for number, part in enumerate(parts):
        f = _field(here, part)
        if f is None or not f.is_relation or not isinstance(f.related_model, type):
            return None
        there = f.related_model
        rest = parts[number + 1 :]
        forward = not f.auto_created and (f.many_to_one or f.one_to_one)
        if forward and (not rest or _is_key(f, there, rest[0])):
            return None
        through = getattr(f.remote_field, "through", None) or getattr(f, "through", None)
        for joins in (through, there):
            if isinstance(joins, type) and facts.apart(model, joins):
                return joins
        here = there
    return None


def sorted_by(model: AnyModel, entry: Any, facts: Facts) -> AnyModel | None:
    """As :func:`joined`, for an entry of an ordering; a relation sorts by the ordering of its model."""
    path = name_of(entry)
    if path is None:
        return None
    found = joined(model, path, facts)
    if found is not None or "__" in path:
        return found
    f = crossing_field(model, path, facts)
    if f is None or path == getattr(f, "attname", None) or not f.related_model._meta.ordering:
        return None
    return f.related_model  # type: ignore[no-any-return]


def name_of(entry: Any) -> str | None:
    """ "-user__name", F("user__name").desc() → "user__name"; None for an expression of more than a name."""
    if isinstance(entry, OrderBy):
        entry = entry.expression
    if isinstance(entry, F):
        entry = vars(entry)["name"]
    return entry.lstrip("-+") if isinstance(entry, str) and entry != "?" else None


def selected(model: AnyModel, facts: Facts, depth: int = 5) -> Link | None:
    """The first key of another database that a bare ``select_related()`` follows, of those that are NOT NULL."""
    links = [link for link in facts.links if link.child is model and not link.field.null]
    for link in links:
        if facts.apart(model, link.parent):
            return link
    found = (selected(link.parent, facts, depth - 1) for link in links if depth > 1 and link.parent is not model)
    return next((link for link in found if link), None)


def crossing_field(model: AnyModel, name: str, facts: Facts) -> Field | None:
    """A forward relation of the model that crosses databases."""
    f = _field(model, name)
    if f is None or f.auto_created or not f.is_relation or not isinstance(f.related_model, type):
        return None
    return f if facts.apart(model, f.related_model) else None


def _is_key(f: Field, there: AnyModel, name: str) -> bool:
    target = getattr(f, "target_field", None)
    if name == "pk":
        return target is not None and target.primary_key
    return target is not None and name in (target.name, target.attname)


def _field(model: AnyModel, name: str) -> Field | None:
    try:
        return model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        pass
    return next((f for f in model._meta.local_fields if f.attname == name), None)
