"""Reads whose SQL is made once answer what the queryset itself answers, whatever they are asked for."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections, router
from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from plaza.accounts.models import Login, Profile
from plaza.api.prepared import _kept, prepared

PEOPLE = 30


@pytest.fixture(autouse=True)
def people(db: None) -> list[Profile]:
    _kept.__dict__.clear()
    users = User.objects.bulk_create(User(username=f"u{n}") for n in range(PEOPLE))
    found = [
        Profile(user=user, nickname=user.username, name="이름 %s", created_at=now() - datetime.timedelta(days=n),
                preferences={"n": [n, None]}, is_private=n % 2 == 0)
        for n, user in enumerate(User.objects.order_by("pk"))
    ]  # fmt: skip
    assert len(users) == PEOPLE
    Profile.objects.bulk_create(found)
    for profile in found[:9]:
        Login.objects.create(user_id=profile.user_id, expires_at=now())
    return list(Profile.objects.order_by("pk"))


def by_number(user: int) -> QuerySet[Any, Any]:
    entered = Exists(Login.objects.filter(user_id=OuterRef("user_id")))
    rows = Profile.objects.filter(user_id=user).annotate(entered=entered, twice=F("user_id") * 2)
    return rows.values("public_id", "created_at", "preferences", "is_private", "entered", "twice", "name")


def by_id_and_time(public_id: uuid.UUID, before: datetime.datetime, name: str) -> QuerySet[Any, Any]:
    return Profile.objects.filter(public_id=public_id, created_at__lt=before, nickname=name).values_list("pk", "name")


def some_of(numbers: Sequence[int], before: datetime.datetime, *, most: int) -> QuerySet[Any, Any]:
    rows = Profile.objects.filter(user_id__in=numbers, created_at__lt=before)
    return rows.order_by("-created_at").values("pk", "created_at")[:most]


def two_kinds(numbers: Sequence[int]) -> QuerySet[Any, Any]:
    ones = Profile.objects.filter(user_id__in=numbers).values_list("user_id", Value("profile"), "created_at")
    others = Login.objects.filter(user_id__in=numbers).values_list("user_id", Value("login"), "created_at")
    return ones.union(others, all=True)


def instances(user: int) -> QuerySet[Any, Any]:
    return Login.objects.filter(user_id=user).select_related("user__profile")


def test_a_day_is_an_argument_and_so_are_days(people: list[Profile]) -> None:
    days = [datetime.date(2000, 1, n) for n in range(1, 5)]
    for n, day in enumerate(days):
        Profile.objects.filter(pk=people[n].pk).update(birth_date=day)
    some = prepared(lambda found: Profile.objects.filter(birth_date__in=found).order_by("pk"))
    one = prepared(lambda found: Profile.objects.filter(birth_date=found))
    assert some(days[:3]) == people[:3]
    assert one(days[3]) == [people[3]]


def test_instances_are_made_with_what_belongs_to_them(people: list[Profile]) -> None:
    ask = prepared(instances)
    for profile in people[:3]:
        (found,) = ask(profile.user_id)
        assert (found, found.user, found.user.profile) == (instances(profile.user_id).get(), profile.user, profile)
        with CaptureQueriesContext(connections[router.db_for_read(Profile)]) as counted:
            assert found.user.profile.preferences == profile.preferences
        assert len(counted) == 0
        assert not found._state.adding
    assert ask(people[-1].user_id) == []


def test_each_kind_of_argument_finds_its_place(people: list[Profile]) -> None:
    one, two = prepared(by_number), prepared(by_id_and_time)
    for profile in people[:12]:
        assert one(profile.user_id) == list(by_number(profile.user_id))
        wanted = (profile.public_id, now(), profile.nickname)
        assert two(*wanted) == list(by_id_and_time(*wanted)) != []
        assert two(profile.public_id, profile.created_at, profile.nickname) == []
    assert one(10**17) == []


def test_a_list_of_any_length_is_asked_for(people: list[Profile]) -> None:
    numbers, ask, both = [one.user_id for one in people], prepared(some_of), prepared(two_kinds)
    for length in (0, 1, 2, 3, 5, 8, 9, PEOPLE):
        for most in (1, 4):
            wanted = (numbers[:length], people[1].created_at)
            assert ask(*wanted, most=most) == list(some_of(*wanted, most=most))
        assert sorted(both(numbers[:length])) == sorted(two_kinds(numbers[:length]))


def test_a_queryset_is_built_once_for_each_of_its_forms(people: list[Profile]) -> None:
    built = []

    @prepared
    def ask(numbers: Sequence[int], before: datetime.datetime, *, most: int) -> QuerySet[Any, Any]:
        built.append((len(numbers), most))
        return some_of(numbers, before, most=most)

    for _ in range(3):
        for most in (2, 3):
            for length in (3, 4, 5):
                ask([one.user_id for one in people[:length]], now(), most=most)
    one_for_all = connections[router.db_for_read(Profile)].vendor == "postgresql"  # lists are one parameter there
    for most in (2, 3):
        # the first of each is asked what its model is
        assert [size for size, asked in built if asked == most] == ([3, 2] if one_for_all else [3, 4, 8])


def test_so_many_forms_as_somebody_may_ask_for_are_not_all_kept(
    people: list[Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plaza.api.prepared.MOST", 3)
    ask = prepared(some_of)
    numbers, at = [one.user_id for one in people], now()
    for most in (1, 2, 3, 4, 5, 1):
        assert ask(numbers, at, most=most) == list(some_of(numbers, at, most=most))
        assert len(_kept.statements) <= 3


def test_what_does_not_come_through_is_asked_as_it_is(people: list[Profile]) -> None:
    @prepared
    def ask(number: int) -> QuerySet[Any, Any]:
        return Profile.objects.filter(user_id=number + 1 if number % 2 else number).values("user_id")

    numbers = [one.user_id for one in people]
    assert [ask(number)[0]["user_id"] for number in numbers[:8]] == [n + 1 if n % 2 else n for n in numbers[:8]]


def test_it_is_one_query_that_is_counted_as_any_other(people: list[Profile]) -> None:
    ask = prepared(by_number)
    ask(people[0].user_id)
    with CaptureQueriesContext(connections[router.db_for_read(Profile)]) as counted:
        ask(people[1].user_id)
    assert len(counted) == 1


def test_text_that_looks_like_a_parameter_is_none(people: list[Profile]) -> None:
    def ask(numbers: Sequence[int]) -> QuerySet[Any, Any]:
        rows = Profile.objects.filter(user_id__in=numbers).extra(where=["nickname NOT LIKE '%%s IN (%%'"])
        return rows.order_by("pk").values("pk")

    numbers = [one.user_id for one in people[:3]]
    assert prepared(ask)(numbers) == list(ask(numbers)) != []


def test_a_list_is_excluded_and_is_asked_for_twice(people: list[Profile]) -> None:
    def ask(numbers: Sequence[int], others: Sequence[int]) -> QuerySet[Any, Any]:
        rows = Profile.objects.filter(user_id__in=numbers).exclude(user_id__in=others)
        return rows.filter(user_id__in=numbers).order_by("pk").values("pk")

    numbers = [one.user_id for one in people]
    for split in (1, 2, 9):
        assert prepared(ask)(numbers[:12], numbers[:split]) == list(ask(numbers[:12], numbers[:split])) != []


@pytest.mark.parametrize("argument", [None, 1.5, True, b"x"])
def test_what_cannot_be_a_parameter_is_refused(argument: Any) -> None:
    with pytest.raises(TypeError, match="make it a keyword"):
        prepared(lambda one: Profile.objects.values("pk"))(argument)
