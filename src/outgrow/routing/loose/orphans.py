"""All orphans now: children whose parent does not exist, whatever tombstones and watermarks say."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from outgrow.routing.loose import children
from outgrow.routing.loose.limits import BATCH, SHOWN, WAIT
from outgrow.routing.loose.references import Reference, references


@dataclass
class Orphans:
    """The orphans of one reference. ``sample``: (key of a child, the key that it refers to)."""

    reference: str
    action: str
    parent: str  # "auth_user.id in auth_db"
    rows: int = 0
    keys: int = 0  # different parents that are missing
    sample: list[tuple[str, str]] = field(default_factory=list)
    cleaned: int = 0
    refused: int = 0


def scan(names: Collection[str] = (), aliases: Collection[str] = (), *, shown: int = SHOWN) -> list[Orphans]:
    """Count the orphans of every loose reference, or of those named; nothing is written."""
    return [_scan(reference, shown)[0] for reference in references(names, aliases)]


def repair(
    names: Collection[str] = (),
    aliases: Collection[str] = (),
    *,
    batch: int = BATCH,
    wait: float = WAIT,
    shown: int = SHOWN,
    counted: Callable[[list[Orphans]], None] = lambda found: None,
) -> list[Orphans]:
    """Carry out the declared action on every orphan whose parent is missing now and again ``wait`` seconds later.

    A transaction may be about to commit the parent of a child that is there already. ``counted`` is called in between.
    """
    found = [(reference, *_scan(reference, shown)) for reference in references(names, aliases)]
    counted([result for _, result, _ in found])
    if any(keys for *_, keys in found):
        time.sleep(wait)
    for reference, result, keys in found:
        for some in children.batched(keys, children.KEYS):
            _repair(reference, result, some, batch)
    return [result for _, result, _ in found]


def _scan(reference: Reference, shown: int) -> tuple[Orphans, list[Any]]:
    """The orphans, and the missing keys."""
    result = _empty(reference)
    name = reference.field.attname
    missing: list[Any] = []
    for keys in _missing(reference):
        missing += keys
        rows = reference.children().filter(**{f"{name}__in": keys})
        result.rows += rows.count()
        if len(result.sample) < shown:
            found = rows.order_by(name, "pk").values_list("pk", name)[: shown - len(result.sample)]
            result.sample += [(str(pk), str(key)) for pk, key in found]
    result.keys = len(missing)
    return result, missing


def _repair(reference: Reference, result: Orphans, keys: list[Any], batch: int) -> None:
    refused: set[Any] = set()
    while True:
        done = children.clean_batch(reference, keys, batch, refused)
        result.cleaned += done.cleaned
        result.refused += len(done.refused)
        refused.update(done.refused)
        if done.seen < batch or not (done.cleaned or done.refused) or len(refused) >= children.REFUSED:
            return


def _empty(reference: Reference) -> Orphans:
    return Orphans(str(reference), reference.action.value, f"{reference.place} in {reference.parent_alias}")


def _missing(reference: Reference) -> Iterator[list[Any]]:
    """Keys that children refer to and no parent has, a few at a time, in order."""
    name = reference.field.attname
    rows = reference.children().filter(**{f"{name}__isnull": False}).order_by(name).values_list(name, flat=True)
    last: list[Any] = []
    while True:
        keys = list((rows.filter(**{f"{name}__gt": last[0]}) if last else rows)[:BATCH])
        missing = children.dead(reference, keys)
        yield from children.batched([key for key in dict.fromkeys(keys) if key in missing], children.KEYS)
        if len(keys) < BATCH:
            return
        last = [keys[-1]]
