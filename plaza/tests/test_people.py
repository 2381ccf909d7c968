"""Who users are is known in every database: told of late, twice or out of order, and also before it was told."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now

from plaza.accounts import telling
from plaza.accounts.blocking import block, unblock
from plaza.accounts.models import AccountsMessage, Profile
from plaza.api import outbox, people
from plaza.api.records import Person
from plaza.bookings.models import Person as Guest
from plaza.social.models import Person as Poster
from plaza.tests.conftest import Client
from plaza.videos.models import Person as Viewer

PEOPLE = (Poster, Viewer, Guest)


def drained() -> None:
    for model in outbox.outboxes():
        while outbox.drain(model)[0]:
            pass


def messages() -> list[AccountsMessage]:
    return list(AccountsMessage.objects.filter(topic=people.PROFILE, consumer="social").order_by("pk"))


@pytest.mark.parametrize("model", PEOPLE)
def test_what_accounts_know_is_known_everywhere(ann: Client, model: type[Person]) -> None:
    ann.patch("/api/me", {"name": "Ann of Plaza", "is_private": True}, headers={"If-Match": "*"})
    drained()
    profile, person = Profile.objects.get(nickname="ann"), model._default_manager.get(nickname="ann")
    assert (person.pk, person.public_id, person.name) == (profile.user_id, profile.public_id, "Ann of Plaza")
    assert (person.is_private, person.status, person.told_at) == (True, "valid", profile.updated_at)


def test_what_is_told_late_changes_nothing(ann: Client) -> None:
    for name in ("first", "second"):
        ann.patch("/api/me", {"name": name}, headers={"If-Match": "*"})
    for message in reversed(messages()):
        people.keep(Poster, message.payload)
        people.keep(Poster, message.payload)
    assert Poster.objects.get(nickname="ann").name == "second"


def test_a_change_counts_although_a_clock_that_was_ahead_made_the_one_before(ann: Client) -> None:
    Profile.objects.update(updated_at=now() + timedelta(hours=1))
    telling.tell(Profile.objects.all())
    drained()
    ann.patch("/api/me", {"name": "second"}, headers={"If-Match": "*"})
    block(Profile.objects.all())
    drained()
    assert (Poster.objects.get().name, Poster.objects.get().status) == ("second", "suspended")


def test_whoever_writes_before_he_is_told_of_is_known_by_his_token(ann: Client) -> None:
    assert not Poster.objects.exists()
    assert ann.post("/api/locations", PLACE).status_code in (200, 201)
    person, profile = Poster.objects.get(), Profile.objects.get()
    assert (person.nickname, person.public_id, person.told_at) == ("ann", profile.public_id, None)
    drained()
    assert Poster.objects.get().told_at == profile.updated_at


PLACE = {"provider": "osm", "external_id": "n1", "name": "Plaza", "latitude": "37.55", "longitude": "126.96"}


def test_a_blocked_user_is_told_of_and_writes_nothing(ann: Client) -> None:
    block(Profile.objects.all())
    drained()
    assert Poster.objects.get().status == "suspended"
    assert ann.post("/api/locations", PLACE).status_code == 403, "his token is good for some minutes yet"
    unblock(Profile.objects.all())
    drained()
    assert ann.post("/api/locations", PLACE).status_code in (200, 201)


def test_a_deleted_user_stays_a_tombstone_whatever_comes_late(ann: Client, commits: Callable[[], Any]) -> None:
    told = messages()
    assert ann.delete("/api/me").status_code == 204
    drained()
    for message in told:
        people.keep(Poster, message.payload)
    person = Poster.objects.get()
    assert (person.nickname, person.name, person.status) == (f"deleted-{person.pk}", "deleted user", "deleted")
    assert people.shown(Poster, [person.pk])[person.pk] == people.NOBODY
    assert ann.post("/api/locations", PLACE).status_code == 410


def test_a_tombstone_that_comes_first_is_kept_first(ann: Client) -> None:
    user = User.objects.get()
    people.bury(Poster, user.pk)
    people.keep(Poster, messages()[0].payload)
    assert Poster.objects.get().status == "deleted"


def test_a_page_asks_for_its_people_once(ann: Client, ben: Client, django_assert_num_queries: Any) -> None:
    from django.db import connections, router

    drained()
    numbers = list(Poster.objects.values_list("pk", flat=True))
    with django_assert_num_queries(1, connection=connections[router.db_for_read(Poster)]):
        found = people.shown(Poster, [*numbers, 999_999_999, None])
    assert {one["nickname"] for one in found.values()} == {"ann", "ben", None}
    assert found[999_999_999] == found[None] == people.NOBODY
    assert all(uuid.UUID(found[number]["id"]) for number in numbers)
