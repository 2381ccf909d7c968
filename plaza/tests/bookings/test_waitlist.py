"""The waiting list: in turn, what fits, and what blocks its table until it is used or over."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now

from plaza.api import outbox
from plaza.bookings import waiting
from plaza.bookings.models import Booking, BookingsMessage, Restaurant, WaitlistEntry
from plaza.tests.bookings.conftest import Opened, Place, at, drain
from plaza.tests.conftest import Client

DAY = at(0).date().isoformat()


def join(place: Place, guest: Client, party: int = 2, **more: str) -> str:
    wanted = {"date": DAY, "party_size": party, "earliest": "19:00", "latest": "19:00", **more}
    answer = guest.post(f"{place.path}/waitlist", wanted)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def entry(guest: Client, number: str) -> dict[str, object]:
    return dict(guest.get(f"/api/waitlist/{number}").json())


def test_what_gets_free_is_offered_to_the_first_in_line_and_accepted(place: Place, ben: Client, cem: Client) -> None:
    booked = place.book(ben, at(19)).json()["id"]
    waits = join(place, cem)
    drain()
    assert entry(cem, waits)["state"] == "waiting"
    ben.delete(f"/api/bookings/{booked}")
    drain()
    offer = entry(cem, waits)
    assert (offer["state"], str(offer["offer"])[11:16]) == ("offered", "19:00")
    assert place.book(ben, at(19)).status_code == 409, "an offer has its table"
    assert cem.post(f"/api/waitlist/{waits}/accept", {"voucher": str(uuid.uuid4())}).status_code == 409
    accepted = cem.post(f"/api/waitlist/{waits}/accept", {"voucher": offer["voucher"]})
    assert (accepted.status_code, accepted.json()["state"], accepted.json()["guest_name"]) == (200, "reserved", "cem")
    assert cem.post(f"/api/waitlist/{waits}/accept", {"voucher": offer["voucher"]}).status_code == 409
    assert entry(cem, waits)["state"] == "accepted"


def test_an_offer_that_is_confirmed_as_a_booking_needs_no_approval(place: Place, ben: Client, cem: Client) -> None:
    booked = place.book(ben, at(19)).json()["id"]
    waits = join(place, cem)
    ben.delete(f"/api/bookings/{booked}")
    drain()
    Restaurant.objects.update(approves_by_hand=True)
    confirmed = cem.post(f"/api/bookings/{entry(cem, waits)['booking']}/confirm")
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "reserved")


def test_an_offer_whose_time_is_over_goes_to_the_next(
    place: Place, registered: Callable[..., Client], ben: Client, cem: Client
) -> None:
    dan = registered("dan")
    booked = place.book(ben, at(19)).json()["id"]
    first, second = join(place, cem), join(place, dan)
    ben.delete(f"/api/bookings/{booked}")
    drain()
    offer = entry(cem, first)
    assert (offer["state"], entry(dan, second)["state"]) == ("offered", "waiting")
    assert BookingsMessage.objects.get().due_at.isoformat()[:19] == str(offer["offered_until"])[:19]
    over = now() - timedelta(seconds=1)
    Booking.objects.filter(state="held").update(held_until=over)
    WaitlistEntry.objects.filter(state="offered").update(offered_until=over)
    assert cem.post(f"/api/waitlist/{first}/accept", {"voucher": offer["voucher"]}).status_code == 410
    BookingsMessage.objects.update(due_at=now())
    drain()
    assert (entry(cem, first)["state"], entry(dan, second)["state"]) == ("expired", "offered")
    assert cem.post(f"/api/waitlist/{first}/accept", {"voucher": offer["voucher"]}).status_code == 410


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The days whose lines were read."""
    found: list[str] = []

    def offer(restaurant: Restaurant, day: date) -> list[WaitlistEntry]:
        found.append(day.isoformat())
        return offered(restaurant, day)

    offered = waiting.offer
    monkeypatch.setattr(waiting, "offer", offer)
    return found


def all_is_due() -> None:
    Booking.objects.filter(state="held").update(held_until=now() - timedelta(seconds=1))
    BookingsMessage.objects.update(due_at=now())


def test_a_hold_that_is_cancelled_has_the_line_read_once_and_one_that_is_confirmed_never(
    place: Place, ben: Client, cem: Client, turns: list[str]
) -> None:
    for step, times in (("cancel", 1), ("confirm", 0), ("", 1)):
        held = place.hold(ben, at(19)).json()["id"]
        if step == "cancel":
            assert ben.delete(f"/api/bookings/{held}").status_code == 204
        elif step == "confirm":
            assert ben.post(f"/api/bookings/{held}/confirm").status_code == 200
        all_is_due()
        drain()
        assert (turns, BookingsMessage.objects.count()) == ([DAY] * times, 0), step
        Booking.objects.all().delete()
        turns.clear()


