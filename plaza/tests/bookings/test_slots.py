"""What is free when, by the restaurant's own clock."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils.timezone import now

from plaza.bookings import hours
from plaza.bookings.models import OpeningHours, SpecialHours
from plaza.tests.bookings.conftest import Opened, Place, at
from plaza.tests.conftest import Client

BERLIN = "Europe/Berlin"
LEAP, REPEAT = date(2026, 3, 29), date(2026, 10, 25)  # its clocks go from 2 to 3, and from 3 back to 2


@pytest.mark.parametrize(
    ("day", "clock", "last", "moment"),
    [
        (LEAP, time(2, 30), False, "2026-03-29T01:00:00Z"),  # there is no such time: it is the leap
        (LEAP, time(2, 0), False, "2026-03-29T01:00:00Z"),
        (LEAP, time(3, 0), False, "2026-03-29T01:00:00Z"),
        (LEAP, time(1, 59), False, "2026-03-29T00:59:00Z"),
        (REPEAT, time(2, 30), False, "2026-10-25T00:30:00Z"),  # it comes twice
        (REPEAT, time(2, 30), True, "2026-10-25T01:30:00Z"),
        (REPEAT, time(3, 0), False, "2026-10-25T02:00:00Z"),
    ],
)
def test_a_time_on_the_clock_is_a_moment_also_where_the_clock_changes(
    day: date, clock: time, last: bool, moment: str
) -> None:
    assert hours.moment(day, clock, hours.ZoneInfo(BERLIN), last=last) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(("day", "many"), [(LEAP, 92), (REPEAT, 100), (date(2026, 5, 5), 96)])
def test_a_day_has_as_many_quarters_as_its_clock(day: date, many: int) -> None:
    found = hours.quarters(hours.whole_day(day, hours.ZoneInfo(BERLIN)))
    assert len(found) == len(set(found)) == many


def test_a_night_on_which_the_clock_changes_is_as_long_as_it_is() -> None:
    weekly = [OpeningHours(weekday=5, opens_at=time(22), closes_at=time(4))]
    zone = hours.ZoneInfo(BERLIN)
    (short,) = hours.openings([LEAP - hours.DAY], weekly, [], zone)
    (long,) = hours.openings([REPEAT - hours.DAY], weekly, [], zone)
    assert (short.ends - short.begins, long.ends - long.begins) == (timedelta(hours=5), timedelta(hours=7))


def test_hours_that_touch_are_one_and_a_special_day_takes_the_place_of_its_weekday() -> None:
    weekly = [OpeningHours(weekday=day, opens_at=time(h), closes_at=time(h + 4)) for day in range(7) for h in (12, 16)]
    monday = date(2026, 6, 1)
    found = hours.openings([monday], weekly, [], hours.ZoneInfo("UTC"))
    assert [(s.begins.hour, s.ends.hour) for s in found] == [(12, 20)]
    short = SpecialHours(day=monday, opens_at=time(18), closes_at=time(1))
    (special,) = hours.openings([monday], weekly, [short], hours.ZoneInfo("UTC"))
    assert (special.begins.hour, special.ends) == (18, datetime(2026, 6, 2, 1, tzinfo=UTC))
    assert hours.openings([monday], weekly, [SpecialHours(day=monday)], hours.ZoneInfo("UTC")) == []


def test_hours_hold_from_and_until_their_days() -> None:
    weekly = [
        OpeningHours(weekday=0, opens_at=time(9), closes_at=time(10), valid_until=date(2026, 6, 1)),
        OpeningHours(weekday=0, opens_at=time(11), closes_at=time(12), valid_from=date(2026, 6, 2)),
    ]
    zone = hours.ZoneInfo("UTC")
    days = [date(2026, 6, 1), date(2026, 6, 8)]
    assert [[s.begins.hour for s in hours.openings([day], weekly, [], zone)] for day in days] == [[9], [11]]


def test_each_quarter_has_its_status(place: Place, ben: Client) -> None:
    place.book(ben, at(18))
    found = place.slots(at(18).date())
    assert Counter(found.values()) == {"AVAILABLE": 24, "UNAVAILABLE": 11, "NON_WORKING_HOURS": 61}
    assert [place.status(at(*when)) for when in ((11, 45), (12, 0), (16, 30), (16, 45), (19, 15), (19, 30))] == [
        "NON_WORKING_HOURS", "AVAILABLE", "AVAILABLE", "UNAVAILABLE", "UNAVAILABLE", "AVAILABLE",
    ]  # fmt: skip
    assert (place.status(at(20, 30)), place.status(at(20, 45))) == ("AVAILABLE", "NON_WORKING_HOURS")


def test_what_is_available_can_be_booked_and_nothing_else(place: Place, ben: Client) -> None:
    place.book(ben, at(18))
    for when, status in [((16, 30), 201), ((17, 0), 409), ((11, 45), 422)]:
        said = {201: "AVAILABLE", 409: "UNAVAILABLE", 422: "NON_WORKING_HOURS"}[status]
        assert (place.status(at(*when)), place.book(ben, at(*when)).status_code) == (said, status)


def test_who_closes_after_midnight_is_open_on_the_next_day(opened: Opened, ann: Client, ben: Client) -> None:
    late = [{"weekday": day, "opens_at": "20:00", "closes_at": "02:00"} for day in range(7)]
    place = opened(ann, hours=late)
    found = place.slots(at(0).date())
    assert [moment[11:16] for moment, status in found.items() if status == "AVAILABLE"] == [
        *(f"{h:02}:{m:02}" for h in (0,) for m in (0, 15, 30)),
        *(f"{h}:{m:02}" for h in (20, 21, 22, 23) for m in (0, 15, 30, 45)),
    ]
    assert place.book(ben, at(0, 30)).status_code == 201
    assert place.book(ben, at(23)).status_code == 201


def test_a_restaurant_keeps_its_own_time(opened: Opened, ann: Client, ben: Client) -> None:
    place = opened(ann, timezone="Asia/Kathmandu")
    found = place.slots(at(0).date())
    assert set(found) == {m for m in found if m.endswith("+05:45")}
    first = next(moment for moment, status in found.items() if status == "AVAILABLE")
    assert first[11:16] == "12:00"
    booked = place.book(ben, datetime.fromisoformat(first))
    assert (booked.status_code, booked.json()["local"], booked.json()["starts_at"][11:16]) == (201, first, "06:15")


def test_a_repeated_hour_is_booked_twice_and_a_missing_one_never(
    opened: Opened, ann: Client, ben: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next changes of Berlin's clocks, from half a year on at most, at night, for quarters of an hour."""
    nights = [{"weekday": day, "opens_at": "00:00", "closes_at": "06:00"} for day in range(7)]
    place = opened(ann, hours=nights, timezone=BERLIN, turn_minutes=15, books_ahead=400)
    zone = hours.ZoneInfo(BERLIN)
    days = [now().astimezone(zone).date() + timedelta(days=n) for n in range(2, 370)]
    lengths = {day: len(hours.quarters(hours.whole_day(day, zone))) for day in days}
    repeat = next(day for day, many in lengths.items() if many == 100)
    leap = next(day for day, many in lengths.items() if many == 92)
    twice = [moment for moment in place.slots(repeat) if moment[11:16] == "02:30"]
    assert [moment[-6:] for moment in twice] == ["+02:00", "+01:00"]
    assert [place.book(ben, datetime.fromisoformat(moment)).status_code for moment in twice] == [201, 201]
    missing = place.slots(leap)
    assert not [moment for moment in missing if moment[11:13] == "02"]
    assert {status for moment, status in missing.items() if moment[11:13] in ("01", "03")} == {"AVAILABLE"}


