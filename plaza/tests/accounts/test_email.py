"""Another address for one's account: by the password, and proved by a token that was mailed to it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connections, router
from django.test import Client as DjangoClient
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now
from pytest_django import fixtures

from plaza.accounts import changing, export, mails
from plaza.accounts.models import AccountsMessage, Address
from plaza.api import outbox, throttles
from plaza.tests.conftest import PASSWORD, Client

NEW = "ann@new.example.org"


@pytest.fixture(autouse=True)
def _nothing_waits(ann: Client) -> None:
    mailed()
    Address.objects.update(verified_at=now())


def mailed() -> dict[str, EmailMessage]:
    """Send what waits: each mail by its address."""
    mail.outbox.clear()
    outbox.drain(AccountsMessage)
    return {one.to[0]: one for one in mail.outbox}


def asked(client: Client, email: str = NEW, password: str = PASSWORD) -> Any:
    return client.post("/api/me/email", {"email": email, "password": password})


def token_for(client: Client, email: str = NEW) -> str:
    assert asked(client, email).status_code == 202
    return str(mailed()[email].body).splitlines()[2]


def shown(client: Client) -> tuple[str, bool]:
    said = client.get("/api/me").json()
    return said["email"], said["is_verified"]


def test_an_address_is_ones_own_when_it_is_proved_and_the_one_before_is_free_then(ann: Client, anybody: Client) -> None:
    token = token_for(ann)
    assert shown(ann) == ("ann@example.org", True), "nothing is changed yet"
    assert anybody.post("/api/auth/verify", {"token": token}).status_code == 204
    assert shown(ann) == (NEW, True)
    assert User.objects.get(username="ann").email == NEW
    assert ann.get("/api/me/sessions").status_code == 200, "no session ends"
    other = {"nickname": "other", "email": "ann@example.org", "password": PASSWORD}
    assert anybody.post("/api/auth/register", other).status_code == 202
    assert User.objects.filter(username="other").exists()


def test_the_address_before_is_told_that_another_one_was_asked_for_and_not_which(ann: Client) -> None:
    asked(ann)
    note = mailed()["ann@example.org"]
    assert note.subject == "Another address was asked for"
    assert NEW not in str(note.body)


def test_the_address_before_is_told_although_its_mail_server_was_away_until_the_change(
    ann: Client, anybody: Client
) -> None:
    asked(ann)
    late = AccountsMessage.objects.get(payload__kind=mails.Kind.ASKED)
    AccountsMessage.objects.filter(pk=late.pk).update(due_at=now() + timedelta(hours=1))
    token = str(mailed()[NEW].body).splitlines()[2]
    assert anybody.post("/api/auth/verify", {"token": token}).status_code == 204
    AccountsMessage.objects.filter(pk=late.pk).update(due_at=now())
    assert list(mailed()) == ["ann@example.org"]


def test_without_the_password_nothing_is_asked_for(ann: Client) -> None:
    answer = asked(ann, password="not it")
    assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, "password")
    assert mailed() == {}
    assert Address.objects.get().wanted is None


@pytest.mark.parametrize("email", ["no address", "ann@example.org", "ANN@example.org", "a" * 200 + "@x.org", "", None])
def test_what_is_no_other_address_is_refused_with_its_reason(ann: Client, email: str | None) -> None:
    answer = ann.post("/api/me/email", {"email": email, "password": PASSWORD})
    assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, "email")
    assert mailed() == {}


def test_nobody_learns_from_an_answer_or_from_his_own_mails_whether_an_address_has_an_account(
    ann: Client, ben: Client
) -> None:
    mailed()
    known, note = asked(ann, "ben@example.org"), mailed()
    unknown, other_note = asked(ann, "nobody@example.org"), mailed()
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (202, b"")
    assert note["ben@example.org"].subject == "You have an account already"
    assert "token" not in str(note["ben@example.org"].body)
    assert note["ann@example.org"].body == other_note["ann@example.org"].body
    assert shown(ann) == ("ann@example.org", True)


def test_an_address_that_has_an_account_costs_an_answer_the_same_queries(ann: Client, ben: Client) -> None:
    counts = []
    for email in ("ben@example.org", "nobody@example.org"):
        with CaptureQueriesContext(connections[router.db_for_write(Address)]) as queries:
            asked(ann, email)
        counts.append(len(queries))
    assert counts[0] == counts[1] > 0


def test_an_address_that_somebody_else_has_got_meanwhile_stays_his(ann: Client, ben: Client, anybody: Client) -> None:
    mine = token_for(ann)
    his = token_for(ben)
    assert anybody.post("/api/auth/verify", {"token": his}).status_code == 204
    answer = anybody.post("/api/auth/verify", {"token": mine})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:plaza:conflict")
    assert (shown(ann)[0], shown(ben)[0]) == ("ann@example.org", NEW)


def test_a_token_is_good_once(ann: Client, anybody: Client) -> None:
    token = token_for(ann)
    said = [anybody.post("/api/auth/verify", {"token": token}).status_code for _ in range(2)]
    back = token_for(ann, "ann@example.org")
    assert anybody.post("/api/auth/verify", {"token": back}).status_code == 204
    said += [anybody.post("/api/auth/verify", {"token": one}).status_code for one in (token, back)]
    assert said == [204, 400, 400, 400]


def test_a_token_is_not_good_after_another_request_although_it_is_for_the_same_address(
    ann: Client, anybody: Client
) -> None:
    first = token_for(ann)
    second = token_for(ann, "other@new.example.org")
    third = token_for(ann)
    said = [anybody.post("/api/auth/verify", {"token": one}).status_code for one in (first, second, third)]
    assert said == [400, 400, 204]


def test_of_two_requests_before_the_mails_were_sent_the_later_one_is_written_to(ann: Client) -> None:
    asked(ann)
    asked(ann, "other@new.example.org")
    assert set(mailed()) == {"other@new.example.org", "ann@example.org"}


def test_a_token_is_good_for_three_days(ann: Client, anybody: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_for(ann)
    assert timedelta(days=3).total_seconds() == changing.GOOD_FOR
    monkeypatch.setattr(changing, "GOOD_FOR", -1)
    assert anybody.post("/api/auth/verify", {"token": token}).status_code == 400


def test_a_new_password_ends_what_was_asked_for(ann: Client, anybody: Client) -> None:
    token = token_for(ann)
    assert ann.post("/api/me/password", {"old": PASSWORD, "new": "another word of mine"}).status_code == 204
    assert anybody.post("/api/auth/verify", {"token": token}).status_code == 400
    assert shown(ann) == ("ann@example.org", True)


def test_a_password_that_the_admin_sets_ends_it_too(ann: Client, anybody: Client) -> None:
    token = token_for(ann)
    admin, user = DjangoClient(), User.objects.get(username="ann")
    admin.force_login(User.objects.create_superuser("boss", "", "secret"))
    sent = {"password1": "another word of mine", "password2": "another word of mine", "usable_password": "true"}
    assert admin.post(reverse("admin:auth_user_password_change", args=[user.pk]), sent).status_code == 302
    assert anybody.post("/api/auth/verify", {"token": token}).status_code == 400


@pytest.mark.parametrize("gone", ["deleted", "blocked"])
def test_whose_account_is_deleted_or_blocked_gets_no_address(ann: Client, anybody: Client, gone: str) -> None:
    token = token_for(ann)
    if gone == "deleted":
        assert ann.delete("/api/me").status_code == 204
    else:
        User.objects.filter(username="ann").update(is_active=False)
    assert anybody.post("/api/auth/verify", {"token": token}).status_code == 400
    assert not Address.objects.filter(email=NEW).exists()


@pytest.mark.parametrize("forged", [[0, "x"], [0, "2026-01-01T00:00:00+00:00"], [None, None], 7, [1]])
def test_a_token_of_any_other_shape_is_refused(anybody: Client, forged: Any) -> None:
    token = changing.signing.dumps(forged, salt=changing.SALT)
    assert anybody.post("/api/auth/verify", {"token": token}).status_code == 400


def test_a_retry_asks_once(ann: Client) -> None:
    body, headers = {"email": NEW, "password": PASSWORD}, {"Idempotency-Key": "one"}
    said = [ann.post("/api/me/email", body, headers=headers).status_code for _ in range(2)]
    assert (said, AccountsMessage.objects.filter(topic=mails.MAIL).count()) == ([202, 202], 2)


def test_an_account_without_an_address_is_told_so(ann: Client) -> None:
    Address.objects.all().delete()
    assert asked(ann).status_code == 409


def test_a_new_address_is_shown_at_once_and_makes_no_change_stale(ann: Client, anybody: Client) -> None:
    tag = ann.get("/api/me")["ETag"]
    anybody.post("/api/auth/verify", {"token": token_for(ann)})
    assert ann.get("/api/me", headers={"If-None-Match": tag}).status_code == 200
    assert ann.patch("/api/me", {"bio": "x"}, headers={"If-Match": tag}).status_code == 200
    assert shown(ann)[0] == NEW


def test_as_many_mails_are_asked_for_as_the_limit_of_mails_says(ann: Client, settings: fixtures.Settings) -> None:
    settings.PLAZA_LIMITS = {"mail": "2/hour"}
    throttles.limit_of.cache_clear()
    throttles.limiter().storage.reset()
    assert [asked(ann, password="x").status_code for _ in range(3)] == [400, 400, 429]


def test_an_export_holds_what_was_asked_for(ann: Client) -> None:
    asked(ann)
    assert NEW in json.dumps(list(export.documents(User.objects.get().pk)), default=str)
