"""Counters, and the locks that they are: see plaza.social.models for their order.

Each is changed by an addition in the transaction of what it counts, and only if that was really written or deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db import connections, models, router, transaction
from django.db.models import Count, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from plaza.social.models import Comment, Follow, Liking, Person, Post, PostStats, ProfileStats

BATCH = 1000  # rows that are locked at once while they are counted anew

Stats = TypeVar("Stats", PostStats, ProfileStats)


def lock_people(*numbers: int) -> dict[int, ProfileStats]:
    """The counters of users, locked until the transaction ends; made where they are missing."""
    wanted = sorted(set(numbers))
    if ProfileStats.objects.filter(pk__in=wanted).count() == len(wanted):
        return _locked(ProfileStats, wanted)
    found: dict[int, ProfileStats] = {}
    for number in wanted:  # one after the other: whoever makes the second one has locked the first
        found |= _made_and_locked(ProfileStats, number)
    return found


def lock_post(number: int) -> PostStats | None:
    """The counters of a post, likewise; None where it is gone."""
    found = _locked(PostStats, [number])
    if not found and Post.objects.filter(pk=number).exists():
        found = _made_and_locked(PostStats, number)
    return found.get(number)


def _made_and_locked(model: type[Stats], number: int) -> dict[int, Stats]:
    _make(model, [number], router.db_for_write(model))
    return _locked(model, [number])


def _locked(model: type[Stats], numbers: list[int]) -> dict[int, Stats]:
    rows = model._default_manager.select_for_update().filter(pk__in=numbers).order_by("pk")
    return {row.pk: row for row in rows}


def _make(model: type[models.Model], numbers: list[int], alias: str) -> None:
    """Rows of zeros, unless they are there meanwhile.

    For INSERT IGNORE two of MySQL's transactions may both read a row that a third one makes, and then both wait for
    the other to let it be locked; ON DUPLICATE KEY locks it at once.
    """
    rows = model._default_manager.using(alias)
    connection = connections[alias]
    if connection.vendor != "mysql":
        rows.bulk_create([model(pk=number) for number in numbers], ignore_conflicts=True)
        return
    quote = connection.ops.quote_name
    key, *others = (quote(field.column) for field in model._meta.concrete_fields if not field.null)
    places = f"({', '.join(['%s', *('0' for _ in others)])})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(model._meta.db_table)} ({', '.join([key, *others])}) "
            f"VALUES {', '.join(places for _ in numbers)} ON DUPLICATE KEY UPDATE {key} = {key}",
            numbers,
        )


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
    if missing := sorted(set(keys) - set(rows.values_list("pk", flat=True))):
        _make(model, missing, alias)
    with transaction.atomic(using=alias):
        list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
        right = Q(**actual)
        bad = list(rows.exclude(right).values_list("pk", flat=True))
        model._default_manager.using(alias).filter(pk__in=bad).update(**actual)
    return len(bad)


def _number_of(model: type[models.Model], key: str, condition: Q) -> Coalesce:
    rows = model._default_manager.filter(condition, **{key: OuterRef("pk")}).order_by()
    return Coalesce(Subquery(rows.values(key).annotate(n=Count("pk")).values("n")), Value(0))
