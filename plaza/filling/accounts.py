"""Users of Django's own table, a profile and an address for each, and their logins."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator
from datetime import date

from plaza.filling.dice import Dice
from plaza.filling.sheets import Row, Sheet, World
from plaza.filling.words import FAMILY_NAMES, GIVEN_NAMES, LATIN_NAMES, TAG_WORDS

CLIENTS = ["Firefox on Linux", "Safari · iPhone", "plaza app 4.1 (안드로이드)", ""]
STATUSES = ["valid"] * 17 + ["suspended"] * 2 + ["deleted"]
OLDEST = date(1940, 2, 29).toordinal()


def addresses(dice: Dice) -> list[str | None]:
    """A stock of addresses: half of the fourth version, a third of the sixth, some unknown."""
    fourth = [str(ipaddress.IPv4Address(0x0B000000 + dice.bits(26))) for _ in range(500)]
    sixth = [str(ipaddress.IPv6Address((0x20010DB8 << 96) | dice.bits(64) << dice.below(9))) for _ in range(300)]
    return [*fourth, *sixth, *[None] * 200]


def users(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "auth.User"), world.users
    for pk, joined in enumerate(dice.moments(total), 1):
        seen = dice.after(joined, 86_400 * 30) if dice.chance(0.9) else None
        name = f"{dice.pick(LATIN_NAMES)}_{pk}"
        # "!" is Django's mark for a password that lets nobody in.
        yield (pk, f"!{dice.bits(160):040x}", seen, 0, name, dice.pick(GIVEN_NAMES),
               dice.pick(FAMILY_NAMES), f"{name}@example.org", 0, dice.chance(0.97),
               joined)  # fmt: skip


def profiles(world: World) -> Iterator[Row]:
    dice, total, posts = Dice(world.seed, "accounts.Profile"), world.users, world.phrases.posts
    known, wishes = addresses(dice), [preferences(dice) for _ in range(500)]
    for pk, created in enumerate(dice.moments(total), 1):
        born = str(date.fromordinal(OLDEST + dice.below(26_000))) if dice.chance(0.6) else None
        picture = dice.file("profiles", "jpg") if dice.chance(0.8) else ""
        yield (pk, pk, dice.uuid(), f"{dice.pick(FAMILY_NAMES)} {dice.pick(GIVEN_NAMES)}",
               f"{dice.pick(TAG_WORDS)}{pk}", dice.pick(posts), picture, dice.pick(STATUSES),
               dice.chance(0.25), born, dice.pick(wishes), dice.pick(known), created,
               dice.after(created, 86_400 * 300))  # fmt: skip


def persons(world: World) -> Iterator[Row]:
    """Who the users are, as the other databases were told."""
    for row in profiles(world):
        pk, _, public_id, name, nickname, _, picture, status, is_private, *_, updated = row
        yield pk, public_id, nickname, name, picture, status, is_private, updated


def emails(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "accounts.Address"), world.users
    for pk, created in enumerate(dice.moments(total), 1):
        verified = dice.after(created, 86_400) if dice.chance(0.8) else None
        email = f"{dice.pick(LATIN_NAMES).lower()}.{pk}@example.org"
        asked = dice.after(created, 86_400 * 300) if dice.chance(0.02) else None
        yield pk, pk, email, verified, created, f"new.{email}" if asked else None, asked


def logins(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "accounts.Login"), world.counts["accounts.Login"]
    known = addresses(dice)
    for pk, created in enumerate(dice.moments(total), 1):
        ended = dice.after(created, 86_400 * 20) if dice.chance(0.3) else None
        yield (pk, dice.uuid(), dice.below(world.users) + 1, dice.uuid(), dice.pick(CLIENTS), dice.pick(known),
               created, dice.after(created, 86_400 * 10), dice.after(created, 86_400 * 60), ended)  # fmt: skip


def two_factors(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "accounts.TwoFactor"), world.counts["accounts.TwoFactor"]
    for pk, created in enumerate(dice.moments(total), 1):
        confirmed = dice.after(created, 600) if dice.chance(0.9) else None
        codes = json.dumps([f"{dice.bits(256):064x}" for _ in range(10 - dice.below(4))] if confirmed else [])
        step = 58_000_000 + dice.below(1_000_000) if confirmed else 0
        yield pk, pk, f"{dice.bits(128):032x}", step, codes, confirmed, created


def requests(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "accounts.AccountsRequest"), world.counts["accounts.AccountsRequest"]
    for pk, created in enumerate(dice.moments(total), 1):
        said = json.dumps({"nickname": f"{dice.pick(TAG_WORDS)}{pk}", "detail": "A mail is on its way. 📬"})
        yield pk, 0, dice.uuid(), f"{dice.bits(256):064x}", 202, said, created


def exports(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "accounts.Export"), world.counts["accounts.Export"]
    for pk, created in enumerate(dice.moments(total), 1):
        ready = dice.after(created, 600) if dice.chance(0.8) else None
        yield (pk, dice.uuid(), dice.below(world.users) + 1, dice.file("exports", "zip") if ready else "", created,
               ready, dice.after(ready, 86_400 * 7) if ready else None, created, None, 0 if ready else 3,
               "" if ready else "OperationalError")  # fmt: skip


def preferences(dice: Dice) -> str:
    if dice.chance(0.3):
        return "{}"
    return json.dumps(
        {
            "theme": dice.pick(["dark", "light", "자동"]),
            "language": dice.pick(["ko", "en", "ja", None]),
            "volume": dice.roll(),
            "muted": [dice.below(9_000) for _ in range(dice.below(4))],
            "notify": {"likes": dice.chance(0.5), "comments": True, "emoji 🔔": None},
            "seen": 9_007_199_254_740_993 + dice.below(1_000),
        }
    )


PERSON = ("user_id", "public_id", "nickname", "name", "image", "status", "is_private", "told_at")
USERS = Sheet(
    "auth.User",
    20,
    ("id", "password", "last_login", "is_superuser", "username", "first_name", "last_name",
     "email", "is_staff", "is_active", "date_joined"),
    users,
)  # fmt: skip
SHEETS = [
    Sheet(
        "accounts.Profile",
        20,
        ("id", "user_id", "public_id", "name", "nickname", "bio", "image", "status",
         "is_private", "birth_date", "preferences", "last_ip", "created_at", "updated_at"),
        profiles,
    ),
    Sheet(
        "accounts.Address",
        20,
        ("id", "user_id", "email", "verified_at", "created_at", "wanted", "asked_at"),
        emails,
    ),
    Sheet(
        "accounts.Login",
        8,
        ("id", "public_id", "user_id", "refresh_id", "client", "ip", "created_at", "used_at", "expires_at", "ended_at"),
        logins,
    ),
    Sheet(
        "accounts.TwoFactor",
        1,
        ("id", "user_id", "salt", "last_step", "recovery", "confirmed_at", "created_at"),
        two_factors,
    ),
    Sheet(
        "accounts.AccountsRequest",
        3,
        ("id", "user_id", "key", "request", "status", "answer", "created_at"),
        requests,
    ),
    Sheet(
        "accounts.Export",
        1,
        ("id", "public_id", "user_id", "name", "created_at", "ready_at", "expires_at", "due_at", "claimed_until",
         "attempts", "error"),
        exports,
    ),
]  # fmt: skip
