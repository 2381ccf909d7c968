"""Holding, booking, moving, cancelling, and what an owner does with a booking."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.utils.timezone import now

from plaza.bookings.models import Booking, BookingsMessage, Bucket, Person
from plaza.tests.bookings.conftest import Opened, Place, at
from plaza.tests.conftest import Client

SEVEN = 19


def begins(hour: int = SEVEN, minute: int = 0) -> datetime:
    return at(hour, minute)


def in_use() -> list[tuple[int, int]]:
    return [(b.parties, b.seats) for b in Bucket.objects.order_by("starts_at") if b.parties or b.seats]


def test_a_hold_is_confirmed_and_stays(place: Place, ben: Client, cem: Client) -> None:
    held = place.hold(ben, begins(), note="by the window 🪟")
    assert (held.status_code, held.json()["state"], held.json()["guest_name"]) == (201, "held", "ben")
    assert held.json()["held_until"] > now().isoformat()
    assert place.hold(cem, begins()).status_code == place.book(cem, begins()).status_code == 409
    done = ben.post(f"/api/bookings/{held.json()['id']}/confirm")
    assert (done.status_code, done.json()["state"], done.json()["held_until"]) == (200, "reserved", None)
    assert ben.post(f"/api/bookings/{held.json()['id']}/confirm").status_code == 409
    assert [one["id"] for one in ben.get("/api/me/bookings").json()["results"]] == [held.json()["id"]]
    assert cem.get("/api/me/bookings").json()["results"] == []


def test_the_loser_is_told_that_somebody_was_first_and_nothing_of_his_is_left(
    place: Place, ben: Client, cem: Client
) -> None:
    assert place.book(ben, begins()).status_code == 201
    lost = place.book(cem, begins(SEVEN, 30))
    assert (lost.status_code, lost.json()["type"]) == (409, "urn:plaza:conflict")
    assert Booking.objects.count() == 1
    assert in_use() == [(1, 2)]


def test_one_party_begins_when_the_other_leaves(place: Place, ben: Client, cem: Client) -> None:
    assert place.book(ben, begins()).status_code == 201
    assert place.book(cem, begins() + timedelta(minutes=90)).status_code == 201
    assert place.book(cem, begins() - timedelta(minutes=90)).status_code == 201
    assert place.book(cem, begins() - timedelta(minutes=75)).status_code == 409


def test_the_smallest_table_that_fits_is_taken_first(opened: Opened, ann: Client, ben: Client) -> None:
    place = opened(ann, (8, 2, 4))
    tables = [place.book(ben, begins(), party).json()["table"] for party in (2, 2, 2)]
    assert tables == ["T2", "T3", "T1"]
    assert place.book(ben, begins(), 1).status_code == 409
    assert place.book(ben, begins(), 9).status_code == 422
    wanted = place.book(ben, at(12), table=place.tables[0])
    assert wanted.json()["table"] == "T1"
    assert place.book(ben, at(12), table=place.tables[0]).status_code == 409


def test_an_expired_hold_stands_in_nobodys_way(place: Place, ben: Client, cem: Client) -> None:
    held = place.hold(ben, begins()).json()["id"]
    Booking.objects.update(held_until=now() - timedelta(seconds=1))
    assert place.status(begins()) == "AVAILABLE"
    assert ben.get(f"/api/bookings/{held}").json()["state"] == "expired"
    assert ben.post(f"/api/bookings/{held}/confirm").status_code == 410
    assert place.book(cem, begins(SEVEN, 15)).status_code == 201
    assert ben.post(f"/api/bookings/{held}/confirm").status_code == 410
    assert Booking.objects.get(public_id=held).state == "expired"
    assert in_use() == [(1, 2)]


def test_nobody_holds_more_than_five_tables(opened: Opened, ann: Client, ben: Client, cem: Client) -> None:
    place = opened(ann, (2,) * 7)
    assert [place.hold(ben, begins()).status_code for _ in range(6)] == [201] * 5 + [409]
    assert place.hold(cem, begins()).status_code == 201
    first = Booking.objects.order_by("pk")[0]
    assert ben.delete(f"/api/bookings/{first.public_id}").status_code == 204
    assert place.hold(ben, begins()).status_code == 201


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"party_size": 0}, 400), ({"party_size": 13}, 422), ({"party_size": 3}, 422), ({"party_size": "two"}, 400),
        ({"starts_at": "yesterday"}, 400), ({"starts_at": "9999-12-31T23:59:00Z"}, 400),
        ({"starts_at": "2024-01-01T19:00:00Z"}, 422), ({"starts_at": at(19, 0, 200).isoformat()}, 422),
        ({"starts_at": at(19, 7).isoformat()}, 422), ({"starts_at": at(11).isoformat()}, 422),
        ({"starts_at": at(21).isoformat()}, 422), ({"restaurant": str(uuid.uuid4())}, 400),
        ({"restaurant": "x"}, 400), ({"table": "x"}, 400), ({"table": "9" * 19}, 400), ({"note": "\0"}, 400),
        ({"note": "x" * 1001}, 400), ({"guest_name": "x" * 81}, 400), ({"guest_name": ""}, 400),
    ],
)  # fmt: skip
def test_what_cannot_be_booked_is_refused_with_its_reason(
    place: Place, ben: Client, change: dict[str, object], status: int
) -> None:
    answer = ben.post("/api/bookings", {**place.wish(begins()), **change})
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]
    assert not Booking.objects.exists()


def test_a_booking_moves_over_its_own_time(place: Place, ben: Client, cem: Client) -> None:
    mine = place.book(ben, begins())
    path = f"/api/bookings/{mine.json()['id']}"
    moved = ben.patch(path, {"starts_at": begins(SEVEN, 30).isoformat()}, headers={"If-Match": mine["ETag"]})
    assert (moved.status_code, moved.json()["starts_at"][11:16]) == (200, "19:30")
    assert ben.patch(path, {"party_size": 1}, headers={"If-Match": mine["ETag"]}).status_code == 412
    assert ben.patch(path, {"party_size": 1}).status_code == 428
    assert in_use() == [(1, 2)]
    assert place.book(cem, begins() - timedelta(minutes=60)).status_code == 201
    taken = ben.patch(path, {"starts_at": begins(18, 30).isoformat()}, headers={"If-Match": moved["ETag"]})
    assert taken.status_code == 409
    assert ben.get(path).json() == moved.json(), "it stays as it was"
    noted = ben.patch(path, {"note": "late"}, headers={"If-Match": moved["ETag"]})
    assert (noted.status_code, noted.json()["note"]) == (200, "late")


def test_a_larger_party_is_moved_to_a_larger_table(opened: Opened, ann: Client, ben: Client) -> None:
    place = opened(ann, (2, 6))
    mine = place.book(ben, begins())
    path = f"/api/bookings/{mine.json()['id']}"
    more = ben.patch(path, {"party_size": 5}, headers={"If-Match": mine["ETag"]})
    assert (more.json()["table"], in_use()) == ("T2", [(1, 5)])
    stays = ben.patch(path, {"party_size": 2}, headers={"If-Match": more["ETag"]})
    assert (stays.json()["table"], in_use()) == ("T2", [(1, 2)])


def test_a_guest_cancels_until_the_deadline_and_the_owner_later_too(place: Place, ben: Client, cem: Client) -> None:
    mine = place.book(ben, begins()).json()["id"]
    for _ in range(2):
        assert ben.delete(f"/api/bookings/{mine}").status_code == 204
    assert (in_use(), place.status(begins())) == ([], "AVAILABLE")
    late = place.book(ben, begins()).json()["id"]
    place.change(cancel_minutes=60 * 24 * 7)
    tag = ben.get(f"/api/bookings/{late}")["ETag"]
    assert ben.delete(f"/api/bookings/{late}").status_code == 409
    assert ben.patch(f"/api/bookings/{late}", {"party_size": 1}, headers={"If-Match": tag}).status_code == 409
    assert place.owner.delete(f"/api/bookings/{late}").status_code == 204
    assert ben.get(f"/api/bookings/{late}").json()["state"] == "cancelled"


def test_where_the_owner_approves_a_booking_is_a_request_that_has_its_table(
    opened: Opened, ann: Client, ben: Client, cem: Client
) -> None:
    place = opened(ann, approves_by_hand=True)
    asked = place.book(ben, begins())
    path = f"/api/bookings/{asked.json()['id']}"
    assert (asked.status_code, asked.json()["state"]) == (201, "requested")
    assert place.book(cem, begins()).status_code == 409
    assert ben.post(f"{path}/approve").status_code == 403
    approved = ann.post(f"{path}/approve")
    assert (approved.status_code, approved.json()["state"]) == (200, "reserved")
    assert ann.post(f"{path}/approve").status_code == 409
    assert ann.post(f"{path}/decline").status_code == 409
    again = ben.patch(path, {"starts_at": at(13).isoformat()}, headers={"If-Match": approved["ETag"]})
    assert again.json()["state"] == "requested"
    assert ann.post(f"{path}/decline").json()["state"] == "declined"
    assert place.status(at(13)) == "AVAILABLE"


def test_an_owner_seats_finishes_and_notes_who_did_not_come(place: Place, ann: Client, ben: Client) -> None:
    path = f"/api/bookings/{place.book(ben, begins()).json()['id']}"
    assert ann.post(f"{path}/no-show").status_code == 422, "it is not yet time"
    assert ann.post(f"{path}/finished").status_code == 409
    assert ben.post(f"{path}/seated").status_code == 403
    assert ann.post(f"{path}/seated").json()["state"] == "seated"
    assert ben.delete(path).status_code == 409
    Booking.objects.update(starts_at=now() - timedelta(minutes=20), ends_at=now() + timedelta(minutes=70))
    assert ann.post(f"{path}/finished").json()["state"] == "finished"
    assert Booking.objects.get().ends_at <= now(), "the table is free as soon as they leave"
    other = f"/api/bookings/{place.book(ben, begins()).json()['id']}"
    Booking.objects.filter(state="reserved").update(
        starts_at=now() - timedelta(hours=3), ends_at=now() - timedelta(hours=2)
    )
    assert ann.post(f"{other}/no-show").json()["state"] == "no_show"
    assert Booking.objects.get(state="no_show").is_live is None


def test_a_retry_with_its_key_books_once(place: Place, ben: Client) -> None:
    headers = {"Idempotency-Key": "once"}
    first, second = (ben.post("/api/bookings", place.wish(begins()), headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code, first.json()) == (201, 201, second.json())
    assert Booking.objects.count() == 1


def test_whoever_is_blocked_or_gone_books_nothing(place: Place, ben: Client) -> None:
    place.book(ben, begins())
    Person.objects.filter(nickname="ben").update(status=Person.Status.SUSPENDED)
    assert place.book(ben, at(12)).status_code == 403
    Person.objects.filter(nickname="ben").update(status=Person.Status.DELETED)
    assert place.hold(ben, at(12)).status_code == 410


def test_a_hold_says_when_it_will_be_looked_after(place: Place, ben: Client) -> None:
    """The waiting list has its turn when it expires, also if nobody else comes by."""
    held = place.hold(ben, begins()).json()
    due = BookingsMessage.objects.get(due_at__gt=now()).due_at
    assert due.isoformat().replace("+00:00", "Z") == held["held_until"]
