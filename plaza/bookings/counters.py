"""Counting anew: what begins in each quarter of an hour from today on, and the stars of each restaurant."""

from __future__ import annotations

from django.db import router, transaction
from django.db.models import Count, Sum
from django.utils.timezone import now

from plaza.bookings.models import Booking, Bucket, RestaurantStats, Review

AT_ONCE = 1000


def recount(using: str | None = None) -> int:
    return _buckets(using) + _stars(using)


def _buckets(using: str | None) -> int:
    """What has begun is left as it is: nobody books it any more."""
    live = Booking.objects.using(using).filter(is_live=True, starts_at__gt=now()).order_by()
    found = live.values_list("table__restaurant_id", "starts_at").annotate(parties=Count("pk"), seats=Sum("party_size"))
    right = {(place, begins): (parties, seats) for place, begins, parties, seats in found}
    wrong = 0
    for bucket in Bucket.objects.using(using).filter(starts_at__gt=now()).iterator(AT_ONCE):
        if (bucket.parties, bucket.seats) != right.pop((bucket.restaurant_id, bucket.starts_at), (0, 0)):
            wrong += _right(bucket, using)
    missing = [
        Bucket(restaurant_id=place, starts_at=begins, parties=parties, seats=seats)
        for (place, begins), (parties, seats) in right.items()
    ]
    Bucket.objects.using(using).bulk_create(missing, AT_ONCE, ignore_conflicts=True)
    return wrong + len(missing)


def _right(bucket: Bucket, using: str | None) -> bool:
    """Count one again under its lock, and say whether it was wrong: somebody may have booked since all were counted."""
    with transaction.atomic(using=using or router.db_for_write(Bucket)):
        row = Bucket.objects.using(using).select_for_update().get(pk=bucket.pk)
        live = Booking.objects.using(using).filter(
            table__restaurant_id=row.restaurant_id, starts_at=row.starts_at, is_live=True
        )
        is_now = live.aggregate(parties=Count("pk"), seats=Sum("party_size", default=0))
        if is_now == {"parties": row.parties, "seats": row.seats}:
            return False
        Bucket.objects.using(using).filter(pk=row.pk).update(**is_now)
    return True


def _stars(using: str | None) -> int:
    found = Review.objects.using(using).order_by().values_list("restaurant_id")
    right = {place: (many, stars) for place, many, stars in found.annotate(many=Count("pk"), stars=Sum("stars"))}
    wrong = 0
    for row in RestaurantStats.objects.using(using).iterator(AT_ONCE):
        if (row.reviews, row.stars) != right.pop(row.restaurant_id, (0, 0)):
            wrong += _right_stars(row, using)
    missing = [
        RestaurantStats(restaurant_id=place, reviews=many, stars=stars) for place, (many, stars) in right.items()
    ]
    RestaurantStats.objects.using(using).bulk_create(missing, AT_ONCE, ignore_conflicts=True)
    return wrong + len(missing)


def _right_stars(stats: RestaurantStats, using: str | None) -> bool:
    """As ``_right``: somebody may have said how it was since all were counted."""
    with transaction.atomic(using=using or router.db_for_write(RestaurantStats)):
        row = RestaurantStats.objects.using(using).select_for_update().get(pk=stats.pk)
        said = Review.objects.using(using).filter(restaurant_id=row.restaurant_id)
        is_now = said.aggregate(reviews=Count("pk"), stars=Sum("stars", default=0))
        if is_now == {"reviews": row.reviews, "stars": row.stars}:
            return False
        RestaurantStats.objects.using(using).filter(pk=row.pk).update(**is_now)
    return True
