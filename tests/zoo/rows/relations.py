"""Rows that point at rows: forwards, backwards, at themselves, in circles and nowhere."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

from django.conf import settings
from django.contrib.contenttypes.models import ContentType

from ..store import Group
from .keys import UUIDS

FOOD = [uuid.UUID(int=n) for n in (1, 2**64, 2**127)]
JOINED = datetime(2021, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
USER_UUID = uuid.UUID("018f3e2a-7c1d-7000-8000-00000000beef")


def _pairs(left: str, right: str, *pairs: tuple) -> list[dict]:
    return [{"id": n, left: a, right: b} for n, (a, b) in enumerate(pairs, 1)]


def _user(name: str, **more) -> dict:
    return {
        "password": "!unusable", "last_login": None, "is_superuser": False, "username": name,
        "first_name": "", "last_name": "", "email": "", "is_staff": False, "is_active": True,
        "date_joined": JOINED, **more,
    }  # fmt: skip


def _animal(number: int, name: str, **more) -> dict:
    empty = dict.fromkeys(("species_id", "mother_id", "chip_id", "country_id", "owner_id"))
    return {"id": number, "name": name, **empty, **more}


def _users() -> Iterator[Group]:
    if settings.AUTH_USER_MODEL == "auth.User":
        yield Group("auth.User", [_user("ada", id=11, last_login=JOINED), _user("관리자", id=12, is_superuser=True)])
        yield Group("auth.Group", [{"id": 5, "name": "keepers, it's 100%"}])
        yield Group("auth.User_groups", _pairs("user_id", "group_id", (11, 5), (12, 5)))
    else:
        yield Group("keepers.Keeper", [_user("ada", id=USER_UUID, motto="none")])


def groups(using: str) -> Iterator[Group]:
    """Depends on the database only for the ids of its content types and users."""
    types = {t.model: t.pk for t in ContentType.objects.using(using).filter(app_label="animals")}
    owner = 11 if settings.AUTH_USER_MODEL == "auth.User" else USER_UUID
    yield from _users()
    yield from _GROUPS
    yield Group(
        "animals.Animal",
        [
            _animal(1, "Cub", species_id="CAT", mother_id=3, chip_id=UUIDS[0], country_id="de", owner_id=owner),
            _animal(2, "Stray", species_id=None, chip_id=uuid.UUID(int=404)),  # no such chip
            _animal(3, "Mother", species_id="CAT", mother_id=2, country_id="kr"),
            _animal(-4, "Under ground", species_id="ÉLAN", mother_id=-4, country_id=""),
        ],
    )
    yield Group(
        "animals.Animal_foods", _pairs("animal_id", "food_id", (1, FOOD[0]), (1, FOOD[2]), (3, FOOD[0]), (-4, FOOD[1]))
    )
    yield Group("animals.Passport", [{"animal_id": 1, "number": "A-1"}, {"animal_id": -4, "number": "A-4"}])
    yield Group(
        "animals.Keeper",
        [{"id": 1, "name": "Kim", "favourite_id": 3}, {"id": 2, "name": "Lee", "favourite_id": None}],
    )
    yield Group(
        "animals.Shift",
        [
            {"id": 1, "animal_id": 1, "keeper_id": 1, "day": date(2024, 2, 29), "note": ""},
            {"id": 2, "animal_id": 1, "keeper_id": 1, "day": date(2024, 3, 1), "note": "again"},
            {"id": 9, "animal_id": -4, "keeper_id": 2, "day": date(2024, 3, 1), "note": "night\n"},
        ],
    )
    yield Group(
        "animals.Note",
        [
            {"id": 1, "content_type_id": types["animal"], "object_id": "1", "text": "at an animal"},
            {"id": 2, "content_type_id": types["uuidkey"], "object_id": str(UUIDS[1]), "text": "at a UUID"},
            {"id": 3, "content_type_id": types["aquarium"], "object_id": "3", "text": "at a grandchild table"},
            {"id": 4, "content_type_id": types["animal"], "object_id": "999", "text": "at nothing"},
        ],
    )


_GROUPS = [
    Group(
        "animals.Node",
        [
            {"id": 1, "name": "leaf before its parent", "parent_id": 9},
            {"id": 2, "name": "own parent", "parent_id": 2},
            {"id": 9, "name": "branch", "parent_id": 100},
            {"id": 100, "name": "root", "parent_id": None},
        ],
    ),
    Group("animals.Hen", [{"id": n, "name": f"hen {n}", "hatched_from_id": n} for n in (1, 2)]),
    Group("animals.Egg", [{"id": 1, "laid_by_id": 1}, {"id": 2, "laid_by_id": 1}, {"id": 3, "laid_by_id": None}]),
    Group(
        "animals.Species",
        [
            {"id": 1, "code": "CAT", "name": "Cat"},
            {"id": 2, "code": "ÉLAN", "name": "Moose"},
            {"id": 3, "code": "100%", "name": "It's"},
        ],
    ),
    Group("animals.Species_related", _pairs("from_species_id", "to_species_id", (1, 2), (2, 1), (3, 3))),
    Group("animals.Species_eats", _pairs("from_species_id", "to_species_id", (1, 2), (1, 1))),
    Group("animals.Food", [{"id": value, "name": f"food {n}"} for n, value in enumerate(FOOD)]),
    Group("animals.Place", [{"id": n, "name": f"place {n}"} for n in range(1, 5)]),
    Group("animals.House", [{"place_ptr_id": n, "rooms": n * 10} for n in (2, 3)]),
    Group("animals.Aquarium", [{"building_id": 3, "litres": Decimal("123456789.5")}]),
    Group("animals.Fence", [{"id": n, "description": f"fence\n{n}", "metres": 0.1 * n} for n in range(1, 4)]),
    Group("animals.Queue", [{"id": 1, "name": "north"}, {"id": 2, "name": "south"}]),
    Group(
        "animals.Visitor",
        [
            {"id": 1, "queue_id": 1, "name": "last", "_order": 2},
            {"id": 2, "queue_id": 1, "name": "first", "_order": 0},
            {"id": 3, "queue_id": 2, "name": "alone", "_order": 7},
            {"id": 4, "queue_id": 1, "name": "tie", "_order": 2},
        ],
    ),
]  # fmt: skip
