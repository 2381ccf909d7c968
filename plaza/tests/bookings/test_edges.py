"""Where two meet at one moment, and what a person could write that no client would."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.test import Client as DjangoClient
from django.utils.timezone import now

from plaza.api import people
from plaza.bookings import counters, states, waiting
from plaza.bookings.consumers import forget
from plaza.bookings.models import Booking, Bucket, Person, Restaurant, RestaurantStats, Review, WaitlistEntry
from plaza.bookings.refusals import Late
from plaza.tests.bookings.conftest import Place, at, drain
from plaza.tests.conftest import Client

ANY = {"If-Match": "*"}


def in_use() -> list[tuple[int, int]]:
    return [(one.parties, one.seats) for one in Bucket.objects.all() if one.parties or one.seats]


@pytest.mark.parametrize(("half", "field"), [({"up_to": 2}, "minutes"), ({"minutes": 60}, "up_to")])
def test_half_a_turn_time_is_refused_also_in_a_change(place: Place, half: dict[str, int], field: str) -> None:
    said = place.owner.patch(place.path, {"turn_times": [half]}, headers=ANY)
    assert said.status_code == 400
    assert said.json()["invalid-params"][0]["name"] == f"turn_times.0.{field}"


def test_of_a_restaurant_and_a_table_the_one_that_is_not_there_is_named(place: Place, ben: Client) -> None:
    wish = place.wish(at(19), table=place.tables[0])
    for change, name in (({"restaurant": str(uuid.uuid4())}, "restaurant"), ({"table": "0"}, "table")):
        said = ben.post("/api/bookings", {**wish, **change})
        assert [one["name"] for one in said.json()["invalid-params"]] == [name]


def test_a_party_that_left_before_its_time_leaves_its_table_free(place: Place, ben: Client, cem: Client) -> None:
    path = f"/api/bookings/{place.book(ben, at(19)).json()['id']}"
    assert place.owner.post(f"{path}/seated").status_code == 200
    assert place.owner.post(f"{path}/finished").status_code == 200
    assert in_use() == []
    assert place.book(cem, at(19)).status_code == 201


def test_of_two_who_cancel_at_once_both_are_told_that_it_is_cancelled(place: Place, ben: Client) -> None:
    place.book(ben, at(19))
    restaurant, read = Restaurant.objects.get(), Booking.objects.get()
    states.cancel(restaurant, Booking.objects.get(), by_guest=True)
    assert states.cancel(restaurant, read, by_guest=True).state == "cancelled"
    assert in_use() == []


def test_a_cancellation_that_meets_another_change_is_a_conflict(place: Place, ben: Client) -> None:
    place.book(ben, at(19))
    read = Booking.objects.get()
    states.seat(Restaurant.objects.get(), Booking.objects.get())
    with pytest.raises(Late):
        states.cancel(Restaurant.objects.get(), read, by_guest=True)


def test_who_leaves_the_line_at_the_moment_of_an_offer_is_told_of_it(place: Place, ben: Client) -> None:
    joined = ben.post(f"{place.path}/waitlist", {"date": at(0).date().isoformat(), "party_size": 2})
    read = WaitlistEntry.objects.select_related("booking").get()
    drain()
    with pytest.raises(Late):
        waiting.leave(read)
    assert ben.get(f"/api/waitlist/{joined.json()['id']}").json()["state"] == "offered"
    assert ben.delete(f"/api/waitlist/{joined.json()['id']}").status_code == 204
    assert not Booking.objects.filter(is_live=True).exists()


def test_days_that_have_passed_keep_nobody_from_waiting(place: Place, ben: Client) -> None:
    drain()
    guest = Person.objects.get(nickname="ben").pk
    old = now().date() - timedelta(days=9)
    WaitlistEntry.objects.bulk_create(
        WaitlistEntry(restaurant=Restaurant.objects.get(), guest_id=guest, party_size=2, wanted_on=old)
        for _ in range(waiting.MOST)
    )
    wanted = {"date": at(0).date().isoformat(), "party_size": 2}
    assert ben.post(f"{place.path}/waitlist", wanted).status_code == 201


@pytest.mark.parametrize("closing", [False, True])
def test_a_hold_that_is_over_ends_with_its_table_and_is_not_confirmed_then(
    place: Place, ben: Client, *, closing: bool
) -> None:
    """The guest's request looked while the hold was good, and writes after the table is gone."""
    place.hold(ben, at(19))
    read = Booking.objects.get()
    Booking.objects.update(held_until=now() - timedelta(seconds=1))
    path = place.path if closing else f"{place.path}/tables/{place.tables[0]}"
    assert place.owner.delete(path, headers=ANY).status_code == 204
    with pytest.raises(Late):
        states.confirm(Restaurant.objects.get(), read)
    assert (Booking.objects.get().state, in_use()) == ("expired", [])


