"""Many guests at once, through four processes: one has the table, the others are told, and nobody sees a 500."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from plaza.tests.bookings.conftest import EVERY_DAY, at
from plaza.tests.serving import ROOT, Answer, Service, served

GUESTS = 50
STRICTER = {
    "postgres": {"options": r"-c default_transaction_isolation=repeatable\ read"},
    "mysql": {"isolation_level": "repeatable read"},
}

# by a program of their own: hashing so many passwords takes longer than all races
GUESTS_COME = """
import django
django.setup()
import uuid
from django.contrib.auth.models import User
from plaza.accounts.api import tokens
from plaza.accounts import telling
from plaza.accounts.models import AccountsMessage, Profile
from plaza.api import outbox
from django.db import router, transaction
for _ in range(%d):
    name = f"u{uuid.uuid4().hex[:12]}"
    user = User.objects.create_user(name)
    with transaction.atomic(using=router.db_for_write(Profile)):
        telling.tell([Profile.objects.create(user=user, nickname=name, name=name)])
    print(tokens.begin(user, client="", ip=None).access)
while outbox.drain(AccountsMessage)[0]:
    pass
"""


def environment(folder: Path) -> dict[str, str]:
    """For a program beside the service."""
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    found = {
        **os.environ,
        "PYTHONPATH": path,
        "EMAIL_URL": "dummymail://",
    }  # else a drain prints them among what is read
    if found.get("DATABASE_URL", "").startswith("sqlite"):
        found["DATABASE_URL"] = f"sqlite:///{folder}/plaza.sqlite3"
    return found


def guests(folder: Path) -> list[dict[str, str]]:
    """What each of them sends with every request."""
    command = [sys.executable, "-c", GUESTS_COME % (GUESTS // 2)]
    said = subprocess.run(command, env=environment(folder), check=True, capture_output=True, timeout=120)
    return [{"Authorization": f"Bearer {token}"} for token in said.stdout.decode().split()]


class Town:
    """A service with guests; every guest is logged in."""

    def __init__(self, service: Service, guests: list[dict[str, str]], folder: Path) -> None:
        self.service, self.guests, self.folder = service, guests, folder

    def ask(self, guest: int, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return self.service.send(method, path, body, **self.guests[guest % len(self.guests)], **headers)

    def restaurant(self, seats: list[int], **values: Any) -> str:
        made = self.ask(0, "POST", "/api/restaurants", {"name": "R", **values}).body["id"]
        path = f"/api/restaurants/{made}"
        assert self.ask(0, "PUT", f"{path}/hours", {"weekly": EVERY_DAY}, **{"If-Match": "*"}).status == 200
        for number, many in enumerate(seats):
            assert self.ask(0, "POST", f"{path}/tables", {"label": str(number), "seats": many}).status == 201
        return str(made)

    def book(self, guest: int, restaurant: str, begins: datetime, party: int = 2, kind: str = "bookings") -> Answer:
        wish = {"restaurant": restaurant, "starts_at": begins.isoformat(), "party_size": party}
        return self.ask(guest, "POST", f"/api/{kind}", wish)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("served")
    with served(folder) as service:
        yield Town(service, guests(folder), folder)


def statuses(said: list[Answer]) -> dict[int, int]:
    return dict(Counter(one.status for one in said))


def booked(town: Town, restaurant: str, day: datetime) -> list[dict[str, Any]]:
    """All live ones, as the owner sees them."""
    path = f"/api/restaurants/{restaurant}/bookings?date={day.date().isoformat()}&limit=100"
    found = []
    while path:
        page = town.ask(0, "GET", path).body
        found += page["results"]
        path = (page["next"] or "").partition("127.0.0.1")[2].partition("/")[2]
        path = f"/{path}" if path else ""
    return [one for one in found if one["state"] in ("held", "requested", "reserved", "seated")]


def overlapping(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [
        (one["id"], other["id"])
        for one in found
        for other in found
        if one["id"] < other["id"] and one["table"] == other["table"]
        and one["starts_at"] < other["ends_at"] and other["starts_at"] < one["ends_at"]
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["bookings", "holds"])
def test_of_fifty_who_want_one_table_one_has_it(town: Town, kind: str) -> None:
    place = town.restaurant([2])
    said = town.service.together(GUESTS, lambda n: town.book(n, place, at(19, 15 * (n % 4)), kind=kind))
    assert statuses(said) == {201: 1, 409: GUESTS - 1}
    assert len(booked(town, place, at(19))) == 1


def test_pacing_holds_exactly(town: Town) -> None:
    place = town.restaurant([2] * 12, max_parties=5)
    said = town.service.together(30, lambda n: town.book(n, place, at(19)))
    assert statuses(said) == {201: 5, 409: 25}
    seats = town.restaurant([4] * 12, max_seats=10)
    said = town.service.together(30, lambda n: town.book(n, seats, at(19), 1 + n % 4))
    assert set(statuses(said)) == {201, 409}
    assert 7 <= sum(one["party_size"] for one in booked(town, seats, at(19))) <= 10


def test_nobody_holds_more_by_asking_at_once(town: Town) -> None:
    place = town.restaurant([2] * 12)
    said = town.service.together(12, lambda n: town.book(7, place, at(19), kind="holds"))
    assert statuses(said) == {201: 5, 409: 7}


def test_a_hold_is_confirmed_once_however_often_it_is_asked(town: Town) -> None:
    place = town.restaurant([2])
    held = town.book(1, place, at(19), kind="holds").body["id"]
    said = town.service.together(12, lambda n: town.ask(1, "POST", f"/api/bookings/{held}/confirm"))
    assert statuses(said) == {200: 1, 409: 11}


def test_after_a_storm_of_bookings_moves_and_cancellations_no_table_is_booked_twice(town: Town) -> None:
    place = town.restaurant([2, 2, 4], max_parties=2)
    dice = random.Random(7)
    plan = [(dice.random(), dice.randrange(12, 20), dice.choice((0, 15, 30, 45)), dice.randrange(1, 5))
            for _ in range(160)]  # fmt: skip
    mine: dict[int, list[str]] = {}

    def act(number: int) -> Answer:
        chance, hour, minute, party = plan[number]
        own = mine.setdefault(number % 20, [])
        if own and chance < 0.3:
            return town.ask(number % 20, "DELETE", f"/api/bookings/{own.pop()}")
        if own and chance < 0.6:
            body = {"starts_at": at(hour, minute).isoformat(), "party_size": party}
            return town.ask(number % 20, "PATCH", f"/api/bookings/{own[-1]}", body, **{"If-Match": "*"})
        said = town.book(number % 20, place, at(hour, minute), party)
        if said.status == 201:
            own.append(said.body["id"])
        return said

    said: list[Answer] = []
    for first in range(0, len(plan), 20):
        said += town.service.together(20, lambda n, first=first: act(first + n))  # type: ignore[misc]
    assert set(statuses(said)) <= {200, 201, 204, 409}, statuses(said)
    found = booked(town, place, at(12))
    assert found
    assert overlapping(found) == []
    begins = Counter(one["starts_at"] for one in found)
    assert max(begins.values()) <= 2
    full = [moment for moment, many in begins.items() if many == 2]
    path = f"/api/restaurants/{place}/slots?date={at(12).date()}&party=1"
    slots = {one["starts_at"]: one["status"] for one in town.ask(0, "GET", path).body["slots"]}
    assert {slots[moment] for moment in full} <= {"UNAVAILABLE"}, "the counters are what there is"


def test_a_process_that_is_killed_between_lock_and_commit_leaves_nothing(town: Town) -> None:
    """Another program takes the table, writes a booking, and is killed; the next guest has the table at once."""
    place = town.restaurant([2])
    program = f"""
