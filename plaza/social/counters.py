"""Counters, and the locks that they are: see plaza.social.models for their order.

Each is changed by an addition in the transaction of what it counts, and only if that was really written or deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db import models, router, transaction
from django.db.models import Count, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from plaza.social.models import Comment, Follow, Liking, Person, Post, PostStats, ProfileStats

BATCH = 1000  # rows that are locked at once while they are counted anew

Stats = TypeVar("Stats", PostStats, ProfileStats)


def lock_people(*numbers: int) -> dict[int, ProfileStats]:
    """The counters of users, locked until the transaction ends; made where they are missing."""
    return _locked(ProfileStats, numbers)


def lock_post(number: int) -> PostStats | None:
    """The counters of a post, likewise; None where it is gone."""
    return lock_posts([number]).get(number)


def lock_posts(numbers: Iterable[int]) -> dict[int, PostStats]:
    wanted = set(numbers)
    found = _rows(PostStats, wanted)
    if len(found) < len(wanted):
        there = Post.objects.filter(pk__in=wanted - found.keys()).values_list("pk", flat=True)
        found |= _locked(PostStats, list(there))
    return found


def _locked(model: type[Stats], numbers: Iterable[int]) -> dict[int, Stats]:
    wanted = set(numbers)
    missing = wanted - set(model._default_manager.filter(pk__in=wanted).values_list("pk", flat=True))
    if missing:
        model._default_manager.bulk_create([model(pk=number) for number in sorted(missing)], ignore_conflicts=True)
    return _rows(model, wanted)


def _rows(model: type[Stats], numbers: Iterable[int]) -> dict[int, Stats]:
    rows = model._default_manager.select_for_update().filter(pk__in=numbers).order_by("pk")
    return {row.pk: row for row in rows}


def add(model: type[Stats], numbers: int | Iterable[int], **amounts: int) -> None:
    """Add to the counters of one or several rows."""
    wanted = [numbers] if isinstance(numbers, int) else sorted(numbers)
    changes = {name: F(name) + amount for name, amount in amounts.items()}
    model._default_manager.filter(pk__in=wanted).update(**changes)


def recount(using: str | None = None) -> int:
    """Put every counter right, and make those that are missing; returns how many rows were wrong."""
    posts = {"likes": (Liking, "post_id", Q()), "comments": (Comment, "post_id", Q(is_removed=False))}
    people = {
        "posts": (Post, "author_id", Q(is_archived=False)),
        "followers": (Follow, "followed_id", Q()),
        "following": (Follow, "follower_id", Q()),
    }
    alias = using or router.db_for_write(PostStats)
    return _recount(PostStats, Post, posts, alias) + _recount(ProfileStats, Person, people, alias)


Counted = Mapping[str, tuple[type[models.Model], str, Q]]


def _recount(model: type[models.Model], owners: type[models.Model], counted: Counted, alias: str) -> int:
    wrong, last = 0, 0
    while True:
        rows = owners._default_manager.using(alias).filter(pk__gt=last).order_by("pk")
        keys = list(rows.values_list("pk", flat=True)[:BATCH])
        if not keys:
            return wrong
        wrong, last = wrong + _put_right(model, keys, counted, alias), keys[-1]


def _put_right(model: type[models.Model], keys: list[int], counted: Counted, alias: str) -> int:
    """Locked first and counted then: what is written meanwhile waits, and counts from there on."""
    rows = model._default_manager.using(alias).filter(pk__in=keys)
    actual: dict[str, Any] = {name: _number_of(*what) for name, what in counted.items()}
    with transaction.atomic(using=alias):
        missing = set(keys) - set(rows.values_list("pk", flat=True))
        model._default_manager.using(alias).bulk_create(
            [model(pk=key) for key in sorted(missing)], ignore_conflicts=True
        )
        list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
        right = Q(**actual)
        bad = list(rows.exclude(right).values_list("pk", flat=True))
        model._default_manager.using(alias).filter(pk__in=bad).update(**actual)
    return len(bad)


def _number_of(model: type[models.Model], key: str, condition: Q) -> Coalesce:
    rows = model._default_manager.filter(condition, **{key: OuterRef("pk")}).order_by()
    return Coalesce(Subquery(rows.values(key).annotate(n=Count("pk")).values("n")), Value(0))
