"""Counting anew: what begins in each quarter of an hour from today on, and the stars of each restaurant."""

from __future__ import annotations

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
        parties, seats = right.pop((bucket.restaurant_id, bucket.starts_at), (0, 0))
        as_read = Bucket.objects.using(using).filter(pk=bucket.pk, parties=bucket.parties, seats=bucket.seats)
        if (bucket.parties, bucket.seats) != (parties, seats):
            wrong += as_read.update(parties=parties, seats=seats)
    missing = [
        Bucket(restaurant_id=place, starts_at=begins, parties=parties, seats=seats)
        for (place, begins), (parties, seats) in right.items()
    ]
    Bucket.objects.using(using).bulk_create(missing, AT_ONCE, ignore_conflicts=True)
    return wrong + len(missing)


def _stars(using: str | None) -> int:
    found = Review.objects.using(using).order_by().values_list("restaurant_id")
    right = {place: (many, stars) for place, many, stars in found.annotate(many=Count("pk"), stars=Sum("stars"))}
    wrong = 0
    for row in RestaurantStats.objects.using(using).iterator(AT_ONCE):
        reviews, stars = right.pop(row.restaurant_id, (0, 0))
        if (row.reviews, row.stars) != (reviews, stars):
            as_read = RestaurantStats.objects.using(using).filter(pk=row.pk, reviews=row.reviews, stars=row.stars)
            wrong += as_read.update(reviews=reviews, stars=stars)
    missing = [
        RestaurantStats(restaurant_id=place, reviews=many, stars=stars) for place, (many, stars) in right.items()
    ]
    RestaurantStats.objects.using(using).bulk_create(missing, AT_ONCE, ignore_conflicts=True)
    return wrong + len(missing)
