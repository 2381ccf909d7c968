"""How many questions each endpoint asks the databases: at most eight, however long the page."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from plaza.api.health import used_aliases
from plaza.tests.bookings.conftest import Opened, at
from plaza.tests.conftest import Client

MOST = 8


def asked(client: Client, path: str) -> int:
    with ExitStack() as stack:
        seen = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in used_aliases()]
        assert client.get(path).status_code == 200, path
    return sum(len(one.captured_queries) for one in seen)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/api/restaurants", 1), ("{place}", 2), ("{place}/hours", 3), ("{place}/tables", 2), ("{place}/reviews", 2),
        ("{place}/slots?date={day}&party=2", 7), ("/api/me/bookings", 1), ("/api/bookings/{booking}", 1),
        ("/api/me/restaurants", 1), ("{place}/bookings?date={day}", 5), ("{place}/waitlist?date={day}", 4),
        ("{place}/blocks", 3), ("/api/me/waitlist", 1),
    ],
)  # fmt: skip
def test_no_page_asks_more_the_longer_it_is(opened: Opened, ann: Client, cem: Client, path: str, most: int) -> None:
    place = opened(ann, (2, 4, 6, 8), max_parties=4)
    day = at(0).date()

    def fill(hour: int) -> str:
        ann.post("/api/restaurants", {"name": "another"})
        ann.post(f"{place.path}/blocks", {"starts_at": at(2).isoformat(), "ends_at": at(hour).isoformat()})
        booked = place.book(ann, at(hour)).json()["id"]
        guest = (ann, cem)[hour > 15]
        guest.post(f"{place.path}/waitlist", {"date": day.isoformat(), "party_size": 8})
        return str(booked)

    where = {"place": place.path, "day": day, "booking": fill(13)}
    few = asked(ann, path.format(**where))
    for hour in (15, 17, 19):
        fill(hour)
    assert asked(ann, path.format(**where)) == few <= min(most, MOST)
