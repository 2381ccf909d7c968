"""A restaurant of Ann's, open every day from noon to ten, and guests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from plaza.api import outbox
from plaza.tests.conftest import Client

EVERY_DAY = [{"weekday": day, "opens_at": "12:00", "closes_at": "22:00"} for day in range(7)]


def at(hour: int, minute: int = 0, days: int = 3) -> datetime:
    """A moment in a few days, so that no deadline is near."""
    return (now() + timedelta(days=days)).astimezone(UTC).replace(hour=hour, minute=minute, second=0, microsecond=0)


@dataclass
class Place:
    """A restaurant as its owner's client made it."""

    owner: Client
    said: dict[str, Any]
    tables: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(self.said["id"])

    @property
    def path(self) -> str:
        return f"/api/restaurants/{self.id}"

    def change(self, **values: Any) -> Any:
        tag = self.owner.get(self.path)["ETag"]
        answer = self.owner.patch(self.path, values, headers={"If-Match": tag})
        assert answer.status_code == 200, answer.content
        return answer

    def opens(self, weekly: list[dict[str, Any]], special: list[dict[str, Any]] | None = None) -> Any:
        tag = self.owner.get(self.path)["ETag"]
        body = {"weekly": weekly, "special": special or []}
        answer = self.owner.put(f"{self.path}/hours", body, headers={"If-Match": tag})
        assert answer.status_code == 200, answer.content
        return answer

    def wish(self, begins: datetime, party: int = 2, **more: Any) -> dict[str, Any]:
        return {"restaurant": self.id, "starts_at": begins.isoformat(), "party_size": party, **more}

    def book(self, guest: Client, begins: datetime, party: int = 2, **more: Any) -> Any:
        return guest.post("/api/bookings", self.wish(begins, party, **more))

    def hold(self, guest: Client, begins: datetime, party: int = 2, **more: Any) -> Any:
        return guest.post("/api/holds", self.wish(begins, party, **more))

    def slots(self, day: date, party: int = 2) -> dict[str, str]:
        """Status by local time."""
        answer = Client().get(f"{self.path}/slots?date={day.isoformat()}&party={party}")
        assert answer.status_code == 200, answer.content
        return {slot["local"]: slot["status"] for slot in answer.json()["slots"]}

    def status(self, begins: datetime, party: int = 2) -> str:
        return self.slots(begins.date(), party)[begins.isoformat()]


Opened = Callable[..., Place]


@pytest.fixture
def opened() -> Opened:
    """`opened(ann, seats=[2, 4], max_parties=3)` is a restaurant of hers with two tables, open every day."""

    def make(owner: Client, seats: tuple[int, ...] = (2,), hours: Any = EVERY_DAY, **values: Any) -> Place:
        answer = owner.post("/api/restaurants", {"name": "At Ann's", **values})
        assert answer.status_code == 201, answer.content
        place = Place(owner, answer.json())
        place.opens(hours)
        for number, many in enumerate(seats, 1):
            made = owner.post(f"{place.path}/tables", {"label": f"T{number}", "seats": many})
            assert made.status_code == 201, made.content
            place.tables.append(made.json()["id"])
        return place

    return make


@pytest.fixture
def place(opened: Opened, ann: Client) -> Place:
    """One table for two."""
    return opened(ann)


@pytest.fixture
def cem(registered: Callable[..., Client]) -> Client:
    return registered("cem")


def drain() -> None:
    """Deliver what is due, until nothing is."""
    while sum(outbox.drain(model)[0] for model in outbox.outboxes()):
        pass
