"""No two live bookings of a table overlap: one suite for what every engine does about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connections, router, transaction
from django.test import Client as DjangoClient

from plaza.bookings.models import Booking, Restaurant, Table
from plaza.bookings.overlaps import Taken, place
from plaza.bookings.overlaps.guards import guard
from plaza.bookings.overlaps.operation import overlapping, refuse_overlaps
from plaza.tests.bookings.conftest import at

HOUR = timedelta(hours=1)


def connection() -> Any:
    return connections[router.db_for_write(Booking)]


@pytest.fixture
def tables() -> list[Table]:
    owner = User.objects.create_user("owner")
    restaurant = Restaurant.objects.create(owner_id=owner.pk, name="R", slug="r")
    return [Table.objects.create(restaurant=restaurant, label=str(n), seats=2) for n in range(2)]


def booking(table: Table, begins: float, ends: float, **more: Any) -> Booking:
    values = {"guest_name": "G", "party_size": 2, "state": "reserved", **more}
    return Booking(table=table, starts_at=at(12) + begins * HOUR, ends_at=at(12) + ends * HOUR, **values)


MEETING = [(0, 2), (0.5, 1.5), (-1, 3), (-1, 0.25), (1.75, 3), (0, 1), (1, 2)]
APART = [(2, 3), (-1, 0), (5, 6)]


@pytest.mark.parametrize(("begins", "ends"), MEETING)
def test_what_meets_a_live_booking_is_refused(tables: list[Table], begins: float, ends: float) -> None:
    place(booking(tables[0], 0, 2))
    with pytest.raises(Taken):
        place(booking(tables[0], begins, ends))
    assert Booking.objects.count() == 1
    place(booking(tables[1], begins, ends))


@pytest.mark.parametrize(("begins", "ends"), APART)
def test_what_touches_it_or_is_apart_is_not(tables: list[Table], begins: float, ends: float) -> None:
    place(booking(tables[0], 0, 2))
    place(booking(tables[0], begins, ends))
    assert Booking.objects.count() == 2


def test_what_is_not_live_stands_in_nobodys_way_and_comes_back_only_where_it_is_free(tables: list[Table]) -> None:
    for _ in range(2):
        place(booking(tables[0], 0, 2, state="cancelled", is_live=None))
    place(booking(tables[0], 1, 3))
    gone = Booking.objects.filter(is_live=None).first()
    assert gone is not None
    gone.is_live = True
    with pytest.raises(Taken):
        place(gone)


def test_a_booking_moves_over_itself_and_not_over_another(tables: list[Table]) -> None:
    mine = place(booking(tables[0], 0, 2))
    mine.starts_at, mine.ends_at = at(13), at(15)
    place(mine)
    place(booking(tables[0], 0, 1))
    mine.starts_at = at(12, 45)
    with pytest.raises(Taken):
        place(mine)
    assert Booking.objects.get(pk=mine.pk).starts_at == at(13)


def test_of_several_tables_the_first_that_is_free_is_taken(tables: list[Table]) -> None:
    keys = [table.pk for table in tables]
    assert [place(booking(tables[0], 0, 2), keys).table_id for _ in range(2)] == keys
    with pytest.raises(Taken):
        place(booking(tables[0], 1, 2), keys)


def test_where_the_engine_has_a_guard_nothing_goes_past_it(tables: list[Table]) -> None:
    """PostgreSQL and MariaDB refuse what a shell or another program writes; MySQL and SQLite the same time only."""
    booking(tables[0], 0, 2).save()
    with pytest.raises(IntegrityError), transaction.atomic(using=connection().alias):
        booking(tables[0], 0, 3).save()
    past = [(0.5, 1), (-1, 0.5), (1.5, 3)]
    if guard(connection()) is None:
        pytest.skip(f"{connection().display_name} has no such constraint: the locked rows are what holds")
    for begins, ends in past:
        with pytest.raises(IntegrityError), transaction.atomic(using=connection().alias):
            booking(tables[0], begins, ends).save()
    booking(tables[0], 2, 3).save()
    with pytest.raises(IntegrityError), transaction.atomic(using=connection().alias):
        Booking.objects.update(ends_at=at(16))


def test_a_refusal_for_another_reason_is_not_taken_for_this_one(tables: list[Table]) -> None:
    one = place(booking(tables[0], 0, 2))
    with pytest.raises(IntegrityError):
        place(booking(tables[0], 5, 6, public_id=one.public_id))


def test_the_admin_books_no_table_twice_either(tables: list[Table]) -> None:
    one, other = place(booking(tables[0], 0, 2)), place(booking(tables[0], 5, 6))
    client = DjangoClient()
    client.force_login(User.objects.create_superuser("boss", "", "secret"))
    form = {
        "table": tables[0].pk, "guest_name": "G", "party_size": 2, "state": "reserved", "is_live": "true",
        "revision": 1, "starts_at_0": f"{at(13):%Y-%m-%d}", "starts_at_1": "13:00:00",
        "ends_at_0": f"{at(13):%Y-%m-%d}", "ends_at_1": "14:00:00",
        "created_at_0": "2026-01-01", "created_at_1": "00:00:00",
    }  # fmt: skip
    said = client.post(f"/admin/bookings/booking/{other.pk}/change/", form, follow=True)
    assert "Another booking has this table at this time." in said.content.decode()
    assert Booking.objects.get(pk=other.pk).starts_at == other.starts_at
    client.post(f"/admin/bookings/booking/{one.pk}/change/", form)
    assert Booking.objects.get(pk=one.pk).starts_at == at(13)


def test_old_bookings_that_overlap_are_found_pair_by_pair() -> None:
    """One that lasts meets each that begins before it ends; what touches is none."""
    rows = [(1, 1, at(12), at(15)), (1, 2, at(13), at(14)), (1, 3, at(14), at(16)), (1, 4, at(16), at(17)),
            (2, 5, at(12), at(13)), (2, 6, at(13), at(14))]  # fmt: skip
    assert [found[:3] for found in overlapping(rows)] == [(1, 1, 2), (1, 1, 3)]


def test_bookings_without_an_overlap_are_let_pass(tables: list[Table]) -> None:
    place(booking(tables[0], 0, 2))
    booking(tables[0], 0, 2, is_live=None).save()
    refuse_overlaps(Booking, connection().alias)
