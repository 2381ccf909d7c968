"""The children of dead parents: found, locked, and deleted or set to NULL, one batch a transaction.

The order makes it safe beside people at work: children are locked first, then their parents are asked for in the
parents' database, then the children go. A child that was written when its parent lived is locked after that parent
was committed, so the parent is seen and the child stays; also where a new parent has taken a dead one's key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError, connections, transaction
from django.db.models import ProtectedError, RestrictedError

from outgrow.dialects.tombstones import tombstones_for
from outgrow.routing.loose.across import Action
from outgrow.routing.loose.keys import is_text
from outgrow.routing.loose.references import Reference

T = TypeVar("T")
KEYS = 500  # in one IN (…)
TRIES = 3  # of a batch that a deadlock or a lock broke off
REFUSED = 1000  # children that cannot go, before the rest of a reference waits for the next run


@dataclass
class Batch:
    """What became of one batch: children seen, cleaned, and refused by something that protects them."""

    seen: int = 0
    cleaned: int = 0
    refused: list[Any] = field(default_factory=list)  # their keys


def dead(reference: Reference, keys: Iterable[Any]) -> set[Any]:
    """Those of the keys that no parent has now, asked of the parents' primary database."""
    asked = set(keys)
    name = reference.key.attname
    found: set[Any] = set()
    for some in batched(asked, KEYS):
        found.update(reference.parents().filter(**{f"{name}__in": some}).values_list(name, flat=True))
    missing = asked - found
    if is_text(reference.key):  # the parent's collation may know a key by another spelling
        missing = {key for key in missing if not reference.parents().filter(**{name: key}).exists()}
    return missing


def referring(reference: Reference, keys: Collection[Any]) -> set[Any]:
    """Those of the keys that children refer to."""
    name = reference.field.attname
    found: set[Any] = set()
    for some in batched(keys, KEYS):
        found.update(reference.children().filter(**{f"{name}__in": some}).values_list(name, flat=True).distinct())
    return found


def clean_batch(reference: Reference, keys: Collection[Any], size: int, refused: Collection[Any] = ()) -> Batch:
    """Clean up to ``size`` children of at most KEYS keys whose parents do not exist; at once or, if need be, singly.

    Children that another transaction holds are passed over where the engine can, else waited for.
    """
    try:
        return _patiently(reference, keys, size, refused, None)
    except (ProtectedError, RestrictedError, IntegrityError):
        return _singly(reference, keys, size, refused)


def _singly(reference: Reference, keys: Collection[Any], size: int, refused: Collection[Any]) -> Batch:
    """One child a transaction: only those stay that are themselves protected."""
    names = {f"{reference.field.attname}__in": list(keys)}
    chosen = reference.children().filter(**names).exclude(pk__in=list(refused)).values_list("pk", flat=True)
    batch = Batch()
    for key in list(chosen[:size]):
        try:
            one = _patiently(reference, keys, 1, (), key)
        except (ProtectedError, RestrictedError, IntegrityError):
            batch.refused.append(key)
        else:
            batch.cleaned += one.cleaned
        batch.seen += 1
    return batch


def _patiently(reference: Reference, keys: Collection[Any], size: int, refused: Collection[Any], only: Any) -> Batch:
    """One transaction, begun anew when a deadlock or a lock broke it off."""
    for left in reversed(range(TRIES)):
        try:
            return _clean(reference, keys, size, refused, only)
        except OperationalError:
            if not left or connections[reference.child_alias].in_atomic_block:
                raise
    raise AssertionError("unreachable")


def _clean(reference: Reference, keys: Collection[Any], size: int, refused: Collection[Any], only: Any) -> Batch:
    alias, name = reference.child_alias, reference.field.attname
    connection = connections[alias]
    with transaction.atomic(using=alias):
        tombstones_for(connection).hold_writes(reference.child._meta.db_table)
        rows = reference.children().filter(**{f"{name}__in": list(keys)})
        rows = rows.filter(pk=only) if only is not None else rows.exclude(pk__in=list(refused))
        skips = connection.features.has_select_for_update_skip_locked
        locked = list(rows.select_for_update(skip_locked=skips).values_list("pk", name)[:size])
        gone = dead(reference, (key for _, key in locked))
        doomed = [pk for pk, key in locked if key in gone]
        if doomed:
            _act(reference, doomed)
    return Batch(len(locked), len(doomed))


def _act(reference: Reference, doomed: list[Any]) -> None:
    """As Django's own cascade: a deleted child takes its own along and sends signals, NULL is an UPDATE without any."""
    chosen = reference.children().filter(pk__in=doomed)
    if reference.action is Action.CASCADE:
        chosen.delete()
    else:
        chosen.update(**{reference.field.attname: None})


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most ``size``."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
