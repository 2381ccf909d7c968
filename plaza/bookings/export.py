"""What bookings holds of a user: his restaurants, and where he booked, waits and said how it was."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from plaza.api.exports import rows
from plaza.bookings.models import Booking, Restaurant, Review, WaitlistEntry


def documents(user_id: int) -> Iterator[dict[str, Any]]:
    return chain(
        rows("restaurant", Restaurant.objects.filter(owner_id=user_id), "public_id", "name", "slug", "about", "phone",
             "website", "timezone", "created_at", "closed_at"),
        rows("booking", Booking.objects.filter(guest_id=user_id), "public_id", "table__restaurant__name",
             "table__label", "guest_name", "party_size", "starts_at", "ends_at", "state", "price", "note",
             "requested_from", "created_at"),
        rows("waiting", WaitlistEntry.objects.filter(guest_id=user_id), "id", "restaurant__name", "party_size",
             "wanted_on", "earliest", "latest", "state", "created_at"),
        rows("review", Review.objects.filter(author_id=user_id), "restaurant__name", "stars", "body", "created_at"),
    )  # fmt: skip