def test_who_is_deleted_while_he_books_writes_nothing_after_it(place: Place, ben: Client) -> None:
    drain()
    guest = Person.objects.get(nickname="ben").pk
    people.bury(Person, guest)
    forget(guest)
    assert place.book(ben, at(19)).status_code == 410


def test_a_recount_does_not_undo_what_is_booked_during_it(
    place: Place, ben: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All were counted, then somebody books, then the counters are read."""
    place.book(ben, at(12))
    monkeypatch.setattr(counters, "now", lambda: (_book_once(place, ben), now())[1])
    counters.recount()
    assert in_use() == [(1, 2), (1, 2)]
    Bucket.objects.update(parties=7)
    assert counters.recount() == 2
    assert in_use() == [(1, 2), (1, 2)]


def _book_once(place: Place, ben: Client) -> None:
    if Booking.objects.count() == 1:
        assert place.book(ben, at(19)).status_code == 201


def form(booking: Booking, **change: object) -> dict[str, object]:
    return {
        "table": booking.table_id, "guest_name": "G", "party_size": 2, "state": booking.state,
        "revision": booking.revision,
        "starts_at_0": f"{booking.starts_at:%Y-%m-%d}", "starts_at_1": f"{booking.starts_at:%H:%M:%S}",
        "ends_at_0": f"{booking.ends_at:%Y-%m-%d}", "ends_at_1": f"{booking.ends_at:%H:%M:%S}",
        "created_at_0": "2026-01-01", "created_at_1": "00:00:00", **change,
    }  # fmt: skip


@pytest.fixture
def boss() -> DjangoClient:
    client = DjangoClient()
    client.force_login(User.objects.create_superuser("boss", "", "secret"))
    return client


def test_the_admin_takes_no_table_from_a_reserved_booking(
    place: Place, ben: Client, cem: Client, boss: DjangoClient
) -> None:
    place.book(ben, at(19))
    booking = Booking.objects.get()
    boss.post(f"/admin/bookings/booking/{booking.pk}/change/", form(booking, is_live="unknown"))
    assert (Booking.objects.get().is_live, Booking.objects.get().revision) == (True, 2)
    assert place.book(cem, at(19)).status_code == 409


def test_what_the_admin_cancels_or_deletes_frees_its_table_and_its_quarter(
    place: Place, ben: Client, cem: Client, boss: DjangoClient
) -> None:
    place.change(max_parties=1)
    place.book(ben, at(19))
    booking = Booking.objects.get()
    boss.post(f"/admin/bookings/booking/{booking.pk}/change/", form(booking, state="cancelled"))
    assert (Booking.objects.get().is_live, in_use()) == (None, [])
    assert place.book(cem, at(19)).status_code == 201
    live = Booking.objects.get(is_live=True)
    boss.post(f"/admin/bookings/booking/{live.pk}/delete/", {"post": "yes"})
    assert (Booking.objects.count(), in_use()) == (1, [])


def test_an_old_page_of_the_admin_brings_no_cancelled_booking_back(
    place: Place, ben: Client, boss: DjangoClient
) -> None:
    said = place.book(ben, at(19)).json()
    page = form(Booking.objects.get())
    ben.delete(f"/api/bookings/{said['id']}")
    answer = boss.post(f"/admin/bookings/booking/{Booking.objects.get().pk}/change/", page)
    assert "Somebody else changed this booking since" in answer.content.decode()
    assert Booking.objects.get().state == "cancelled"


def test_a_key_that_differs_by_its_case_is_no_retry(place: Place, ben: Client) -> None:
    """MySQL and MariaDB compare it without case: the second is refused there, and not answered as the first."""
    wish = place.wish(at(19))
    assert ben.post("/api/bookings", wish, headers={"Idempotency-Key": "Once"}).status_code == 201
    assert ben.post("/api/bookings", wish, headers={"Idempotency-Key": "once"}).status_code in (409, 422)


def test_a_hold_that_is_over_is_not_said_to_be_as_it_was(place: Place, ben: Client) -> None:
    path = f"/api/bookings/{place.hold(ben, at(19)).json()['id']}"
    known = {"If-None-Match": ben.get(path)["ETag"]}
    assert ben.get(path, headers=known).status_code == 304
    Booking.objects.update(held_until=now() - timedelta(seconds=1))
    said = ben.get(path, headers=known)
    assert (said.status_code, said.json()["state"]) == (200, "expired")


def test_a_review_makes_no_change_of_the_restaurant_stale(place: Place) -> None:
    read = place.owner.get(place.path)["ETag"]
    RestaurantStats.objects.update_or_create(restaurant=Restaurant.objects.get(), defaults={"reviews": 1, "stars": 5})
    assert place.owner.get(place.path, headers={"If-None-Match": read}).status_code == 200
    assert place.owner.patch(place.path, {"about": "new"}, headers={"If-Match": read}).status_code == 200


@pytest.mark.parametrize("change", [{"name": "New"}, {"timezone": "Asia/Seoul"}, {"label": "Z"}])
def test_a_booking_is_told_anew_where_its_restaurant_or_table_has_changed(
    place: Place, ben: Client, change: dict[str, str]
) -> None:
    path = f"/api/bookings/{place.book(ben, at(19)).json()['id']}"
    read = ben.get(path)
    where = f"{place.path}/tables/{place.tables[0]}" if "label" in change else place.path
    assert place.owner.patch(where, change, headers=ANY).status_code == 200
    said = ben.get(path, headers={"If-None-Match": read["ETag"]})
    assert (said.status_code, said.json() == read.json()) == (200, False)
    assert ben.patch(path, {"note": "x"}, headers={"If-Match": read["ETag"]}).status_code == 200


def test_a_recount_does_not_undo_a_review_that_is_written_during_it(
    place: Place, ben: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/api/bookings/{place.book(ben, at(19)).json()['id']}"
    Booking.objects.update(state="finished")
    iterator = QuerySet.iterator

    def late(rows: Any, *size: int) -> Any:
        """All reviews were counted when the counters are read."""
        if rows.model is RestaurantStats:
            assert ben.post(f"{path}/review", {"stars": 4}).status_code == 201
        return iterator(rows, *size)

    with monkeypatch.context() as patch:
        patch.setattr(QuerySet, "iterator", late)
        assert counters.recount() == 0
    assert RestaurantStats.objects.values_list("reviews", "stars").get() == (1, 4)
    RestaurantStats.objects.update(reviews=7)
    assert (counters.recount(), RestaurantStats.objects.get().reviews) == (1, 1)


def test_a_review_that_is_deleted_in_the_admin_is_counted_out(place: Place, ben: Client, boss: DjangoClient) -> None:
    path = f"/api/bookings/{place.book(ben, at(19)).json()['id']}"
    for step in ("seated", "finished"):
        place.owner.post(f"{path}/{step}")
    assert ben.post(f"{path}/review", {"stars": 4}).status_code == 201
    boss.post(f"/admin/bookings/review/{Review.objects.get().pk}/delete/", {"post": "yes"})
    assert (Review.objects.count(), counters.recount()) == (0, 0)
