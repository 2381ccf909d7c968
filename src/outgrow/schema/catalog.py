"""Comparing two catalogs: what ``restore`` must bring back is exactly what was there before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace

from outgrow.dialects.base import Column, ObjectKind, SchemaObject, SetAside, Table

Identity = tuple[str, ObjectKind, str]


def identity(thing: SchemaObject) -> Identity:
    """What makes it this object, whatever its definition says now."""
    return (thing.table, thing.kind, thing.name)


def expected(live: Mapping[str, Table], items: Iterable[SetAside]) -> dict[str, Table]:
    """The catalog as it was before these items were set aside, also when only some of them are gone."""
    catalog = dict(live)
    for thing in (item.object for item in items):
        if table := catalog.get(thing.table):
            others = tuple(o for o in table.objects if identity(o) != identity(thing))
            key = thing.columns if thing.kind is ObjectKind.PRIMARY else table.key
            catalog[thing.table] = replace(table, objects=(*others, thing), key=key)
    return catalog


def compare_catalog(
    before: Mapping[str, Table], after: Mapping[str, Table], tables: Collection[str] | None = None
) -> list[str]:
    """One line for each difference in tables, columns, keys, indexes, constraints and triggers; [] when identical.

    Definitions are the engines' own normalised texts, which say also whether a constraint is deferrable or not valid.
    """
    names = sorted(before.keys() | after.keys()) if tables is None else sorted(tables)
    found: list[str] = []
    for name in names:
        one, other = before.get(name), after.get(name)
        if one is None or other is None:
            if one is not other:
                found.append(f"{name}: the table is {'missing' if other is None else 'new'}")
            continue
        found += [f"{name}: {text}" for text in _compare_table(one, other)]
    return found


def _compare_table(before: Table, after: Table) -> list[str]:
    found = []
    for attribute in ("kind", "storage", "key"):
        one, other = getattr(before, attribute), getattr(after, attribute)
        if one != other:
            found.append(f"{attribute} was {one}, is {other}")
    found += _compare_columns(before.columns, after.columns)
    ours = {identity(o): o for o in before.objects}
    theirs = {identity(o): o for o in after.objects}
    for missing in sorted(ours.keys() - theirs.keys()):
        found.append(f"{missing[1]} {missing[2]} is missing: {ours[missing].definition}")
    for new in sorted(theirs.keys() - ours.keys()):
        found.append(f"{new[1]} {new[2]} is new: {theirs[new].definition}")
    for same in sorted(ours.keys() & theirs.keys()):
        found += _compare_object(ours[same], theirs[same])
    return found


def _compare_columns(before: tuple[Column, ...], after: tuple[Column, ...]) -> list[str]:
    if [c.name for c in before] != [c.name for c in after]:
        return [f"columns were {', '.join(c.name for c in before)}, are {', '.join(c.name for c in after)}"]
    return [
        f"column {one.name}: {field.name} was {getattr(one, field.name)}, is {getattr(other, field.name)}"
        for one, other in zip(before, after, strict=True)
        for field in fields(Column)
        if getattr(one, field.name) != getattr(other, field.name)
    ]


def _compare_object(before: SchemaObject, after: SchemaObject) -> list[str]:
    return [
        f"{before.kind} {before.name}: {field.name} was {getattr(before, field.name)}, is {getattr(after, field.name)}"
        for field in fields(SchemaObject)
        if getattr(before, field.name) != getattr(after, field.name)
    ]
