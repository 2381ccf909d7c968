"""Logging in by a code besides the password."""

from __future__ import annotations

import json
from typing import Any

import pyotp
import pytest
from django.contrib.auth.models import User
from django.test import Client as DjangoClient
from django.urls import reverse
from pytest_django import fixtures

from plaza.accounts import export
from plaza.accounts.models import AccountsMessage, AccountsRequest, Login, TwoFactor
from plaza.api import throttles
from plaza.tests.conftest import PASSWORD, Client

START = 1_800_000_015.0  # in the middle of a time step


class Clock:
    """What the service takes for the time of codes, and nothing else."""

    now = START

    def time(self) -> float:
        return self.now

    def later(self, steps: int = 1) -> None:
        self.now += 30 * steps


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(pyotp.totp, "time", found)
    return found


class Owner:
    """Ann, with her authenticator."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self.client, self.clock = client, clock
        begun = client.post("/api/me/two-factor", {"password": PASSWORD})
        assert begun.status_code == 200, begun.content
        self.secret, self.url = begun.json()["secret"], begun.json()["url"]
        self.recovery: list[str] = []

    def code(self, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(int(self.clock.now) + 30 * steps)

    def confirm(self, code: str | None = None) -> Any:
        answer = self.client.post("/api/me/two-factor/confirm", {"code": code or self.code()})
        if answer.status_code == 200:
            self.recovery = answer.json()["recovery_codes"]
        return answer

    def end(self, code: str, password: str = PASSWORD) -> Any:
        return self.client.post("/api/me/two-factor/disable", {"password": password, "code": code})


@pytest.fixture
def pending(ann: Client, clock: Clock) -> Owner:
    return Owner(ann, clock)


@pytest.fixture
def owner(pending: Owner) -> Owner:
    assert pending.confirm().status_code == 200
    pending.clock.later()
    return pending


def logged_in(otp: str | None = None, password: str = PASSWORD) -> tuple[int, str]:
    """The status of a login, and the type of its problem."""
    wanted = {"nickname": "ann", "password": password} | ({} if otp is None else {"otp": otp})
    answer = Client().post("/api/auth/token", wanted)
    return answer.status_code, answer.json().get("type", "")


IN = (200, "")
WANTED, WRONG = (401, "urn:plaza:code_wanted"), (401, "urn:plaza:wrong_code")
REFUSED = (401, "urn:plaza:authentication_failed")


def test_a_secret_is_given_for_an_authenticator_and_nothing_is_wanted_until_it_is_confirmed(pending: Owner) -> None:
    parsed = pyotp.parse_uri(pending.url)
    assert (parsed.secret, parsed.name, parsed.issuer) == (pending.secret, "ann", "plaza")
    assert len(pending.secret) == 32
    assert logged_in() == IN
    assert pending.client.get("/api/me").json()["has_two_factor"] is False


def test_who_confirms_a_code_gets_ten_recovery_codes_and_keeps_his_sessions(owner: Owner) -> None:
    assert len(set(owner.recovery)) == 10
    assert owner.client.get("/api/me").json()["has_two_factor"] is True
    assert not Login.objects.exclude(ended_at=None).exists()
    refreshed = owner.client.post("/api/auth/token/refresh", {"refresh": owner.client.tokens["refresh"]})
    assert refreshed.status_code == 200


def test_a_login_wants_a_code_then_and_says_so_to_whoever_knows_the_password_alone(owner: Owner) -> None:
    assert logged_in() == logged_in("") == WANTED
    assert logged_in("000000") == logged_in("what?") == logged_in("٣٣٣٣٣٣") == WRONG
    assert logged_in(password="wrong") == logged_in(owner.code(), "wrong") == REFUSED
    assert Login.objects.count() == 1, "hers, of before"
    assert logged_in(owner.code()) == IN


def test_a_code_is_good_once_also_the_one_that_confirmed_it(pending: Owner) -> None:
    first = pending.code()
    pending.confirm(first)
    assert logged_in(first) == WRONG
    pending.clock.later()
    assert [logged_in(pending.code()) for _ in range(2)] == [IN, WRONG]


def test_a_code_that_was_not_taken_with_a_wrong_password_is_good_still(owner: Owner) -> None:
    code = owner.code()
    assert logged_in(code, "wrong") == REFUSED
    assert logged_in(code) == IN


def test_a_clock_may_be_half_a_minute_wrong_and_no_more(owner: Owner) -> None:
    owner.clock.later(10)
    assert logged_in(owner.code(-2)) == logged_in(owner.code(2)) == WRONG
    assert logged_in(owner.code(-1)) == IN
    assert logged_in(owner.code(1)) == IN
    assert logged_in(owner.code()) == WRONG, "an older one than the last that was taken"


def test_a_code_may_be_typed_as_an_authenticator_shows_it(owner: Owner) -> None:
    code = owner.code()
    assert logged_in(f" {code[:3]} {code[3:]}") == IN


def test_each_recovery_code_is_good_for_one_login_however_it_is_typed(owner: Owner) -> None:
    first, second = owner.recovery[:2]
    assert [logged_in(first) for _ in range(2)] == [IN, WRONG]
    assert logged_in(second.upper().replace("-", " ")) == IN
    assert len(TwoFactor.objects.get().recovery) == 8


def test_without_the_password_there_is_no_secret(ann: Client) -> None:
    answer = ann.post("/api/me/two-factor", {"password": "wrong"})
    assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, "password")
    assert not TwoFactor.objects.exists()


def test_a_wrong_code_confirms_nothing(pending: Owner) -> None:
    answer = pending.confirm("000000")
    assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, "code")
    assert logged_in() == IN


def test_who_asks_for_a_secret_again_confirms_the_later_one(pending: Owner) -> None:
    again = Owner(pending.client, pending.clock)
    assert again.secret != pending.secret
    assert (pending.confirm().status_code, again.confirm().status_code) == (400, 200)


def test_what_is_on_is_not_begun_or_confirmed_again(owner: Owner) -> None:
    said = [owner.client.post("/api/me/two-factor", {"password": PASSWORD}), owner.confirm()]
    assert [one.status_code for one in said] == [409, 409]
    assert logged_in(owner.code()) == IN


def test_nothing_is_confirmed_that_was_not_begun_and_nothing_ended_that_is_not_on(ann: Client) -> None:
    assert ann.post("/api/me/two-factor/confirm", {"code": "123456"}).status_code == 409
    sent = {"password": PASSWORD, "code": "123456"}
    assert ann.post("/api/me/two-factor/disable", sent).status_code == 409


def test_it_is_switched_off_by_the_password_and_a_code(owner: Owner) -> None:
    for answer, field in ((owner.end(owner.code(), "wrong"), "password"), (owner.end("000000"), "code")):
        assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, field)
    assert logged_in() == WANTED
    assert owner.end(owner.code()).status_code == 204
    assert logged_in() == IN
    assert Owner(owner.client, owner.clock).secret != owner.secret


def test_who_has_lost_his_authenticator_switches_it_off_by_a_recovery_code(owner: Owner) -> None:
    assert owner.end(owner.recovery[3]).status_code == 204
    assert logged_in() == IN


def test_a_copy_of_the_database_has_no_secret_and_no_code(owner: Owner) -> None:
    row = json.dumps(list(TwoFactor.objects.values()), default=str)
    kept = row + json.dumps([*AccountsMessage.objects.values(), *AccountsRequest.objects.values()], default=str)
    assert not [one for one in (owner.secret, *owner.recovery) if one in kept or one.replace("-", "") in kept]


def test_no_export_no_page_of_the_admin_and_no_log_has_what_it_is_made_of(
    owner: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    logged_in(owner.recovery[0])
    logged_in(owner.code())
    row, admin = TwoFactor.objects.get(), DjangoClient()
    said = json.dumps(list(export.documents(row.user_id)), default=str)
    assert '"two_factor"' in said
    admin.force_login(User.objects.create_superuser("boss", "", "secret"))
    for page in (
        reverse("admin:accounts_twofactor_changelist"),
        reverse("admin:accounts_twofactor_change", args=[row.pk]),
    ):
        answer = admin.get(page)
        assert answer.status_code == 200
        said += answer.content.decode()
    said += caplog.text
    assert not [one for one in (row.salt, owner.secret, *row.recovery, *owner.recovery) if one in said]


def test_an_answer_with_a_secret_is_not_to_be_kept(pending: Owner) -> None:
    assert Owner(pending.client, pending.clock).confirm()["Cache-Control"] == "no-store"


def test_a_key_that_was_replaced_is_good_while_it_is_named_and_recovery_codes_are_good_after_it(
    owner: Owner, settings: fixtures.Settings
) -> None:
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another one, as long as a key should be, and as random"
    settings.SECRET_KEY_FALLBACKS = [old]
    assert logged_in(owner.code()) == IN
    settings.SECRET_KEY_FALLBACKS = []
    owner.clock.later()
    assert logged_in(owner.code()) == WRONG
    assert logged_in(owner.recovery[0]) == IN


def test_codes_are_limited_by_their_user_wherever_they_come_from(owner: Owner, settings: fixtures.Settings) -> None:
    settings.PLAZA_LIMITS = {"code": "3/5 minutes"}
    throttles.limit_of.cache_clear()
    throttles.limiter().storage.reset()

    def tried(number: int, password: str = PASSWORD) -> Any:
        wanted = {"nickname": "ann", "password": password, "otp": "000000"}
        return Client().post("/api/auth/token", wanted, REMOTE_ADDR=f"10.0.0.{number}")

    assert [tried(number, "wrong").status_code for number in range(9)] == [401] * 9, "nobody is locked out by others"
    said = [tried(number) for number in range(4)]
    assert [one.status_code for one in said] == [401, 401, 401, 429]
    assert (said[-1]["RateLimit-Policy"], int(said[-1]["Retry-After"]) > 0) == ('"code";q=3;w=300', True)


def test_a_deleted_account_leaves_no_authenticator(owner: Owner) -> None:
    assert owner.client.delete("/api/me").status_code == 204
    assert not TwoFactor.objects.exists()
    assert owner.client.post("/api/me/two-factor", {"password": PASSWORD}).status_code == 410


def test_a_session_that_was_ended_changes_nothing(pending: Owner) -> None:
    pending.client.post("/api/auth/token/revoke", {"refresh": pending.client.tokens["refresh"]})
    said = [pending.client.post("/api/me/two-factor", {"password": PASSWORD}), pending.confirm(), pending.end("000000")]
    assert [one.status_code for one in said] == [401] * 3
    assert TwoFactor.objects.get().confirmed_at is None


def test_each_has_an_authenticator_of_his_own(owner: Owner, ben: Client, clock: Clock) -> None:
    other = Owner(ben, clock)
    assert (other.secret != owner.secret, other.confirm().status_code) == (True, 200)
    clock.later()
    assert logged_in(other.code()) == WRONG
    assert logged_in(other.recovery[0]) == WRONG
    assert logged_in(owner.code()) == IN


def test_who_lost_everything_is_let_in_by_the_admin(owner: Owner) -> None:
    admin, row = DjangoClient(), TwoFactor.objects.get()
    admin.force_login(User.objects.create_superuser("boss", "", "secret"))
    page = reverse("admin:accounts_twofactor_delete", args=[row.pk])
    assert admin.post(page, {"post": "yes"}).status_code == 302
    assert logged_in() == IN


@pytest.mark.parametrize(
    "body", [[], "text", None, {"code": 7}, {"code": None}, {"password": {"a": 1}}, {"code": "x" * 41}]
)
def test_json_of_any_shape_is_refused_in_words(owner: Owner, body: object) -> None:
    for path in ("", "/confirm", "/disable"):
        answer = super(Client, owner.client).post(f"/api/me/two-factor{path}", body, format="json")
        assert answer.status_code in (400, 409), (path, answer.content)
        assert answer["Content-Type"] == "application/problem+json"
