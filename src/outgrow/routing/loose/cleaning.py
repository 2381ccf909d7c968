"""Clean-up both ways, in bounded steps that any number of workers may run at once.

From the tombstones: the children of every key that died are cleaned, then its tombstone goes. From the children, by two
watermarks: *new* rows, by their own rising key, and a *round* over all of them in the order of the key they refer to,
which finds what no trigger told of (a child that was written after its parent's tombstone had gone, a truncated table,
a row that was changed to refer to a dead parent). The round reads a batch of one key's rows and goes on behind that
key, so that a million children of one parent cost one batch.

A key that a watermark finds missing may be that of a parent whose transaction has not been committed yet: it gets a
tombstone that counts only after a while, and only if the parent is missing then as well.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.db import Error, connections, models

from outgrow.errors import Refused
from outgrow.models import LooseWalk, Tombstone
from outgrow.routing.loose import children
from outgrow.routing.loose.install import has_table
from outgrow.routing.loose.keys import from_text, to_text
from outgrow.routing.loose.limits import Limits
from outgrow.routing.loose.references import Parent, Reference, by_parent, references

LIMITS = Limits()


@dataclass
class Count:
    """One reference in one run."""

    action: str
    cleaned: int = 0  # children deleted, or set to NULL
    looked: int = 0  # children looked at by the watermarks
    missing: int = 0  # keys without a parent that no tombstone had told of
    refused: int = 0  # children that something protects
    failed: str = ""  # why its database could not be used


@dataclass
class Cleaned:
    """One run. ``unfinished``: a limit ended it."""

    references: dict[str, Count] = field(default_factory=dict)
    tombstones: int = 0  # that are gone
    waiting: int = 0  # that are left
    unfinished: bool = False
    seconds: float = 0.0

    @property
    def cleaned(self) -> int:
        return sum(count.cleaned for count in self.references.values())

    @property
    def found(self) -> int:
        return sum(count.missing for count in self.references.values())

    @property
    def is_well(self) -> bool:
        return not any(count.refused or count.failed for count in self.references.values())


def clean(
    names: Collection[str] = (),
    aliases: Collection[str] = (),
    limits: Limits = LIMITS,
) -> Cleaned:
    """One run over the loose references of the project, or over those named. Children may leave tombstones themselves:
    it goes on until nothing more is found, or a limit is reached.
    """
    found = references(names, aliases)
    _are_installed(found)
    run = _Run(found, limits)
    run.go()
    return run.result


class _Run:
    def __init__(self, found: Sequence[Reference], limits: Limits) -> None:
        self.found, self.limits = found, limits
        self.parents = by_parent(found)
        # A tombstone goes when every reference to its table is clean, those that are left out of this run included.
        self.all = by_parent(references())
        self.refused: dict[str, set[Any]] = {}
        self.result = Cleaned({str(r): Count(r.action.value) for r in found})
        self.began = time.monotonic()

    def go(self) -> None:
        looked = False
        while True:
            before = self.result.cleaned + self.result.found
            for parent, found in self.parents.items():
                self._by_tombstones(parent, found)
            for reference in [] if looked else self.found:
                self._watched(reference, self._newest, reference)
                self._watched(reference, self._round, reference)
            looked = True
            if self.result.cleaned + self.result.found == before or self._over():
                break
        self.result.waiting = sum(_stones(parent).count() for parent in self.parents)
        self.result.seconds = time.monotonic() - self.began

    # -- limits ---------------------------------------------------------------------------------------------------
    def _over(self) -> bool:
        """Whether this run may clean no more."""
        if self._late() or self._room() <= 0:
            self.result.unfinished = True
            return True
        return False

    def _late(self) -> bool:
        return self.limits.seconds is not None and time.monotonic() - self.began >= self.limits.seconds

    def _room(self) -> int:
        """Children that this batch may clean."""
        left = self.limits.rows - self.result.cleaned if self.limits.rows is not None else self.limits.batch
        return min(left, self.limits.batch)

    # -- from the tombstones --------------------------------------------------------------------------------------
    def _by_tombstones(self, parent: Parent, found: Sequence[Reference]) -> None:
        last = 0
        complete = {str(r) for r in self.all[parent]} == {str(r) for r in found}
        while not self._over():
            chosen = _stones(parent).filter(id__gt=last, died__lte=time.time()).order_by("id")
            stones = list(chosen.values_list("id", "key_text")[: children.KEYS])
            if not stones:
                return
            last = stones[-1][0]
            keys = self._read(found[0], stones)
            gone = children.dead(found[0], keys.values())
            left: set[Any] = set()
            for reference in found:
                still = self._watched(reference, self._clean, reference, gone)
                left |= gone if still is None else still
            done = [id_ for id_, key in keys.items() if key not in left]
            if complete and done:
                # Exactly those that were read: one who was born again and died again has left another.
                self.result.tombstones += _stones(parent).filter(id__in=done).delete()[0]

    def _read(self, reference: Reference, stones: Iterable[tuple[int, str]]) -> dict[int, Any]:
        """The keys of tombstones; one of another type, which the column had before, stays and is counted as waiting."""
        keys = {}
        for id_, text in stones:
            with suppress(ValueError):
                keys[id_] = from_text(reference.key, text, connections[reference.parent_alias])
        return keys

    def _clean(self, reference: Reference, keys: Collection[Any]) -> set[Any]:
        """Clean the children of dead parents; returns the keys that some still refer to."""
        count = self.result.references[str(reference)]
        refused = self.refused.setdefault(str(reference), set())
        for some in children.batched(sorted(keys, key=str), children.KEYS):
            while not self._over() and len(refused) < children.REFUSED:
                size = self._room()
                batch = children.clean_batch(reference, some, size, refused)
                count.cleaned += batch.cleaned
                refused.update(batch.refused)
                count.refused = len(refused)
                if batch.seen < size or not (batch.cleaned or batch.refused):
                    break
        return children.referring(reference, keys)

    # -- from the children ----------------------------------------------------------------------------------------
    def _newest(self, reference: Reference) -> None:
        """Rows above the highest key that was looked at; what commits late with a lower one is left to the round."""
        if not rises(reference):
            return
        walk = _walk(reference)
        count, looked = self.result.references[str(reference)], 0
        name = reference.field.attname
        if walk.newest is None:
            highest = reference.children().aggregate(n=models.Max("pk"))["n"]
            _move(walk, newest=int(highest or 0))
            return
        while not self._late() and (self.limits.look is None or looked < self.limits.look):
            rows = list(
                reference.children().filter(pk__gt=walk.newest).order_by("pk").values_list("pk", name)[: self._step()]
            )
            if not rows:
                return
            self._look(reference, {key for _, key in rows if key is not None})
            looked += len(rows)
            count.looked += len(rows)
            if not _move(walk, newest=int(rows[-1][0])):
                return  # another worker has gone on from here

    def _round(self, reference: Reference) -> None:
        """From where the last run stopped, to the end, and from the beginning to there."""
        walk = _walk(reference)
        count, looked = self.result.references[str(reference)], 0
        name, stop, wrapped = reference.field.attname, walk.reached, False
        while not self._late() and (self.limits.look is None or looked < self.limits.look):
            rows = reference.children().filter(**{f"{name}__isnull": False})
            if walk.reached is not None:
                rows = rows.filter(**{f"{name}__gt": self._key(reference, walk.reached)})
            if wrapped and stop is not None:
                rows = rows.filter(**{f"{name}__lte": self._key(reference, stop)})
            keys = list(rows.order_by(name).values_list(name, flat=True)[: self._step()])
            self._look(reference, set(keys))
            looked += len(keys)
            count.looked += len(keys)
            if len(keys) == self._step():
                if not _move(walk, reached=to_text(reference.key, keys[-1])):
                    return
            elif wrapped:
                return
            else:
                wrapped = True
                moved = _move(walk, reached=None, rounds=walk.rounds + 1, finished=time.time())
                if not moved or stop is None:
                    return

    def _step(self) -> int:
        return self.limits.batch

    def _key(self, reference: Reference, text: str) -> Any:
        return from_text(reference.key, text, connections[reference.child_alias])

    def _look(self, reference: Reference, keys: set[Any]) -> None:
        """Note the keys without a parent, unless tombstones tell of them already."""
        missing = {to_text(reference.key, key) for key in children.dead(reference, keys)}
        for texts in children.batched(sorted(missing), children.KEYS):
            parent = reference.place
            known = set(_stones(parent).filter(key_text__in=texts).values_list("key_text", flat=True))
            counts_from = time.time() + self.limits.grace
            about = {"table_name": parent.table, "column_name": parent.column, "died": counts_from}
            fresh = [Tombstone(key_text=text, **about) for text in texts if text not in known]
            Tombstone.objects.using(parent.alias).bulk_create(fresh)
            self.result.references[str(reference)].missing += len(fresh)

    # -- trouble --------------------------------------------------------------------------------------------------
    def _watched(self, reference: Reference, step: Any, *arguments: Any) -> Any:
        """One step; a database that cannot be used stops its own references only, and None comes back."""
        count = self.result.references[str(reference)]
        if count.failed:
            return None
        try:
            return step(*arguments)
        except Error as error:  # its text may hold values of rows
            count.failed = f"{type(error).__name__} in {reference.child_alias} or {reference.parent_alias}"
            return None


def rises(reference: Reference) -> bool:
    """Whether new children have higher keys than the ones before."""
    return isinstance(reference.child._meta.pk, models.AutoField | models.BigAutoField | models.SmallAutoField)


def _stones(parent: Parent) -> models.QuerySet[Tombstone]:
    return Tombstone.objects.using(parent.alias).filter(table_name=parent.table, column_name=parent.column)


def _walk(reference: Reference) -> LooseWalk:
    walks = LooseWalk.objects.using(reference.child_alias)
    return walks.get_or_create(reference=str(reference), defaults={"rounds": 0})[0]


def _move(walk: LooseWalk, **values: Any) -> bool:
    """Go on, unless another worker has meanwhile: then its place holds."""
    here = LooseWalk.objects.using(walk._state.db).filter(
        id=walk.id, newest=walk.newest, reached=walk.reached, rounds=walk.rounds
    )
    if not here.update(**values):
        return False
    for name, value in values.items():
        setattr(walk, name, value)
    return True


def _are_installed(found: Iterable[Reference]) -> None:
    for alias, model in sorted(
        {(r.parent_alias, Tombstone) for r in found} | {(r.child_alias, LooseWalk) for r in found},
        key=lambda pair: (pair[0], pair[1].__name__),
    ):
        if not has_table(alias, model):
            raise Refused(
                f"the table {model._meta.db_table} is not in {alias}, so that nothing tells which parents died: run "
                "`outgrow loose install` first."
            )
