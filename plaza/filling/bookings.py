"""Restaurants and their guests; no table is ever booked twice for the same time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import cache

from plaza.filling.accounts import addresses
from plaza.filling.dice import EPOCH, Dice
from plaza.filling.sheets import Row, Sheet, World
from plaza.filling.words import FAMILY_NAMES, GIVEN_NAMES, LATIN_NAMES, PLACES

ZONES = ["Asia/Seoul", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC"]
CUISINES = ["한식", "일식", "italian", "café", "vegan", "BBQ 🍖"]
STATES = ["finished"] * 10 + ["reserved"] * 5 + ["seated", "held", "requested", "cancelled", "no_show"]
NOT_LIVE = {"cancelled", "no_show"}
FIRST_DAY = EPOCH.date().toordinal()
SITTINGS_A_DAY = 5
MINUTE = 60_000_000


def restaurants(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "bookings.Restaurant"), world.counts["bookings.Restaurant"]
    places = world.counts.get("social.Location", 0)
    for pk, created in enumerate(dice.moments(total), 1):
        smallest = 1 + dice.below(2)
        yield (pk, dice.uuid(), 1 + dice.below(world.users),
               1 + dice.below(places) if places and dice.chance(0.8) else None,
               f"{dice.pick(PLACES)} {pk}호점", f"{dice.pick(LATIN_NAMES)}-{pk}",
               dice.pick(world.phrases.posts),
               f"+82-2-{dice.below(10_000):04d}-{dice.below(10_000):04d}",
               f"https://example.org/{pk}" if dice.chance(0.5) else "", dice.pick(ZONES),
               json.dumps([dice.pick(CUISINES) for _ in range(dice.below(3))]), smallest,
               smallest + 7, MINUTE * 90, dice.chance(0.2), won(dice), dice.roll() * 5,
               day(-dice.below(20_000)) if dice.chance(0.7) else None, created)  # fmt: skip


def won(dice: Dice) -> str | None:
    return f"{dice.below(50_000_000) / 100:.2f}" if dice.chance(0.5) else None


@cache
def day(nth: int) -> str:
    return str(date.fromordinal(FIRST_DAY + nth))


def tables(world: World) -> Iterator[Row]:
    dice, restaurants = Dice(world.seed, "bookings.Table"), world.counts["bookings.Restaurant"]
    for nth in range(world.counts["bookings.Table"]):
        label = f"{'ABC'[nth % 3]}{nth // restaurants + 1}"
        yield nth + 1, nth % restaurants + 1, label, 2 + dice.below(7), dice.chance(0.3)


def opening_hours(world: World) -> Iterator[Row]:
    """Some close after midnight, some a microsecond before it."""
    dice, restaurants = Dice(world.seed, "bookings.OpeningHours"), world.counts["bookings.Restaurant"]
    closing = ["22:00:00", "23:59:59.999999", "00:00:00", "02:30:00"]
    for nth in range(world.counts["bookings.OpeningHours"]):
        starts = dice.below(365) if dice.chance(0.2) else None
        yield (nth + 1, nth % restaurants + 1, nth // restaurants % 7,
               f"{dice.below(12):02d}:{dice.below(4) * 15:02d}:00", dice.pick(closing),
               None if starts is None else day(starts),
               None if starts is None else day(starts + dice.below(90)))  # fmt: skip


def bookings(world: World) -> Iterator[Row]:
    """Sittings are two hours apart, begin at most 30 minutes late and take 90."""
    dice, total = Dice(world.seed, "bookings.Booking"), world.counts["bookings.Booking"]
    tables, lines, known = world.counts["bookings.Table"], world.phrases.lines, addresses(dice)
    for nth, created in enumerate(dice.moments(total)):
        date_, sitting = divmod(nth // tables, SITTINGS_A_DAY)
        date_, hour, minute = day(date_), 11 + 2 * sitting, 15 * dice.below(3)
        ends = hour * 60 + minute + 90
        state, name = dice.pick(STATES), f"{dice.pick(FAMILY_NAMES)} {dice.pick(GIVEN_NAMES)}"
        yield (nth + 1, dice.uuid(), nth % tables + 1,
               1 + dice.below(world.users) if dice.chance(0.8) else None, name, 1 + dice.below(8),
               f"{date_} {hour:02d}:{minute:02d}:00", f"{date_} {ends // 60:02d}:{ends % 60:02d}:00",
               state, None if state in NOT_LIVE else 1,
               dice.after(created, 600) if state == "held" else None, 1 + dice.below(4), won(dice),
               dice.pick(lines) if dice.chance(0.3) else "", dice.pick(known),
               created)  # fmt: skip


def waitlist(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "bookings.WaitlistEntry"), world.counts["bookings.WaitlistEntry"]
    restaurants, bookings = world.counts["bookings.Restaurant"], world.counts["bookings.Booking"]
    for pk, created in enumerate(dice.moments(total), 1):
        state = dice.pick(["waiting", "waiting", "offered", "accepted", "left"])
        early = f"{17 + dice.below(3)}:30:00" if dice.chance(0.6) else None
        yield (pk, 1 + dice.below(restaurants), 1 + dice.below(world.users),
               pk if state == "accepted" and pk <= bookings else None,
               dice.uuid() if state == "offered" else None, 1 + dice.below(8),
               day(dice.below(700)), early, "21:15:30.000001" if early else None,
               dice.below(7) - 3, state, created)  # fmt: skip


SHEETS = [
    Sheet(
        "bookings.Restaurant",
        3,
        ("id", "public_id", "owner_id", "location_id", "name", "slug", "about", "phone", "website",
         "timezone", "cuisines", "min_party", "max_party", "turn_time", "approves_by_hand",
         "deposit", "rating", "opened_on", "created_at"),
        restaurants,
    ),
    Sheet(
        "bookings.Table", 20, ("id", "restaurant_id", "label", "seats", "is_joinable"), tables
    ),
    Sheet(
        "bookings.OpeningHours",
        15,
        ("id", "restaurant_id", "weekday", "opens_at", "closes_at", "valid_from", "valid_until"),
        opening_hours,
    ),
    Sheet(
        "bookings.Booking",
        50,
        ("id", "public_id", "table_id", "guest_id", "guest_name", "party_size", "starts_at",
         "ends_at", "state", "is_live", "held_until", "revision", "price", "note",
         "requested_from", "created_at"),
        bookings,
    ),
    Sheet(
        "bookings.WaitlistEntry",
        12,
        ("id", "restaurant_id", "guest_id", "booking_id", "voucher", "party_size", "wanted_on",
         "earliest", "latest", "priority", "state", "created_at"),
        waitlist,
    ),
]  # fmt: skip
