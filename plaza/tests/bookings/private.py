"""Every endpoint that touches somebody's own: how ann makes it, and the request with which others try it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils.timezone import now

from plaza.tests.bookings.conftest import EVERY_DAY, Place, at
from plaza.tests.conftest import Client

Request = tuple[str, str, dict[str, Any] | None]
Make = Callable[[Client], Request]
TIMES = {"starts_at": at(18).isoformat(), "ends_at": at(19).isoformat()}
DAY = at(0).date().isoformat()


def restaurant(ann: Client) -> Place:
    place = Place(ann, ann.post("/api/restaurants", {"name": "At Ann's"}).json())
    place.opens(EVERY_DAY)
    place.tables = [ann.post(f"{place.path}/tables", {"label": "T1", "seats": 2}).json()["id"]]
    return place


def at_her_restaurant(method: str, path: str, body: dict[str, Any] | None = None) -> Make:
    def make(ann: Client) -> Request:
        place = restaurant(ann)
        return method, f"{place.path}{path.replace('TABLE', place.tables[0])}", body

    return make


def block(ann: Client) -> Request:
    place = restaurant(ann)
    made = ann.post(f"{place.path}/blocks", TIMES).json()["id"]
    return "DELETE", f"{place.path}/blocks/{made}", None


def of_her_booking(method: str, path: str = "", body: dict[str, Any] | None = None, how: str = "book") -> Make:
    def make(ann: Client) -> Request:
        made = getattr(restaurant(ann), how)(ann, at(19)).json()["id"]
        return method, f"/api/bookings/{made}{path}", body

    return make


def review(ann: Client) -> Request:
    from plaza.bookings.models import Booking

    request = of_her_booking("POST", "/review", {"stars": 5})(ann)
    Booking.objects.update(state="finished", starts_at=now() - timedelta(hours=2), ends_at=now() - timedelta(hours=1))
    return request


def of_her_place_in_line(method: str, path: str = "", body: dict[str, Any] | None = None) -> Make:
    def make(ann: Client) -> Request:
        place = restaurant(ann)
        made = ann.post(f"{place.path}/waitlist", {"date": DAY, "party_size": 2}).json()["id"]
        return method, f"{path or '/api/waitlist/ENTRY'}".replace("ENTRY", made).replace("PLACE", place.path), body

    return make


VOUCHER = {"voucher": "00000000-0000-4000-8000-000000000000"}
PRIVATE: list[tuple[str, Make]] = [
    ("change a restaurant", at_her_restaurant("PATCH", "", {"name": "B"})),
    ("close a restaurant", at_her_restaurant("DELETE", "")),
    ("set its hours", at_her_restaurant("PUT", "/hours", {"weekly": []})),
    ("add a table", at_her_restaurant("POST", "/tables", {"label": "T9", "seats": 2})),
    ("change a table", at_her_restaurant("PATCH", "/tables/TABLE", {"seats": 4})),
    ("take a table away", at_her_restaurant("DELETE", "/tables/TABLE")),
    ("list its blocks", at_her_restaurant("GET", "/blocks")),
    ("block a time", at_her_restaurant("POST", "/blocks", TIMES)),
    ("unblock a time", block),
    ("see who comes", at_her_restaurant("GET", f"/bookings?date={DAY}")),
    ("see who waits", at_her_restaurant("GET", f"/waitlist?date={DAY}")),
    ("offer to the next in line", at_her_restaurant("POST", "/waitlist/offer", {"date": DAY})),
    ("move somebody ahead", of_her_place_in_line("PUT", "PLACE/waitlist/ENTRY", {"priority": 9})),
    ("see a booking", of_her_booking("GET")),
    ("change a booking", of_her_booking("PATCH", "", {"note": "x"})),
    ("cancel a booking", of_her_booking("DELETE")),
    ("confirm a hold", of_her_booking("POST", "/confirm", how="hold")),
    ("approve a booking", of_her_booking("POST", "/approve")),
    ("decline a booking", of_her_booking("POST", "/decline")),
    ("seat a party", of_her_booking("POST", "/seated")),
    ("let a party go", of_her_booking("POST", "/finished")),
    ("say that nobody came", of_her_booking("POST", "/no-show")),
    ("review a visit", review),
    ("see a place in line", of_her_place_in_line("GET")),
    ("leave the line", of_her_place_in_line("DELETE")),
    ("accept an offer", of_her_place_in_line("POST", "/api/waitlist/ENTRY/accept", VOUCHER)),
]
