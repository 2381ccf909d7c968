"""What is somebody's own is not for others, whichever endpoint they try, and nothing of it changes."""

from __future__ import annotations

import pytest

from plaza.bookings.models import Block, Booking, Restaurant, Review, Table, WaitlistEntry
from plaza.tests.bookings.conftest import at
from plaza.tests.bookings.private import DAY, PRIVATE, Make, restaurant
from plaza.tests.conftest import Client

TABLES = (Restaurant, Table, Block, Booking, WaitlistEntry, Review)


def everything() -> list[list[dict[str, object]]]:
    return [list(model.objects.order_by("pk").values()) for model in TABLES]


@pytest.mark.parametrize(("name", "make"), PRIVATE, ids=[name for name, _ in PRIVATE])
def test_another_user_and_nobody_at_all_are_refused(name: str, make: Make, ann: Client, ben: Client) -> None:
    method, path, body = make(ann)
    before = everything()
    ask = {"GET": lambda client: client.get(path)}.get(
        method, lambda client: getattr(client, method.lower())(path, body, headers={"If-Match": "*"})
    )
    assert ask(ben).status_code in (403, 404)
    assert ask(Client()).status_code == 401
    assert everything() == before
    if method != "GET":
        assert ask(ann).status_code not in (401, 404), "it is there for her"


@pytest.mark.parametrize("path", ["me/bookings", "me/restaurants", "me/waitlist"])
def test_ones_own_lists_are_for_nobody_else(path: str, ann: Client, ben: Client) -> None:
    place = restaurant(ann)
    place.book(ann, at(19))
    ann.post(f"{place.path}/waitlist", {"date": DAY, "party_size": 2})
    assert len(ann.get(f"/api/{path}").json()["results"]) == 1
    assert ben.get(f"/api/{path}").json()["results"] == []
    assert Client().get(f"/api/{path}").status_code == 401


@pytest.mark.parametrize("path", ["holds", "bookings", "restaurants"])
def test_whoever_is_not_logged_in_makes_nothing(path: str) -> None:
    assert Client().post(f"/api/{path}", {"name": "x"}).status_code == 401