import django, time
django.setup()
from datetime import datetime, timedelta
from django.db import router, transaction
from plaza.bookings.models import Booking, Table
from plaza.bookings.overlaps import place
table = Table.objects.get(restaurant__public_id="{place}")
begins = datetime.fromisoformat("{at(19).isoformat()}")
with transaction.atomic(using=router.db_for_write(Booking)):
    place(Booking(table=table, guest_name="killed", party_size=2, starts_at=begins,
                  ends_at=begins + timedelta(minutes=90), state="reserved"))
    print("written", flush=True)
    time.sleep(60)
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(town.folder)) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == b"written\n"
        finally:
            child.kill()
    said = town.service.together(8, lambda n: town.book(n, place, at(19)))
    assert statuses(said) == {201: 1, 409: 7}


@pytest.mark.skipif(os.environ.get("PLAZA_LAYOUT") == "L0", reason="SQLite has one writer at a time")
def test_under_repeatable_read_it_is_the_same(town: Town, tmp_path: Path) -> None:
    """The databases' other isolation: MySQL's own default, and what careful people set in PostgreSQL."""
    name = next(n for n in ("BOOKINGS_DATABASE_URL", "DATABASE_URL") if os.environ.get(n))
    engine = "postgres" if os.environ[name].startswith("postgres") else "mysql"
    stricter = urlencode(STRICTER[engine], quote_via=quote)
    url = os.environ[name] + ("&" if "?" in os.environ[name] else "?") + stricter
    with served(tmp_path, **{name: url}) as service:
        town = Town(service, town.guests, tmp_path)
        place = town.restaurant([2])
        said = town.service.together(GUESTS, lambda n: town.book(n, place, at(19, 15 * (n % 4))))
        assert statuses(said) == {201: 1, 409: GUESTS - 1}
        paced = town.restaurant([2] * 12, max_parties=5)
        said = town.service.together(20, lambda n: town.book(n, paced, at(19)))
        assert set(statuses(said)) == {201, 409}
        assert statuses(said)[201] <= 5, "whoever waits for a row that changes may lose although there is room"
