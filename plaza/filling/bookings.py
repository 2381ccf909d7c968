"""Restaurants and their guests; no table is ever booked twice for the same time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import groupby, islice

from plaza.filling.accounts import PERSON, addresses, persons
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
TURNS = ["[]", "[[2, 75], [4, 90], [8, 120]]", "[[6, 90]]"]
PARTIES, SEATS = [None, None, 2, 3], [None, None, None, 12]
REVIEWS = ["맛있어요 😋", "Would come again.", "Zu laut, aber gut.", ""]


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
               smallest + 7, MINUTE * 90, dice.pick(TURNS), dice.chance(0.2), dice.pick(PARTIES), dice.pick(SEATS),
               MINUTE * 60 * dice.below(24), 30 + dice.below(300), won(dice), dice.roll() * 5,
               day(-dice.below(20_000)) if dice.chance(0.7) else None,
               dice.after(created, 86_400) if dice.chance(0.02) else None, 1 + dice.below(9), created)  # fmt: skip


def won(dice: Dice) -> str | None:
    return f"{dice.below(50_000_000) / 100:.2f}" if dice.chance(0.5) else None


@cache
def day(nth: int) -> str:
    return str(date.fromordinal(FIRST_DAY + nth))


def tables(world: World) -> Iterator[Row]:
    dice, restaurants = Dice(world.seed, "bookings.Table"), world.counts["bookings.Restaurant"]
    for nth in range(world.counts["bookings.Table"]):
        label = f"{'ABC'[nth % 3]}{nth // restaurants + 1}"
        yield nth + 1, nth % restaurants + 1, label, 2 + dice.below(7), dice.chance(0.3), 1


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


def special_hours(world: World) -> Iterator[Row]:
    """Holidays: some closed, some short."""
    dice, restaurants = Dice(world.seed, "bookings.SpecialHours"), world.counts["bookings.Restaurant"]
    for nth in range(world.counts["bookings.SpecialHours"]):
        opens, closes = ("12:00:00", "16:30:00") if dice.chance(0.5) else (None, None)
        yield nth + 1, nth % restaurants + 1, day(nth // restaurants * 7 + dice.below(7)), opens, closes


def blocks(world: World) -> Iterator[Row]:
    """Of one table, or of a whole restaurant."""
    dice, total = Dice(world.seed, "bookings.Block"), world.counts["bookings.Block"]
    restaurants, tables = world.counts["bookings.Restaurant"], world.counts["bookings.Table"]
    for pk, created in enumerate(dice.moments(total), 1):
        table = 1 + dice.below(tables)
        begins = dice.after(created, 86_400 * 30)
        yield (pk, (table - 1) % restaurants + 1, table if dice.chance(0.7) else None, begins,
               dice.after(begins, 86_400), dice.pick(["wedding 💍", "paint is wet", ""]), created)  # fmt: skip


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


def placed(world: World) -> Iterator[tuple[int, Row]]:
    """The bookings, each with its restaurant."""
    restaurants = world.counts["bookings.Restaurant"]
    for row in bookings(world):
        yield (row[2] - 1) % restaurants + 1, row


def buckets(world: World) -> Iterator[Row]:
    """What begins in a quarter of an hour, of the first sittings: live bookings as they were made, counted."""
    return islice(_buckets(world), world.counts["bookings.Bucket"])


def _buckets(world: World) -> Iterator[Row]:
    tables, pk = world.counts["bookings.Table"], 0
    for _, sitting in groupby(placed(world), key=lambda found: (found[1][0] - 1) // tables):
        parties: Counter[tuple[int, str]] = Counter()
        seats: Counter[tuple[int, str]] = Counter()
        for restaurant, row in sitting:
            if row[9]:
                parties[restaurant, row[6]] += 1
                seats[restaurant, row[6]] += row[5]
        for (restaurant, begins), many in parties.items():
            pk += 1
            yield pk, restaurant, begins, many, seats[restaurant, begins]


def reviews(world: World) -> Iterator[Row]:
    dice = Dice(world.seed, "bookings.Review")
    visits = ((place, row) for place, row in placed(world) if row[8] == "finished" and row[3] is not None)
    for pk, (restaurant, row) in enumerate(islice(visits, world.counts["bookings.Review"]), 1):
        yield (pk, row[0], restaurant, row[3], 1 + dice.below(5), dice.pick(REVIEWS),
               dice.after(row[7], 86_400 * 9))  # fmt: skip


def stats(world: World) -> Iterator[Row]:
    """One for each restaurant, as its reviews say."""
    many: Counter[int] = Counter()
    stars: Counter[int] = Counter()
    for _, _, restaurant, _, given, *_ in reviews(world):
        many[restaurant] += 1
        stars[restaurant] += given
    for restaurant in range(1, world.counts["bookings.RestaurantStats"] + 1):
        yield restaurant, restaurant, many[restaurant], stars[restaurant]


def requests(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "bookings.BookingsRequest"), world.counts["bookings.BookingsRequest"]
    for pk, created in enumerate(dice.moments(total), 1):
        said = json.dumps({"id": dice.uuid(), "state": "reserved", "guest_name": "오늘 🙂"})
        yield pk, 1 + dice.below(world.users), dice.uuid(), f"{dice.bits(256):064x}", 201, said, created


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
               dice.below(7) - 3, state, dice.after(created, 1800) if state == "offered" else None,
               created)  # fmt: skip


SHEETS = [
    Sheet("bookings.Person", 20, PERSON, persons),
    Sheet(
        "bookings.Restaurant",
        3,
        ("id", "public_id", "owner_id", "location_id", "name", "slug", "about", "phone", "website",
         "timezone", "cuisines", "min_party", "max_party", "turn_time", "turn_times",
         "approves_by_hand", "max_parties", "max_seats", "cancel_before", "books_ahead",
         "deposit", "rating", "opened_on", "closed_at", "revision", "created_at"),
        restaurants,
    ),
    Sheet(
        "bookings.Table", 20, ("id", "restaurant_id", "label", "seats", "is_joinable", "is_active"), tables
    ),
    Sheet(
        "bookings.OpeningHours",
        15,
        ("id", "restaurant_id", "weekday", "opens_at", "closes_at", "valid_from", "valid_until"),
        opening_hours,
    ),
    Sheet(
        "bookings.SpecialHours",
        3,
        ("id", "restaurant_id", "day", "opens_at", "closes_at"),
        special_hours,
    ),
    Sheet(
        "bookings.Block",
        2,
        ("id", "restaurant_id", "table_id", "starts_at", "ends_at", "reason", "created_at"),
        blocks,
    ),
    Sheet(
        "bookings.Booking",
        50,
        ("id", "public_id", "table_id", "guest_id", "guest_name", "party_size", "starts_at",
         "ends_at", "state", "is_live", "held_until", "revision", "price", "note",
         "requested_from", "created_at"),
        bookings,
    ),
    Sheet("bookings.Bucket", 4, ("id", "restaurant_id", "starts_at", "parties", "seats"), buckets),
    Sheet(
        "bookings.Review",
        4,
        ("id", "booking_id", "restaurant_id", "author_id", "stars", "body", "created_at"),
        reviews,
    ),
    Sheet("bookings.RestaurantStats", 3, ("id", "restaurant_id", "reviews", "stars"), stats),
    Sheet(
        "bookings.WaitlistEntry",
        12,
        ("id", "restaurant_id", "guest_id", "booking_id", "voucher", "party_size", "wanted_on",
         "earliest", "latest", "priority", "state", "offered_until", "created_at"),
        waitlist,
    ),
    Sheet(
        "bookings.BookingsRequest",
        2,
        ("id", "user_id", "key", "request", "status", "answer", "created_at"),
        requests,
    ),
]  # fmt: skip