def test_larger_parties_stay_longer(opened: Opened, ann: Client, ben: Client) -> None:
    place = opened(ann, (8,), turn_times=[{"up_to": 4, "minutes": 75}, {"up_to": 2, "minutes": 45}], turn_minutes=120)
    stays = []
    for party in (2, 3, 8):
        booked = place.book(ben, at(12 + 3 * len(stays)), party).json()
        stays.append(datetime.fromisoformat(booked["ends_at"]) - datetime.fromisoformat(booked["starts_at"]))
    assert stays == [timedelta(minutes=45), timedelta(minutes=75), timedelta(minutes=120)]
    assert ben.get(f"{place.path}/slots?date=2026-01-01&party=3").json()["turn_minutes"] == 75


def test_a_blocked_time_takes_no_bookings(opened: Opened, ann: Client, ben: Client) -> None:
    place = opened(ann, (2, 2))
    times = {"starts_at": at(18).isoformat(), "ends_at": at(19).isoformat()}
    one = ann.post(f"{place.path}/blocks", {**times, "table": place.tables[0], "reason": "wet paint"})
    assert (one.status_code, place.status(at(18))) == (201, "AVAILABLE")
    booked = place.book(ben, at(18)).json()
    assert (booked["table"], ben.delete(f"/api/bookings/{booked['id']}").status_code) == ("T2", 204)
    every = ann.post(f"{place.path}/blocks", times).json()["id"]
    assert (place.status(at(17)), place.status(at(19, 30))) == ("UNAVAILABLE", "AVAILABLE")
    assert place.book(ben, at(17)).status_code == 409
    assert len(ann.get(f"{place.path}/blocks").json()["results"]) == 2
    assert ann.delete(f"{place.path}/blocks/{every}").status_code == 204
    assert ann.delete(f"{place.path}/blocks/{every}").status_code == 404
    assert place.status(at(17, 0)) == "AVAILABLE"


