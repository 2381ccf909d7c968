"""Which foreign keys cross, by the live catalog: between a table that moves and one that stays, in both directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from outgrow.dialects.base import ObjectKind, SchemaObject, Table

Identity = tuple[str, tuple[str, ...], str]


def key_identity(key: SchemaObject) -> Identity:
    """What makes it this key; a name need not (SQLite has only numbers, which shift)."""
    assert key.refers is not None
    return (key.table.lower(), tuple(c.lower() for c in key.columns), key.refers[0].lower())


def crossing_keys(live: Mapping[str, Table], moves: Callable[[str], bool]) -> dict[str, list[SchemaObject]]:
    """The keys by their table. What the engine keeps as part of another table's key (a partition's) goes with that."""
    found: dict[str, list[SchemaObject]] = {}
    known = {name.lower() for name in live}
    for table in live.values():
        for thing in table.objects:
            if thing.kind is not ObjectKind.FOREIGN or thing.refers is None or thing.stays:
                continue
            parent = thing.refers[0].lower()
            # A key to a table that is gone crosses as well: only what was moved away can have been there.
            if moves(table.name) != moves(parent) and (parent in known or moves(parent)):
                found.setdefault(table.name, []).append(thing)
    return found


def shape(table: Table) -> tuple[object, ...]:
    """All of a table but its foreign keys: what must be the same when some of them were dropped or given back."""
    others = sorted(
        (o.kind, o.name, o.columns, o.definition)
        for o in table.objects
        if o.kind is not ObjectKind.FOREIGN and o.name != "(table)"
    )
    return (table.columns, table.key, table.kind, table.storage, tuple(others))


def keys_of(table: Table) -> list[Identity]:
    """Its foreign keys, sorted; one that stands twice counts twice."""
    keys = (o for o in table.objects if o.kind is ObjectKind.FOREIGN and o.refers is not None)
    return sorted(map(key_identity, keys))
