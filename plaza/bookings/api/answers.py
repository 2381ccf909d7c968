"""What is answered, built by hand: these are read often."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils.timezone import now

from plaza.api import versions
from plaza.bookings import quick
from plaza.bookings.hours import turn_time, zone
from plaza.bookings.models import Block, Booking, Restaurant, Review, SpecialHours, Table, WaitlistEntry
from plaza.bookings.slots import Slot

Answer = dict[str, Any]


def utc(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def local(moment: datetime, restaurant: Restaurant) -> str:
    return moment.astimezone(zone(restaurant)).isoformat()


def text(value: date | time | None) -> str | None:
    return None if value is None else value.isoformat()


def minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def _stars(restaurant: Restaurant) -> tuple[int, int]:
    stats = getattr(restaurant, "stats", None)
    return (stats.reviews, stats.stars) if stats else (0, 0)


def short(restaurant: Restaurant) -> Answer:
    reviews, stars = _stars(restaurant)
    return {
        "id": str(restaurant.public_id),
        "name": restaurant.name,
        "slug": restaurant.slug,
        "cuisines": restaurant.cuisines,
        "timezone": restaurant.timezone,
        "rating": round(stars / reviews, 2) if reviews else None,
        "reviews": reviews,
    }


def whole(restaurant: Restaurant) -> Answer:
    return {
        **short(restaurant),
        "about": restaurant.about,
        "phone": restaurant.phone,
        "website": restaurant.website,
        "location": None if restaurant.location_id is None else str(restaurant.location_id),
        "min_party": restaurant.min_party,
        "max_party": restaurant.max_party,
        "turn_minutes": minutes(restaurant.turn_time),
        "turn_times": [{"up_to": up_to, "minutes": each} for up_to, each in restaurant.turn_times],
        "approves_by_hand": restaurant.approves_by_hand,
        "max_parties": restaurant.max_parties,
        "max_seats": restaurant.max_seats,
        "cancel_minutes": minutes(restaurant.cancel_before),
        "books_ahead": restaurant.books_ahead,
        "deposit": None if restaurant.deposit is None else str(restaurant.deposit),
        "hours": hours(restaurant),
        "created_at": utc(restaurant.created_at),
    }


def tag(restaurant: Restaurant) -> str:
    """A new review is not sent as a 304, and makes no change of the restaurant stale."""
    return versions.tag("restaurant", restaurant.pk, restaurant.revision, *_stars(restaurant))


def hours(place: Restaurant) -> list[Answer]:
    """By weekday and time."""
    found = [
        {
            "weekday": weekday,
            "opens_at": text(opens),
            "closes_at": text(closes),
            "valid_from": text(since),
            "valid_until": text(until),
        }
        for weekday, _, opens, closes, since, until in quick.hours(place)
    ]
    return sorted(found, key=lambda one: (one["weekday"], one["opens_at"], one["closes_at"], one["valid_from"] or ""))


def special(one: SpecialHours) -> Answer:
    return {"day": one.day.isoformat(), "opens_at": text(one.opens_at), "closes_at": text(one.closes_at)}


def table(one: Table) -> Answer:
    return {"id": str(one.pk), "label": one.label, "seats": one.seats, "is_joinable": one.is_joinable}


def table_tag(one: Table) -> str:
    return versions.etag("table", one.pk, one.label, one.seats, one.is_joinable)


def block(one: Block) -> Answer:
    return {
        "id": str(one.pk),
        "starts_at": utc(one.starts_at),
        "ends_at": utc(one.ends_at),
        "table": None if one.table_id is None else str(one.table_id),
        "reason": one.reason,
    }


def slots(restaurant: Restaurant, day: date, party: int, found: Iterable[Slot]) -> Answer:
    where = zone(restaurant)
    return {
        "date": day.isoformat(),
        "timezone": restaurant.timezone,
        "party": party,
        "turn_minutes": minutes(turn_time(restaurant, party)),
        "slots": [
            {
                "starts_at": f"{begins.isoformat()[:19]}Z",
                "local": begins.astimezone(where).isoformat(),
                "status": status,
            }
            for begins, status in found
        ],
    }


def at(restaurant: Restaurant) -> Answer:
    return {"id": str(restaurant.public_id), "name": restaurant.name, "timezone": restaurant.timezone}


def _state(one: Booking) -> str:
    """A hold whose time is over may not have been swept yet."""
    over = one.state == Booking.State.HELD and one.held_until is not None and one.held_until <= now()
    return Booking.State.EXPIRED.value if over else one.state


def booking(one: Booking, restaurant: Restaurant) -> Answer:
    return {
        "id": str(one.public_id),
        "restaurant": at(restaurant),
        "table": one.table.label,
        "state": _state(one),
        "party_size": one.party_size,
        "starts_at": utc(one.starts_at),
        "ends_at": utc(one.ends_at),
        "local": local(one.starts_at, restaurant),
        "held_until": utc(one.held_until) if one.state == Booking.State.HELD else None,
        "guest_name": one.guest_name,
        "price": None if one.price is None else str(one.price),
        "note": one.note,
        "created_at": utc(one.created_at),
    }


def booking_tag(one: Booking, restaurant: Restaurant) -> str:
    """A hold ends by itself, and a restaurant or a table may get another name."""
    return versions.tag("booking", one.pk, one.revision, _state(one), one.table.label, *at(restaurant).values())


def waiting(one: WaitlistEntry, restaurant: Restaurant) -> Answer:
    offered = one.state == WaitlistEntry.State.OFFERED and one.booking is not None
    return {
        "id": str(one.pk),
        "restaurant": at(restaurant),
        "date": one.wanted_on.isoformat(),
        "party_size": one.party_size,
        "earliest": text(one.earliest),
        "latest": text(one.latest),
        "state": one.state,
        "voucher": str(one.voucher) if offered else None,
        "offered_until": utc(one.offered_until) if offered else None,
        "offer": utc(one.booking.starts_at) if offered and one.booking else None,
        "booking": str(one.booking.public_id) if one.booking else None,
        "created_at": utc(one.created_at),
    }


def in_line(one: WaitlistEntry, restaurant: Restaurant, guests: Mapping[int | None, Answer]) -> Answer:
    """For the owner, who does not learn the voucher."""
    return {
        **waiting(one, restaurant), "voucher": None, "priority": one.priority, "guest": guests[one.guest_id],
    }  # fmt: skip


def review(one: Review, people: Mapping[int | None, Answer]) -> Answer:
    return {
        "id": str(one.pk),
        "author": people[one.author_id],
        "stars": one.stars,
        "body": one.body,
        "created_at": utc(one.created_at),
    }