def test_a_hold_that_somebody_else_swept_still_brings_the_line_its_turn(
    opened: Opened, ann: Client, ben: Client, cem: Client, registered: Callable[..., Client]
) -> None:
    place, dan = opened(ann, seats=(2, 2)), registered("dan")
    for _ in range(2):
        assert place.hold(ben, at(19)).status_code == 201
    waits = join(place, cem)
    drain()
    all_is_due()
    assert place.book(dan, at(19)).status_code == 201
    assert Booking.objects.filter(state="expired").count() == 2
    drain()
    assert entry(cem, waits)["state"] == "offered"


def test_many_who_cancel_for_one_day_have_its_line_read_once(
    opened: Opened, ann: Client, ben: Client, cem: Client, turns: list[str]
) -> None:
    place = opened(ann, seats=(2, 2, 2))
    booked = [place.book(ben, at(19, days=days)).json()["id"] for days in (3, 3, 3, 4)]
    waits = [join(place, guest) for guest in (cem, ann)]
    drain()
    turns.clear()
    for one in booked:
        ben.delete(f"/api/bookings/{one}")
    drain()
    assert turns == [DAY, at(19, days=4).date().isoformat()]
    assert [entry(guest, number)["state"] for guest, number in zip((cem, ann), waits, strict=True)] == ["offered"] * 2


