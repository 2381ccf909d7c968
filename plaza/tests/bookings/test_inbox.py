"""Guest and owner are told of what becomes of a booking: once each, by its newest state, and not of what they did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client as DjangoClient

from plaza.api import outbox
from plaza.bookings.models import Booking, BookingsMessage, WaitlistEntry
from plaza.social.models import Notification, Person
from plaza.tests.bookings.conftest import Opened, Place, at, drain
from plaza.tests.bookings.test_waitlist import DAY, entry, join
from plaza.tests.conftest import Client


def told(client: Client) -> list[tuple[str, str, str]]:
    """Kind, event and state of all that one is told, the latest first."""
    drain()
    rows = client.get("/api/notifications").json()["results"]
    return [(row["kind"], row["about"]["event"], row["about"]["state"]) for row in rows]


def moved(client: Client, booking: str, hour: int) -> None:
    path = f"/api/bookings/{booking}"
    tag = client.get(path)["ETag"]
    answer = client.patch(path, {"starts_at": at(hour).isoformat()}, headers={"If-Match": tag})
    assert answer.status_code == 200, answer.content


def hear(payload: dict[str, Any]) -> None:
    outbox._handlers["bookings.changed"]["social"](payload)


def messages() -> list[dict[str, Any]]:
    """What was told of bookings and has not been delivered."""
    rows = BookingsMessage.objects.filter(topic="bookings.changed").order_by("pk")
    return list(rows.values_list("payload", flat=True))


def test_an_owner_is_told_of_a_booking_and_its_guest_of_nothing_that_he_did(place: Place, ben: Client) -> None:
    booking = place.book(ben, at(19)).json()["id"]
    drain()
    (row,) = place.owner.get("/api/notifications").json()["results"]
    assert (row["kind"], row["actor"], row["amount"], row["post"], row["comment"], row["is_read"]) == (
        "guest", None, 1, None, None, False,
    )  # fmt: skip
    about = {name: value for name, value in row["about"].items() if value is not None}
    begins = about.pop("starts_at")
    assert about == {
        "event": "reserved", "booking": booking, "state": "reserved", "restaurant": place.id,
        "restaurant_name": "At Ann's", "party_size": 2,
    }  # fmt: skip
    assert begins[:16] == at(19).isoformat()[:16]
    moved(ben, booking, 20)
    assert told(place.owner) == [("guest", "moved", "reserved")]
    ben.delete(f"/api/bookings/{booking}")
    assert told(place.owner) == [("guest", "cancelled", "cancelled")], "one row for a booking"
    assert told(ben) == []


def test_a_guest_is_told_of_what_the_restaurant_decides_does_and_moves(
    opened: Opened, ann: Client, ben: Client
) -> None:
    place = opened(ann, (2, 2), approves_by_hand=True)
    first, second = place.book(ben, at(19)).json()["id"], place.book(ben, at(19)).json()["id"]
    assert told(ann) == [("guest", "requested", "requested")] * 2
    ann.post(f"/api/bookings/{first}/approve")
    assert told(ben) == [("booking", "reserved", "reserved")]
    ann.post(f"/api/bookings/{second}/decline")
    assert told(ben) == [("booking", "declined", "declined"), ("booking", "reserved", "reserved")]
    moved(ann, first, 20)
    assert told(ben)[0] == ("booking", "moved", "reserved")
    ann.delete(f"/api/bookings/{first}")
    assert told(ben) == [("booking", "cancelled", "cancelled"), ("booking", "declined", "declined")]
    assert {event for _, event, _ in told(ann)} == {"cancelled", "declined"}, "what there is is up to date"


def test_a_hold_is_nothing_to_the_restaurant_until_it_is_confirmed(place: Place, ben: Client) -> None:
    gone = place.hold(ben, at(19)).json()["id"]
    ben.delete(f"/api/bookings/{gone}")
    assert told(place.owner) == []
    held = place.hold(ben, at(19)).json()["id"]
    ben.post(f"/api/bookings/{held}/confirm")
    assert (told(place.owner), told(ben)) == ([("guest", "reserved", "reserved")], [])


def test_whoever_is_offered_a_table_is_told_until_when(place: Place, ben: Client, cem: Client) -> None:
    booked = place.book(ben, at(19)).json()["id"]
    waits = join(place, cem)
    ben.delete(f"/api/bookings/{booked}")
    assert told(cem) == [("booking", "offered", "held")]
    offer, about = entry(cem, waits), cem.get("/api/notifications").json()["results"][0]["about"]
    assert (about["until"], about["booking"]) == (offer["offered_until"], offer["booking"])
    cem.post(f"/api/waitlist/{waits}/accept", {"voucher": offer["voucher"]})
    assert told(place.owner)[0] == ("guest", "reserved", "reserved")
    assert told(cem) == [("booking", "reserved", "reserved")], "it comes up no more, and is not out of date"


def test_whoever_would_have_come_to_a_restaurant_that_is_closed_is_told(place: Place, ben: Client, cem: Client) -> None:
    place.book(ben, at(19))
    drain()
    assert place.owner.delete("/api/me").status_code == 204
    assert told(ben) == [("booking", "closed", "cancelled")]
    assert not Notification.objects.exclude(user_id=User.objects.get(username="ben").pk).exists()


def test_messages_that_come_twice_late_or_in_any_order_leave_the_newest(
    opened: Opened, ann: Client, ben: Client
) -> None:
    place = opened(ann, (2,), approves_by_hand=True)
    drain()
    booking = place.book(ben, at(19)).json()["id"]
    ann.post(f"/api/bookings/{booking}/approve")
    moved(ann, booking, 20)
    requested, approved, later = messages()
    for payload in (later, approved, later, requested, approved, requested):
        hear(payload)
    rows = list(Notification.objects.filter(amount=1).values_list("kind", "version", "details__event", "amount"))
    assert rows == [("booking", 3, "moved", 1)]
    read = Notification.objects.get(kind="booking").updated_at
    BookingsMessage.objects.filter(topic="bookings.changed").delete()
    ben.delete(f"/api/bookings/{booking}")
    (cancelled,) = messages()
    for payload in (cancelled, later):
        hear(payload)
    assert told(ben) == [("booking", "cancelled", "cancelled")]
    assert told(ann) == [("guest", "cancelled", "cancelled")]
    assert Notification.objects.get(kind="booking").updated_at == read


def test_what_a_guest_undid_himself_is_no_news_where_the_older_message_comes_later(
    opened: Opened, ann: Client, ben: Client
) -> None:
    place = opened(ann, (2,), approves_by_hand=True)
    drain()
    booking = place.book(ben, at(19)).json()["id"]
    ann.post(f"/api/bookings/{booking}/approve")
    ben.delete(f"/api/bookings/{booking}")
    for payload in reversed(messages()):
        hear(payload)
    assert told(ben) == []


@pytest.mark.parametrize("status", ["deleted", "unknown"])
def test_nobody_is_told_who_is_deleted_or_unknown(place: Place, ben: Client, status: str) -> None:
    drain()
    owner = Person.objects.filter(nickname="ann")
    if status == "deleted":
        owner.update(status="deleted")
    else:
        owner.delete()
    place.book(ben, at(19))
    drain()
    assert not Notification.objects.exists()
    assert not BookingsMessage.objects.filter(topic="bookings.changed").exists()


@pytest.fixture
def boss() -> DjangoClient:
    client = DjangoClient()
    client.force_login(User.objects.create_superuser("boss", "", "secret"))
    return client


def form(booking: Booking, **changed: Any) -> dict[str, Any]:
    """What the admin's form of a booking sends."""
    sent = {"table": booking.table_id, "guest": booking.guest_id or "", "guest_name": booking.guest_name, "note": "",
            "party_size": booking.party_size, "state": booking.state, "revision": booking.revision, "price": "",
            "requested_from": ""}  # fmt: skip
    for name in ("starts_at", "ends_at", "held_until", "created_at"):
        moment = changed.pop(name, getattr(booking, name))
        day, _, clock = ("" if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S")).partition(" ")
        sent |= {f"{name}_0": day, f"{name}_1": clock}
    return {**sent, **changed}


def saved(boss: DjangoClient, booking: Booking, **changed: Any) -> None:
    answer = boss.post(f"/admin/bookings/booking/{booking.pk}/change/", form(booking, **changed))
    assert answer.status_code == 302, answer.content
    booking.refresh_from_db()


def test_what_the_admin_does_to_a_booking_is_told_to_both_and_the_line_has_its_turn(
    place: Place, ben: Client, cem: Client, boss: DjangoClient
) -> None:
    place.book(ben, at(19))
    waits = join(place, cem)
    drain()
    booking = Booking.objects.get()
    saved(boss, booking, starts_at=at(12), ends_at=at(14))
    assert (told(ben), told(place.owner)) == ([("booking", "moved", "reserved")], [("guest", "moved", "reserved")])
    assert entry(cem, waits)["state"] == "offered", "its table got free"
    saved(boss, booking, state="cancelled")
    assert told(ben) == [("booking", "cancelled", "cancelled")]


@pytest.mark.parametrize("deletes", [False, True])
def test_whose_offer_the_admin_ends_may_join_the_line_of_that_day_again(
    place: Place, cem: Client, boss: DjangoClient, deletes: bool
) -> None:
    waits = join(place, cem)
    drain()
    assert entry(cem, waits)["state"] == "offered"
    offer = Booking.objects.get()
    if deletes:
        assert boss.post(f"/admin/bookings/booking/{offer.pk}/delete/", {"post": "yes"}).status_code == 302
    else:
        saved(boss, offer, state="cancelled")
    assert told(cem) == [("booking", "cancelled", "cancelled")]
    assert WaitlistEntry.objects.get().state == "left"
    assert cem.post(f"{place.path}/waitlist", {"date": DAY, "party_size": 2}).status_code == 201


def test_a_guest_who_deletes_his_account_cancels_and_the_owner_is_told_without_his_name(
    place: Place, registered: Callable[..., Client]
) -> None:
    dan = registered("dan")
    place.book(dan, at(19), guest_name="Daniel the Guest")
    drain()
    assert dan.delete("/api/me").status_code == 204
    assert told(place.owner) == [("guest", "cancelled", "cancelled")]
    assert "Daniel" not in str(list(Notification.objects.values_list("details", flat=True)))
    assert Notification.objects.count() == 1
