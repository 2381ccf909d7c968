"""How many parties and guests may begin in one quarter of an hour: a row that is counted up only below the limit.

Every live booking is counted, whether there is a limit or not, so that one that is set later finds what there is. The
row is taken after the tables' and the bookings' own rows, the earliest quarter first: what an expired hold gives back
is known only once its table is locked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db import connections, router
from django.db.models import F, Q

from plaza.bookings.models import Bucket, Restaurant

Moved = tuple[datetime, int]  # when a party begins, and how many it is


class Full(Exception):
    """No more may begin then."""


def count(restaurant: Restaurant, *, come: Iterable[Moved] = (), go: Iterable[Moved] = ()) -> None:
    """Count bookings in and out of their quarters; what goes makes room for what comes.

    :raises Full: the limit of a quarter is reached; the caller's transaction must end
    """
    change: dict[datetime, Counter[str]] = {}
    for begins, party in go:
        change.setdefault(begins, Counter()).subtract(parties=1, seats=party)
    came = set()
    for begins, party in come:
        change.setdefault(begins, Counter()).update(parties=1, seats=party)
        came.add(begins)
    for begins, by in sorted(change.items()):
        parties, seats = by["parties"], by["seats"]
        if not parties and not seats:
            continue
        row = Bucket.objects.filter(restaurant=restaurant, starts_at=begins)
        row = row.filter(parties__gte=-parties, seats__gte=-seats)  # nothing below zero, where it was wrong before
        if begins in came:
            _make(restaurant, begins)
            row = row.filter(_room(restaurant, parties, seats))
        if not row.update(parties=F("parties") + parties, seats=F("seats") + seats) and begins in came:
            raise Full


def _make(restaurant: Restaurant, begins: datetime) -> None:
    """The row, where there is none, and a lock on it either way: an INSERT that fails would leave a weaker one."""
    using = router.db_for_write(Bucket)
    named = connections[using].features.supports_update_conflicts_with_target
    Bucket.objects.using(using).bulk_create(
        [Bucket(restaurant=restaurant, starts_at=begins)],
        update_conflicts=True,
        update_fields=["starts_at"],
        unique_fields=["restaurant", "starts_at"] if named else None,
    )


def _room(restaurant: Restaurant, parties: int, seats: int) -> Q:
    room = Q()
    if restaurant.max_parties is not None and parties > 0:
        room &= Q(parties__lte=restaurant.max_parties - parties)
    if restaurant.max_seats is not None and seats > 0:
        room &= Q(seats__lte=restaurant.max_seats - seats)
    return room