def test_a_message_that_another_drain_has_is_left_to_it_and_one_that_fails_comes_again(
    opened: Opened, ann: Client, ben: Client, cem: Client, turns: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = opened(ann, seats=())
    for guest in (ben, cem):
        join(place, guest)
    his, mine = BookingsMessage.objects.order_by("pk")
    BookingsMessage.objects.filter(pk=his.pk).update(claimed_until=now() + timedelta(minutes=1))
    drain()
    assert (turns, BookingsMessage.objects.get().pk) == ([DAY], his.pk)
    BookingsMessage.objects.update(claimed_until=None)
    join(place, cem, date=at(0, days=4).date().isoformat())
    BookingsMessage.objects.update(payload=mine.payload)
    with monkeypatch.context() as patched:
        patched.setattr(waiting, "offer", lambda *_: 1 / 0)
        assert outbox.drain(BookingsMessage) == (1, 1), "one said the same"
    (left,) = BookingsMessage.objects.all()
    BookingsMessage.objects.update(due_at=now())
    drain()
    assert (left.attempts, turns, BookingsMessage.objects.count()) == (1, [DAY, DAY], 0)


def test_the_line_is_by_priority_then_by_who_came_first_and_who_does_not_fit_is_passed_over(
    opened: Opened, ann: Client, registered: Callable[..., Client], ben: Client, cem: Client
) -> None:
    place = opened(ann, (2,), max_party=8)
    dan, eve = registered("dan"), registered("eve")
    booked = place.book(ben, at(19)).json()["id"]
    large, plain, later = join(place, cem, 4), join(place, dan), join(place, eve)
    assert ann.put(f"{place.path}/waitlist/{later}", {"priority": 5}).status_code == 200
    line = ann.get(f"{place.path}/waitlist?date={DAY}").json()["results"]
    assert [(one["id"], one["voucher"]) for one in line] == [(later, None), (large, None), (plain, None)]
    ben.delete(f"/api/bookings/{booked}")
    drain()
    assert [entry(c, e)["state"] for c, e in ((cem, large), (dan, plain), (eve, later))] == [
        "waiting", "waiting", "offered",
    ]  # fmt: skip
    assert eve.delete(f"/api/waitlist/{later}").status_code == 204
    assert eve.delete(f"/api/waitlist/{later}").status_code == 204
    drain()
    assert [entry(c, e)["state"] for c, e in ((cem, large), (dan, plain), (eve, later))] == [
        "waiting", "offered", "left",
    ]  # fmt: skip


def test_an_owner_offers_by_hand_one_at_a_time(place: Place, ann: Client, ben: Client, cem: Client) -> None:
    first, second = join(place, ben), join(place, cem, earliest="12:00", latest="22:00")
    BookingsMessage.objects.all().delete()  # nobody drains
    offered = ann.post(f"{place.path}/waitlist/offer", {"date": DAY})
    assert [(one["id"], one["guest"]["nickname"]) for one in offered.json()] == [(first, "ben")]
    assert [one["id"] for one in ann.post(f"{place.path}/waitlist/offer", {"date": DAY}).json()] == [second]
    assert ann.post(f"{place.path}/waitlist/offer", {"date": DAY}).json() == []
    assert ben.post(f"{place.path}/waitlist/offer", {"date": DAY}).status_code == 403


def test_what_others_offer_somebody_takes_none_of_the_tables_that_he_may_hold(
    place: Place, ann: Client, cem: Client
) -> None:
    days = [at(19, days=n).date().isoformat() for n in range(3, 8)]
    for day in days:
        join(place, cem, date=day)
        assert len(ann.post(f"{place.path}/waitlist/offer", {"date": day}).json()) == 1
    for n in range(5):
        assert place.hold(cem, at(19, days=20 + n)).status_code == 201
    assert place.hold(cem, at(19, days=30)).status_code == 409


def test_nobody_is_in_line_twice_for_a_day_nor_for_days_that_cannot_be_booked(place: Place, ben: Client) -> None:
    join(place, ben)
    wanted = {"date": DAY, "party_size": 2}
    assert ben.post(f"{place.path}/waitlist", wanted).status_code == 409
    assert ben.post(f"{place.path}/waitlist", {**wanted, "date": "2024-01-01"}).status_code == 422
    assert ben.post(f"{place.path}/waitlist", {**wanted, "date": "2099-01-01"}).status_code == 422
    assert ben.post(f"{place.path}/waitlist", {**wanted, "party_size": 13}).status_code == 422
    wrong = ben.post(f"{place.path}/waitlist", {**wanted, "earliest": "20:00", "latest": "19:00"})
    assert (wrong.status_code, wrong.json()["invalid-params"][0]["name"]) == (400, "latest")


def test_confirming_the_hold_of_an_offer_accepts_it(place: Place, ben: Client) -> None:
    waits = join(place, ben)
    drain()
    offer = entry(ben, waits)
    assert ben.post(f"/api/bookings/{offer['booking']}/confirm").json()["state"] == "reserved"
    assert entry(ben, waits)["state"] == "accepted"
    assert len(ben.get("/api/me/waitlist").json()["results"]) == 1


def test_whoever_is_in_line_at_a_restaurant_that_closes_waits_no_more(place: Place, ben: Client) -> None:
    wanted = {"date": at(0).date().isoformat(), "party_size": 2}
    assert ben.post(f"{place.path}/waitlist", wanted).status_code == 201
    assert place.owner.delete(place.path, headers={"If-Match": "*"}).status_code == 204
    assert WaitlistEntry.objects.get().state == "expired"
    assert ben.post(f"{place.path}/waitlist", wanted).status_code == 404


def test_a_line_is_read_to_its_end_however_many_wait(place: Place) -> None:
    """All of one priority: a cursor tells them apart by their number."""
    users = [User(username=f"w{n}") for n in range(1101)]
    User.objects.bulk_create(users)
    restaurant, numbers = Restaurant.objects.get(), User.objects.filter(username__startswith="w")
    WaitlistEntry.objects.bulk_create(
        WaitlistEntry(restaurant=restaurant, guest_id=pk, party_size=2, wanted_on=DAY)
        for pk in numbers.values_list("pk", flat=True)
    )
    found: list[str] = []
    where = f"{place.path}/waitlist?date={DAY}&limit=100"
    while where and len(found) <= len(users):
        page = place.owner.get(where).json()
        found, where = found + [one["id"] for one in page["results"]], page["next"]
    assert len(found) == len(set(found)) == len(users)


def test_whoever_leaves_the_line_while_its_pages_are_read_takes_nobody_along(
    place: Place, registered: Callable[..., Client], ann: Client
) -> None:
    guests = [registered(name) for name in ("cem", "dan", "eva", "fay")]
    line = [join(place, guest, earliest="03:00", latest="03:00") for guest in guests]
    assert ann.put(f"{place.path}/waitlist/{line[3]}", {"priority": 5}).status_code == 200
    first = ann.get(f"{place.path}/waitlist?date={DAY}&limit=2").json()
    assert [one["id"] for one in first["results"]] == [line[3], line[0]]
    guests[0].delete(f"/api/waitlist/{line[0]}")
    assert [one["id"] for one in ann.get(first["next"]).json()["results"]] == line[1:3]
