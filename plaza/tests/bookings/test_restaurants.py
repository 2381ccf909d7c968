"""Restaurants, their hours and tables: who finds them, and who changes them."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError, router
from django.db.models import QuerySet
from django.utils.timezone import now

from outgrow.routing.loose.orphans import scan
from plaza.bookings.models import Booking, Person, Restaurant
from plaza.tests.bookings.conftest import EVERY_DAY, Opened, Place, at, drain
from plaza.tests.conftest import Client


def test_a_restaurant_is_made_found_and_read_by_everybody(ann: Client, anybody: Client) -> None:
    wanted = {"name": "오늘 식당 🍜", "timezone": "Asia/Seoul", "cuisines": ["한식"], "deposit": "12.50"}
    made = ann.post("/api/restaurants", wanted)
    assert made.status_code == 201
    said = anybody.get(f"/api/restaurants/{made.json()['id']}")
    assert said.json() == made.json()
    assert {k: said.json()[k] for k in wanted} == wanted
    known = {"If-None-Match": said["ETag"]}
    assert anybody.get(f"/api/restaurants/{made.json()['id']}", headers=known).status_code == 304
    assert [one["id"] for one in anybody.get("/api/restaurants?q=식당").json()["results"]] == [made.json()["id"]]
    assert anybody.get("/api/restaurants?q=nothing").json()["results"] == []
    assert anybody.post("/api/restaurants", wanted).status_code == 401


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"), ({"name": "x" * 121}, "name"), ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../etc/passwd"}, "timezone"), ({"min_party": 5, "max_party": 4}, "max_party"),
        ({"turn_minutes": 0}, "turn_minutes"), ({"deposit": "1.234"}, "deposit"), ({"slug": "no slug"}, "slug"),
        ({"cuisines": "all"}, "cuisines"), ({"turn_times": [{"up_to": 2}]}, "turn_times"),
        ({"max_seats": 0}, "max_seats"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_restaurant_is_named_with_its_reason(
    ann: Client, change: dict[str, object], field: str
) -> None:
    answer = ann.post("/api/restaurants", {"name": "x", **change})
    assert answer.status_code == 400
    assert {one["name"].partition(".")[0] for one in answer.json()["invalid-params"]} == {field}


def location(client: Client, number: int) -> str:
    where = {"provider": "osm", "external_id": f"n{number}", "name": "Here", "latitude": 37.5, "longitude": 127.0}
    return str(client.post("/api/locations", where).json()["id"])


def test_a_restaurant_is_at_a_location_of_socials_that_its_owner_says(ann: Client, ben: Client) -> None:
    first, second = (location(ann, number) for number in range(2))
    assert ann.post("/api/restaurants", {"name": "nowhere"}).json()["location"] is None
    made = ann.post("/api/restaurants", {"name": "x", "location": first})
    assert (made.status_code, made.json()["location"]) == (201, first)
    path, tag = f"/api/restaurants/{made.json()['id']}", made["ETag"]
    assert ben.patch(path, {"location": second}, headers={"If-Match": tag}).status_code == 403
    for sent, expected in (({"location": second}, second), ({"name": "y"}, second), ({"location": None}, None)):
        changed = ann.patch(path, sent, headers={"If-Match": tag})
        assert (changed.status_code, changed.json()["location"]) == (200, expected)
        assert changed["ETag"] != tag
        tag = changed["ETag"]
    assert ben.get(path).json() == changed.json()


@pytest.mark.parametrize("wrong", ["999999", "0", "x", "", "-1", "1" * 20, "1" * 21, "٣", ["1"], {"id": "1"}, True])
def test_a_location_that_is_unknown_is_named_with_its_reason(place: Place, ann: Client, wrong: object) -> None:
    made = ann.post("/api/restaurants", {"name": "x", "location": wrong})
    changed = ann.patch(place.path, {"location": wrong}, headers={"If-Match": ann.get(place.path)["ETag"]})
    for answer in (made, changed):
        assert answer.status_code == 400, answer.content
        assert [one["name"] for one in answer.json()["invalid-params"]] == ["location"]


def test_who_says_no_location_does_not_need_the_database_of_locations(
    place: Place, ann: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = location(ann, 1)

    def away(*args: object, **more: object) -> None:
        raise OperationalError("connection refused by 10.0.0.1")

    monkeypatch.setattr(QuerySet, "exists", away)
    place.change(location=None)
    answer = ann.patch(place.path, {"location": here}, headers={"If-Match": ann.get(place.path)["ETag"]})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_a_location_that_is_gone_is_found_by_the_scan_for_orphans(place: Place, ann: Client) -> None:
    if router.db_for_write(Restaurant) == "default":
        pytest.skip("where all lives in one database, its own key holds")
    place.change(location=location(ann, 1))
    (before,) = scan(["bookings.Restaurant.location"])
    Restaurant.objects.update(location_id=999_999)
    (after,) = scan(["bookings.Restaurant.location"])
    assert (before.rows, after.rows) == (0, 1)


def test_a_slug_belongs_to_one(ann: Client) -> None:
    assert ann.post("/api/restaurants", {"name": "x", "slug": "here"}).status_code == 201
    assert ann.post("/api/restaurants", {"name": "y", "slug": "here"}).status_code == 409


def test_its_owner_alone_changes_it_and_from_what_he_read(place: Place, ann: Client, ben: Client) -> None:
    tag = ann.get(place.path)["ETag"]
    assert ann.patch(place.path, {"name": "B"}).status_code == 428
    assert ben.patch(place.path, {"name": "B"}, headers={"If-Match": tag}).status_code == 403
    changed = ann.patch(place.path, {"name": "B"}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["name"]) == (200, "B")
    assert ann.patch(place.path, {"name": "C"}, headers={"If-Match": tag}).status_code == 412
    assert ann.patch(place.path, {"min_party": 13}, headers={"If-Match": changed["ETag"]}).status_code == 400
    assert ann.patch(f"/api/restaurants/{uuid.uuid4()}", {}, headers={"If-Match": "*"}).status_code == 404


def test_hours_are_set_as_a_whole_and_shown(place: Place, ann: Client, ben: Client, anybody: Client) -> None:
    weekly = [{"weekday": 0, "opens_at": "09:00:00", "closes_at": "01:30:00", "valid_from": None, "valid_until": None}]
    special = [{"day": "2026-12-24", "opens_at": None, "closes_at": None}]
    tag = ann.get(f"{place.path}/hours")["ETag"]
    body = {"weekly": weekly, "special": special}
    assert ben.put(f"{place.path}/hours", body, headers={"If-Match": tag}).status_code == 403
    assert ann.put(f"{place.path}/hours", body, headers={"If-Match": tag}).status_code == 200
    assert ann.put(f"{place.path}/hours", body, headers={"If-Match": tag}).status_code == 412
    assert anybody.get(f"{place.path}/hours").json() == body
    assert anybody.get(place.path).json()["hours"] == weekly
    for wrong in ({"weekday": 7}, {"opens_at": "25:00"}, {"closes_at": None}, {"opens_at": "12:00+02:00"}):
        body = {"weekly": [{**EVERY_DAY[0], **wrong}]}
        assert ann.put(f"{place.path}/hours", body, headers={"If-Match": "*"}).status_code == 400
    half = {"weekly": [], "special": [{"day": "2026-12-24", "opens_at": "12:00"}]}
    assert ann.put(f"{place.path}/hours", half, headers={"If-Match": "*"}).status_code == 400


def test_bookings_stay_when_hours_change(place: Place, ben: Client) -> None:
    booked = place.book(ben, at(19)).json()
    place.opens([])
    assert ben.get(f"/api/bookings/{booked['id']}").json() == booked
    assert place.book(ben, at(12)).status_code == 422


def test_a_head_is_answered_as_a_get_is(place: Place, ann: Client, ben: Client) -> None:
    for path in ("/api/restaurants", place.path, f"{place.path}/hours", f"{place.path}/tables"):
        assert Client().head(path).status_code == 200, path
    for path in ("blocks", "bookings?date=2030-01-01", "waitlist?date=2030-01-01"):
        said = [client.head(f"{place.path}/{path}").status_code for client in (ann, ben)]
        assert said == [200, 403], path


def test_tables_are_added_changed_and_taken_away_unless_they_are_booked(place: Place, ann: Client, ben: Client) -> None:
    path = f"{place.path}/tables/{place.tables[0]}"
    tag = ben.get(path)["ETag"]
    assert ben.patch(path, {"seats": 4}, headers={"If-Match": tag}).status_code == 403
    changed = ann.patch(path, {"seats": 4}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["seats"]) == (200, 4)
    assert ann.patch(path, {"seats": 3}, headers={"If-Match": tag}).status_code == 412
    assert ann.post(f"{place.path}/tables", {"label": "T1", "seats": 2}).status_code == 409
    booked = place.book(ben, at(19), 4).json()["id"]
    assert ann.delete(path, headers={"If-Match": changed["ETag"]}).status_code == 409
    ben.delete(f"/api/bookings/{booked}")
    assert ann.delete(path, headers={"If-Match": changed["ETag"]}).status_code == 204
    assert ann.delete(path, headers={"If-Match": changed["ETag"]}).status_code == 404
    assert ben.get(f"{place.path}/tables").json()["results"] == []
    assert place.book(ben, at(19)).status_code == 422
    back = ann.post(f"{place.path}/tables", {"label": "T1", "seats": 2})
    assert (back.status_code, back.json()["id"]) == (201, place.tables[0])
    for wrong in ("x", "9" * 30, "-1", "0"):
        assert ben.get(f"{place.path}/tables/{wrong}").status_code == 404


def test_a_restaurant_that_is_closed_is_gone_once_nobody_is_to_come(place: Place, ann: Client, ben: Client) -> None:
    booked = place.book(ben, at(19)).json()["id"]
    tag = ann.get(place.path)["ETag"]
    assert ann.delete(place.path, headers={"If-Match": tag}).status_code == 409
    ben.delete(f"/api/bookings/{booked}")
    assert ben.delete(place.path, headers={"If-Match": tag}).status_code == 403
    assert ann.delete(place.path, headers={"If-Match": tag}).status_code == 204
    for path in ("", "/hours", "/tables", "/slots?date=2026-12-24&party=2", "/reviews"):
        assert ben.get(place.path + path).status_code == 404
    assert ben.get("/api/restaurants").json()["results"] == []
    assert place.book(ben, at(12)).status_code == 400
    assert ben.get(f"/api/bookings/{booked}").status_code == 200, "what was booked there stays one's own"


def test_of_a_blocked_owner_nothing_is_found(place: Place, ben: Client) -> None:
    Person.objects.filter(nickname="ann").update(status=Person.Status.SUSPENDED)
    assert ben.get(place.path).status_code == 404
    assert ben.get("/api/restaurants").json()["results"] == []


def test_an_owner_sees_who_comes_on_a_day_of_his_calendar(opened: Opened, ann: Client, ben: Client) -> None:
    always = [{**one, "opens_at": "00:00", "closes_at": "23:59"} for one in EVERY_DAY]
    place = opened(ann, (2, 2), timezone="Asia/Seoul", hours=always)
    late, early = at(14), at(16)  # 23 and 1 o'clock there
    place.book(ben, late - timedelta(hours=2))
    booked = place.book(ben, early)
    assert booked.status_code == 201
    path = f"{place.path}/bookings?date={early.date() + timedelta(days=1)}"
    assert [(one["id"], one["guest"]["nickname"]) for one in ann.get(path).json()["results"]] == [
        (booked.json()["id"], "ben")
    ]
    assert ben.get(path).status_code == 403
    assert ann.get(f"{place.path}/bookings").status_code == 400
    assert [one["id"] for one in ann.get("/api/me/restaurants").json()["results"]] == [place.id]
    assert ben.get("/api/me/restaurants").json()["results"] == []


def test_a_page_ends_and_goes_on(place: Place, ann: Client, ben: Client, anybody: Client) -> None:
    for number in range(4):
        ann.post("/api/restaurants", {"name": f"N{number}"})
    first = anybody.get("/api/restaurants?limit=3").json()
    second = anybody.get(first["next"]).json()
    found = [one["id"] for one in first["results"] + second["results"]]
    assert (len(found), len(set(found)), second["next"]) == (5, 5, None)
    for hour in (12, 14, 16):
        place.book(ben, at(hour))
    page = ben.get("/api/me/bookings?when=upcoming&limit=2").json()
    rest = ben.get(page["next"]).json()["results"]
    assert [one["starts_at"][11:13] for one in page["results"] + rest] == ["12", "14", "16"]
    assert ben.get("/api/me/bookings?when=never").status_code == 400
    assert ben.get("/api/me/bookings?when=past").json()["results"] == []


def test_whoever_deletes_his_account_leaves_no_booking_and_no_restaurant(
    place: Place, ann: Client, ben: Client
) -> None:
    mine = place.book(ben, at(19)).json()["id"]
    waiting = ben.post(f"{place.path}/waitlist", {"date": at(0).date().isoformat(), "party_size": 2})
    assert waiting.status_code == 201
    ben.delete("/api/me")
    drain()
    booking = Booking.objects.get(public_id=mine)
    assert (booking.state, booking.is_live, booking.guest_id, booking.guest_name) == (
        "cancelled", None, None, "deleted user",
    )  # fmt: skip
    assert place.status(at(19)) == "AVAILABLE"
    (shown,) = ann.get(f"{place.path}/bookings?date={at(19).date()}").json()["results"]
    assert shown["guest"]["name"] == "deleted user"
    ann.delete("/api/me")
    drain()
    assert Restaurant.objects.get().closed_at is not None
    assert Client().get(place.path).status_code == 404


def test_a_visit_is_reviewed_once_when_it_is_over(place: Place, ann: Client, ben: Client, cem: Client) -> None:
    path = f"/api/bookings/{place.book(ben, at(19)).json()['id']}"
    assert ben.post(f"{path}/review", {"stars": 4}).status_code == 409
    Booking.objects.update(state="finished", starts_at=now() - timedelta(hours=3), ends_at=now() - timedelta(hours=1))
    assert ann.post(f"{path}/review", {"stars": 5}).status_code == 403
    assert cem.post(f"{path}/review", {"stars": 5}).status_code == 404
    assert ben.post(f"{path}/review", {"stars": 6}).status_code == 400
    assert ben.post(f"{path}/review", {"stars": 4, "body": "좋아요"}).status_code == 201
    assert ben.post(f"{path}/review", {"stars": 4}).status_code == 409
    said = cem.get(f"{place.path}/reviews").json()["results"]
    assert [(one["stars"], one["body"], one["author"]["nickname"]) for one in said] == [(4, "좋아요", "ben")]
    assert (cem.get(place.path).json()["rating"], cem.get(place.path).json()["reviews"]) == (4.0, 1)
    ben.delete("/api/me")
    drain()
    assert (cem.get(place.path).json()["rating"], cem.get(f"{place.path}/reviews").json()["results"]) == (None, [])


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        ({"weekly": [{"weekday": 0, "opens_at": "10:00", "closes_at": "12:00", "valid_from": "2030-02-01",
                      "valid_until": "2030-01-31"}]}, "weekly.0.valid_until"),
        ({"weekly": [], "special": [{"day": "2030-01-01"},
                                    {"day": "2030-01-01", "opens_at": "10:00", "closes_at": "12:00"}]}, "special"),
    ],
)  # fmt: skip
def test_hours_that_can_never_be_are_refused(place: Place, ann: Client, hours: dict[str, object], field: str) -> None:
    answer = ann.put(f"{place.path}/hours", hours, headers={"If-Match": ann.get(place.path)["ETag"]})
    assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, field)
