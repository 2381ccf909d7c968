"""Registering, logging in and out, and oneself."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client as DjangoClient
from django.utils.timezone import now
from pytest_django import fixtures

from plaza.accounts.models import AccountsMessage, Address, Login, Profile
from plaza.api import outbox
from plaza.tests.conftest import HASHERS, PASSWORD, Client

WANTED = {"nickname": "Ann", "email": "Ann@Example.org", "password": PASSWORD}


def test_a_newcomer_registers_logs_in_and_sees_himself(anybody: Client) -> None:
    answer = anybody.post("/api/auth/register", WANTED)
    assert (answer.status_code, answer.json()["nickname"]) == (202, "ann")
    me = anybody.log_in("ANN").get("/api/me")
    assert me.status_code == 200
    assert {k: me.json()[k] for k in ("nickname", "email", "is_verified")} == {
        "nickname": "ann", "email": "ann@example.org", "is_verified": False,
    }  # fmt: skip


def test_a_password_is_kept_by_a_slow_hash_and_opens_what_it_should(
    anybody: Client, settings: fixtures.Settings
) -> None:
    """Other tests hash at once; this one as plaza does."""
    settings.PASSWORD_HASHERS = HASHERS
    assert anybody.post("/api/auth/register", WANTED).status_code == 202
    assert User.objects.get(username="ann").password.startswith("pbkdf2_sha256$")
    assert anybody.log_in("ann").get("/api/me").status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"nickname": "аnn"}, "nickname"), ({"nickname": "ann."}, "nickname"), ({"nickname": "admin"}, "nickname"),
        ({"email": "no address"}, "email"), ({"password": "12345678"}, "password"), ({"password": "ann"}, "password"),
        ({"nickname": ""}, "nickname"), ({"nickname": None}, "nickname"), ({"email": "a" * 200 + "@x.org"}, "email"),
    ],
)  # fmt: skip
def test_what_cannot_be_accepted_is_named_with_its_reason(anybody: Client, change: dict[str, str], field: str) -> None:
    """The first is a Cyrillic letter that looks like an a."""
    answer = anybody.post("/api/auth/register", {**WANTED, **change})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert {one["name"].partition(".")[0] for one in answer.json()["invalid-params"]} == {field}
    assert not User.objects.exists()


def test_a_name_that_is_taken_is_a_conflict(anybody: Client, ann: Client) -> None:
    answer = anybody.post("/api/auth/register", {**WANTED, "email": "other@example.org"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:plaza:conflict")
    assert not Address.objects.filter(email="other@example.org").exists()


def mailed() -> dict[str, str]:
    """Send what waits: the subject of each mail by its address."""
    mail.outbox.clear()
    outbox.drain(AccountsMessage)
    return {one.to[0]: one.subject for one in mail.outbox}


def test_nobody_learns_from_an_answer_whether_an_address_has_an_account(anybody: Client, ann: Client) -> None:
    mailed()  # ann's own
    mail.outbox.clear()
    known = anybody.post("/api/auth/register", {**WANTED, "nickname": "anna"})
    unknown = anybody.post("/api/auth/register", {**WANTED, "nickname": "bert", "email": "bert@example.org"})
    assert known.status_code == unknown.status_code == 202
    assert known.json()["detail"] == unknown.json()["detail"]
    assert not User.objects.filter(username="anna").exists()
    assert mail.outbox == [], "no answer waits for a mail"
    assert mailed() == {"ann@example.org": "You have an account already", "bert@example.org": "Verify your address"}


def test_an_address_is_proved_by_the_token_that_was_mailed_to_it(anybody: Client) -> None:
    anybody.post("/api/auth/register", WANTED)
    mailed()
    token = mail.outbox[0].body.splitlines()[2]
    assert anybody.post("/api/auth/verify", {"token": token + "x"}).status_code == 400
    for _ in range(2):
        assert anybody.post("/api/auth/verify", {"token": token}).status_code == 204
    assert anybody.log_in("ann").get("/api/me").json()["is_verified"]
    assert anybody.post("/api/auth/verify/again", {"email": "nobody@example.org"}).status_code == 202


@pytest.mark.parametrize("password", ["wrong", "", "\0"])
def test_a_wrong_password_opens_nothing(anybody: Client, ann: Client, password: str) -> None:
    answer = anybody.post("/api/auth/token", {"nickname": "ann", "password": password})
    assert answer.status_code in (400, 401)
    assert answer["Content-Type"] == "application/problem+json"
    assert PASSWORD not in answer.content.decode()


def test_without_a_token_nothing_is_told(anybody: Client) -> None:
    for path in ("/api/me", "/api/me/sessions"):
        answer = anybody.get(path)
        assert (answer.status_code, answer["WWW-Authenticate"].split()[0]) == (401, "Bearer")


def test_a_refresh_token_is_good_once_and_sent_again_ends_its_session(ann: Client) -> None:
    first = ann.tokens["refresh"]
    second = ann.post("/api/auth/token/refresh", {"refresh": first}).json()["refresh"]
    third = ann.post("/api/auth/token/refresh", {"refresh": second})
    assert third.status_code == 200
    assert ann.post("/api/auth/token/refresh", {"refresh": first}).status_code == 401  # whoever sends it stole it
    assert ann.post("/api/auth/token/refresh", {"refresh": third.json()["refresh"]}).status_code == 401
    assert Login.objects.get().ended_at is not None


def test_logging_out_twice_is_no_error_and_ends_one_session_only(ann: Client) -> None:
    other = Client().log_in("ann")
    for _ in range(2):
        assert ann.post("/api/auth/token/revoke", {"refresh": ann.tokens["refresh"]}).status_code == 204
    assert ann.post("/api/auth/token/refresh", {"refresh": ann.tokens["refresh"]}).status_code == 401
    assert other.post("/api/auth/token/refresh", {"refresh": other.tokens["refresh"]}).status_code == 200


def test_one_sees_ones_sessions_and_ends_any_of_them_but_nobody_elses(ann: Client, ben: Client) -> None:
    other = Client().log_in("ann")
    listed = ann.get("/api/me/sessions").json()
    assert [one["is_this"] for one in listed].count(True) == 1
    assert {one["id"] for one in listed} == {ann.tokens["session"], other.tokens["session"]}
    assert ben.delete(f"/api/me/sessions/{other.tokens['session']}").status_code == 404
    assert ann.delete(f"/api/me/sessions/{other.tokens['session']}").status_code == 204
    assert other.post("/api/auth/token/refresh", {"refresh": other.tokens["refresh"]}).status_code == 401


def test_a_session_names_its_client_as_it_named_itself_however_long(ann: Client) -> None:
    agent = "Browser/1.0 (" + "of a talkative maker; " * 40 + ")"
    other = Client()
    other.credentials(HTTP_USER_AGENT=agent)
    other.log_in("ann")
    assert agent in [one["client"] for one in ann.get("/api/me/sessions").json()]


def test_a_new_password_ends_every_other_session(ann: Client) -> None:
    other = Client().log_in("ann")
    wrong = ann.post("/api/me/password", {"old": "not it", "new": "another word of mine"})
    assert (wrong.status_code, wrong.json()["invalid-params"][0]["name"]) == (400, "old")
    assert ann.post("/api/me/password", {"old": PASSWORD, "new": "another word of mine"}).status_code == 204
    assert other.post("/api/auth/token/refresh", {"refresh": other.tokens["refresh"]}).status_code == 401
    assert ann.post("/api/auth/token/refresh", {"refresh": ann.tokens["refresh"]}).status_code == 200
    assert Client().post("/api/auth/token", {"nickname": "ann", "password": PASSWORD}).status_code == 401


def test_a_change_says_what_it_was_made_from(ann: Client) -> None:
    tag = ann.get("/api/me")["ETag"]
    assert ann.get("/api/me", headers={"If-None-Match": tag}).status_code == 304
    assert ann.patch("/api/me", {"bio": "x"}).status_code == 428
    changed = ann.patch("/api/me", {"bio": "hello 🙂", "nickname": "other"}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["bio"], changed.json()["nickname"]) == (200, "hello 🙂", "ann")
    assert ann.patch("/api/me", {"bio": "y"}, headers={"If-Match": tag}).status_code == 412
    assert ann.patch("/api/me", {"bio": "y"}, headers={"If-Match": changed["ETag"]}).status_code == 200


def test_a_deleted_account_is_gone(ann: Client) -> None:
    Profile.objects.update(status=Profile.Status.DELETED, updated_at=now())
    assert ann.get("/api/me").status_code == 410


def test_a_blocked_user_is_out_at_once_and_comes_back_when_unblocked(ann: Client) -> None:
    boss = User.objects.create_superuser("boss", "", "secret")
    admin = DjangoClient()
    admin.force_login(boss)

    def act(action: str) -> None:
        keys = [Profile.objects.get(nickname="ann").pk]
        done = admin.post("/admin/accounts/profile/", {"action": action, "_selected_action": keys})
        assert done.status_code == 302

    act("block")
    assert (ann.get("/api/me").status_code, ann.patch("/api/me", {"bio": "x"}).status_code) == (403, 403)
    assert ann.post("/api/auth/token/refresh", {"refresh": ann.tokens["refresh"]}).status_code == 401
    assert Client().post("/api/auth/token", {"nickname": "ann", "password": PASSWORD}).status_code == 401
    act("unblock")
    assert ann.get("/api/me").status_code == 401, "the session of before was ended"
    assert Client().log_in("ann").get("/api/me").status_code == 200


def test_an_address_that_was_verified_since_is_told_and_makes_no_change_stale(ann: Client) -> None:
    tag = ann.get("/api/me")["ETag"]
    Address.objects.update(verified_at=now())
    said = ann.get("/api/me", headers={"If-None-Match": tag})
    assert (said.status_code, said.json()["is_verified"]) == (200, True)
    assert ann.patch("/api/me", {"bio": "x"}, headers={"If-Match": tag}).status_code == 200