def test_pacing_limits_the_parties_and_guests_that_begin_together(opened: Opened, ann: Client, ben: Client) -> None:
    place = opened(ann, (4,) * 6, max_parties=3, max_seats=7)
    assert [place.book(ben, at(19), party).status_code for party in (3, 3, 3)] == [201, 201, 409]
    assert (place.status(at(19), 1), place.status(at(19), 2)) == ("AVAILABLE", "UNAVAILABLE")
    assert place.book(ben, at(19), 1).status_code == 201
    assert (place.status(at(19), 1), place.book(ben, at(19), 1).status_code) == ("UNAVAILABLE", 409)
    assert place.book(ben, at(19, 15), 1).status_code == 201
    first = ben.get("/api/me/bookings").json()["results"][-1]
    tag = ben.get(f"/api/bookings/{first['id']}")["ETag"]
    fuller = ben.patch(f"/api/bookings/{first['id']}", {"party_size": 4}, headers={"If-Match": tag})
    assert fuller.status_code == 409, "it counts itself out first, and is one guest too many still"
    assert ben.delete(f"/api/bookings/{first['id']}").status_code == 204
    assert place.book(ben, at(19), 3).status_code == 201


@pytest.mark.parametrize(
    "query", ["", "date=x&party=2", "date=2026-02-30&party=2", "date=9999-12-31&party=2", "date=0001-01-01&party=2",
              "date=2026-01-01", "date=2026-01-01&party=0", "date=2026-01-01&party=9" + "9" * 30],
)  # fmt: skip
def test_a_day_that_is_none_is_refused(place: Place, query: str) -> None:
    assert Client().get(f"{place.path}/slots?{query}").status_code == 400


def test_nothing_is_free_on_days_that_have_passed_or_are_too_far_ahead(place: Place) -> None:
    for day in (at(0, days=-3).date(), at(0, days=200).date(), date(2000, 1, 1), date(2099, 12, 31)):
        assert set(place.slots(day).values()) == {"UNAVAILABLE", "NON_WORKING_HOURS"}
