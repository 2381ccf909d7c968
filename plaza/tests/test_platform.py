"""What holds for every endpoint: problems, keys that make a POST good once, limits, health, and the OpenAPI."""

from __future__ import annotations

import base64
import json
import uuid
from io import StringIO
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.utils import OperationalError
from pytest_django import fixtures

from plaza.accounts.api import views
from plaza.accounts.models import AccountsRequest
from plaza.api import throttles
from plaza.settings import PLAZA_LIMITS
from plaza.tests.conftest import PASSWORD, Client

WANTED = {"nickname": "ann", "email": "ann@example.org", "password": PASSWORD}


def test_a_post_with_a_known_key_is_answered_as_the_first_and_not_done_again(anybody: Client) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    first = anybody.post("/api/auth/register", WANTED, headers=headers)
    again = anybody.post("/api/auth/register", WANTED, headers=headers)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert again["Idempotent-Replayed"] == "true"
    assert User.objects.count() == 1


def test_a_key_belongs_to_one_request(anybody: Client) -> None:
    headers = {"Idempotency-Key": "one"}
    anybody.post("/api/auth/register", WANTED, headers=headers)
    other = anybody.post("/api/auth/register", {**WANTED, "nickname": "ben"}, headers=headers)
    assert (other.status_code, other["Content-Type"]) == (422, "application/problem+json")


def test_what_is_kept_of_a_request_tells_its_password_to_nobody_who_tries_many(
    anybody: Client, settings: fixtures.Settings
) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    assert anybody.post("/api/auth/register", WANTED, headers=headers).status_code == 202
    settings.SECRET_KEY = "of another service"
    assert anybody.post("/api/auth/register", WANTED, headers=headers).status_code == 422


def test_a_post_that_was_refused_leaves_its_key_free(anybody: Client) -> None:
    headers = {"Idempotency-Key": "one"}
    assert anybody.post("/api/auth/register", {**WANTED, "email": "?"}, headers=headers).status_code == 400
    assert anybody.post("/api/auth/register", WANTED, headers=headers).status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_without_a_key_that_can_be_kept_nothing_is_posted(anybody: Client, key: str) -> None:
    answer = anybody.post("/api/auth/register", WANTED, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, "Idempotency-Key")
    assert not AccountsRequest.objects.exists()


def test_whoever_asks_too_often_learns_when_to_come_back(anybody: Client, settings: fixtures.Settings) -> None:
    settings.PLAZA_LIMITS = {"token": "3/5 minutes"}
    throttles.limit_of.cache_clear()
    throttles.limiter().storage.reset()
    said = [anybody.post("/api/auth/token", {"nickname": "ann", "password": "x"}) for _ in range(4)]
    assert [one.status_code for one in said] == [401, 401, 401, 429]
    assert 1 <= int(said[-1]["Retry-After"]) <= 300
    assert said[-1]["RateLimit-Policy"] == '"token";q=3;w=300'
    assert said[-1]["RateLimit"].startswith('"token";r=0;t=')
    assert "RateLimit" not in said[0]
    assert said[-1]["Content-Type"] == "application/problem+json"


def test_limits_whose_store_is_away_stop_nobody(anybody: Client, settings: fixtures.Settings) -> None:
    settings.PLAZA_LIMITS, settings.THROTTLE_URL = {"token": "1/hour"}, "redis://127.0.0.1:1/0"
    throttles.limit_of.cache_clear()
    said = [anybody.post("/api/auth/token", {"nickname": "ann", "password": "x"}) for _ in range(3)]
    assert [one.status_code for one in said] == [401, 401, 401]


def test_a_database_that_is_away_is_said_so_with_when_to_try_again(
    ann: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: object, **more: object) -> None:
        raise OperationalError("connection refused by 10.0.0.1")

    monkeypatch.setattr(views, "mine", away)
    answer = ann.get("/api/me")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "10.0.0.1" not in answer.content.decode()


def test_nobody_escapes_a_limit_by_naming_another_address(anybody: Client, settings: fixtures.Settings) -> None:
    settings.PLAZA_LIMITS = {"token": "3/5 minutes"}
    throttles.limit_of.cache_clear()
    throttles.limiter().storage.reset()
    wrong = {"nickname": "ann", "password": "x"}
    said = [anybody.post("/api/auth/token", wrong, headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(4)]
    assert [one.status_code for one in said] == [401, 401, 401, 429]


def test_five_accounts_are_made_in_half_an_hour_from_one_address(anybody: Client, settings: fixtures.Settings) -> None:
    settings.PLAZA_LIMITS = {"register": PLAZA_LIMITS["register"]}
    throttles.limit_of.cache_clear()
    throttles.limiter().storage.reset()
    said = [anybody.post("/api/auth/register", {**WANTED, "nickname": f"ann{n}", "email": f"ann{n}@example.org"})
            for n in range(6)]  # fmt: skip
    assert [one.status_code for one in said] == [202] * 5 + [429]
    assert "q=5;w=1800" in said[-1]["RateLimit-Policy"]
    elsewhere = anybody.post("/api/auth/register", {**WANTED, "nickname": "bob"}, REMOTE_ADDR="10.0.0.9")
    assert elsewhere.status_code == 202


@pytest.mark.parametrize(
    ("addresses", "last"),
    [
        (["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::3", "2001:db8::4"], 429),
        (["2001:db8::1", "2001:db8:0:1::1", "2001:db8:0:2::1", "2001:db8:0:3::1"], 401),
        (["::ffff:10.0.0.1", "::ffff:10.0.0.2", "::ffff:10.0.0.3", "::ffff:10.0.0.4"], 401),
        (["::ffff:10.0.0.1", "10.0.0.1", "::ffff:10.0.0.1", "10.0.0.1"], 429),
    ],
    ids=["one network of IPv6", "four networks of IPv6", "four of IPv4 as IPv6", "one of IPv4 in both spellings"],
)
def test_a_limit_counts_addresses_of_ipv6_by_their_network(
    anybody: Client, settings: fixtures.Settings, addresses: list[str], last: int
) -> None:
    settings.PLAZA_LIMITS = {"token": "3/5 minutes"}
    throttles.limit_of.cache_clear()
    throttles.limiter().storage.reset()
    wrong = {"nickname": "ann", "password": "x"}
    said = [anybody.post("/api/auth/token", wrong, REMOTE_ADDR=address) for address in addresses]
    assert [one.status_code for one in said] == [401, 401, 401, last]


@pytest.mark.parametrize(("path", "status"), [("token/refresh", 200), ("token/revoke", 204)])
def test_many_users_behind_one_address_refresh_each_by_a_limit_of_his_own_login(
    ann: Client, ben: Client, settings: fixtures.Settings, path: str, status: int
) -> None:
    limited(settings, refresh="2/5 minutes", all="7/minute")
    for one in (ann, ben):
        said = [refreshed(one, path) for _ in range(3)]
        assert [answer.status_code for answer in said] == [status, status, 429]
        assert said[-1]["RateLimit-Policy"] == '"refresh";q=2;w=300'
    said = [refreshed(one, path) for one in (ann, ben)]
    assert said[-1]["RateLimit-Policy"] == '"all";q=7;w=60', "an address has a limit as well"


@pytest.mark.parametrize("sent", [{"refresh": "x.y.z"}, {"refresh": 1}, {}, ["x"]], ids=str)
def test_refresh_tokens_that_are_not_good_are_counted_by_the_address_together(
    ann: Client, anybody: Client, settings: fixtures.Settings, sent: Any
) -> None:
    """Whoever makes them up would have a limit for each."""
    limited(settings, refresh="3/5 minutes")
    claims = ann.tokens["refresh"].rpartition(".")[0]
    for made_up in (sent, {"refresh": f"{claims}.x"}, sent):
        assert anybody.post("/api/auth/token/refresh", made_up).status_code in {400, 401}
    assert anybody.post("/api/auth/token/refresh", {"refresh": f"{claims}.y"}).status_code == 429
    assert refreshed(ann).status_code == 200


def limited(settings: fixtures.Settings, **limits: str) -> None:
    """These limits and no others, with nothing counted yet."""
    settings.PLAZA_LIMITS = limits
    throttles.limit_of.cache_clear()
    throttles.limiter().storage.reset()


def refreshed(client: Client, path: str = "token/refresh") -> Any:
    """What its refresh token is answered; a client goes on with the next one."""
    answer = client.post(f"/api/auth/{path}", {"refresh": client.tokens["refresh"]})
    if answer.status_code == 200:
        client.tokens = answer.json()
    return answer


def test_what_goes_away_while_it_is_looked_at_is_not_there(ann: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: object, **more: object) -> None:
        raise User.DoesNotExist

    monkeypatch.setattr(views, "mine", gone)
    answer = ann.get("/api/me")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("send", "status"),
    [
        (lambda c: c.get("/api/nothing/here"), 404),
        (lambda c: c.get("/api/auth/token"), 405),
        (lambda c: c.generic("POST", "/api/auth/token", b"{", content_type="application/json"), 400),
        (lambda c: c.generic("POST", "/api/auth/token", b"a=b", content_type="text/plain"), 415),
        (lambda c: c.get("/api/me", headers={"Accept": "text/html"}), 406),
        (lambda c: Client().get("/api/me", headers={"Authorization": "Bearer nonsense"}), 401),
        (lambda c: c.delete(f"/api/me/sessions/{uuid.uuid4()}"), 404),
    ],
)  # fmt: skip
def test_every_error_is_a_problem_with_type_title_status_and_detail(ann: Client, send: object, status: int) -> None:
    ann.raise_request_exception = False
    answer = send(ann)  # type: ignore[operator]
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    body = answer.json()
    assert body["status"] == status
    assert all(body[name] for name in ("type", "title", "detail"))


@pytest.mark.parametrize("body", [[], [1], "text", 7, None, {"nickname": []}, {"nickname": {"a": 1}}, {"": ""}])
@pytest.mark.parametrize("path", ["register", "token", "token/refresh", "token/revoke", "verify", "verify/again"])
def test_json_of_any_shape_is_refused_in_words(anybody: Client, path: str, body: object) -> None:
    answer = anybody.generic(
        "POST", f"/api/auth/{path}", json.dumps(body), content_type="application/json", HTTP_IDEMPOTENCY_KEY="k"
    )
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_it_says_that_it_lives_and_which_database_answers(anybody: Client) -> None:
    assert anybody.get("/livez").json() == {"status": "ok"}
    ready = anybody.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")


def test_its_openapi_is_valid_and_complete() -> None:
    out, err = StringIO(), StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=out, stderr=err)
    assert '"openapi": "3.1.0"' in out.getvalue()


def test_its_page_for_people_opens(anybody: Client) -> None:
    assert anybody.get("/api/docs/").status_code == 200
    assert anybody.options("/api/docs/").status_code == 405


@pytest.mark.parametrize("path", ["/api/auth/register", "/api/posts", "/api/playlists", "/api/restaurants"])
@pytest.mark.parametrize("depth", [300, 100_000])
def test_json_that_is_nested_without_end_is_refused(ann: Client, path: str, depth: int) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answer = ann.generic("POST", path, "[" * depth + "]" * depth, content_type="application/json", headers=headers)
    assert answer.status_code in (400, 405), answer.content


def test_half_a_character_where_one_of_some_words_is_expected_is_refused(ann: Client) -> None:
    headers, body = {"Idempotency-Key": str(uuid.uuid4())}, json.dumps({"kind": "\ud800", "size_bytes": 1})
    answer = ann.generic("POST", "/api/uploads", body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, "kind")


OVERFLOWING = ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"]


@pytest.mark.parametrize(
    "path",
    ["/api/videos", "/api/videos/search?q=a", "/api/me/videos", "/api/me/playlists", "/api/me/history",
     "/api/me/channels", "/api/me/subscriptions", "/api/feed/explore", "/api/notifications"],
)  # fmt: skip
@pytest.mark.parametrize("position", ["x", *OVERFLOWING])
def test_a_cursor_that_names_no_place_of_a_list_is_refused(ann: Client, path: str, position: str) -> None:
    cursor = base64.b64encode(urlencode({"p": position}).encode()).decode()
    answer = ann.get(f"{path}{'&' if '?' in path else '?'}cursor={quote(cursor)}")
    assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, "cursor")


@pytest.mark.parametrize("path", ["/api/videos", "/api/feed/home"])
def test_a_page_has_as_many_as_were_asked_for_or_is_refused(ann: Client, path: str) -> None:
    assert ann.get(f"{path}?limit=100").status_code == 200
    for wanted in ("0", "101", "-1", "x", "9" * 5000):
        said = ann.get(f"{path}?limit={wanted}")
        assert (said.status_code, said.json()["invalid-params"][0]["name"]) == (400, "limit"), wanted[:9]


@pytest.mark.parametrize("path", ["/api/feed/home", "/api/me/subscriptions/videos"])
@pytest.mark.parametrize("moment", OVERFLOWING)
def test_a_cursor_of_a_feed_beyond_time_is_refused(ann: Client, path: str, moment: str) -> None:
    cursor = quote(base64.urlsafe_b64encode(f"{moment}|5".encode()).decode())
    answer = ann.get(f"{path}?cursor={cursor}")
    assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, "cursor")


def test_a_retry_learns_the_version_that_a_change_has_to_name(ann: Client) -> None:
    headers, wanted = {"Idempotency-Key": "one"}, {"handle": "anns", "title": "x"}
    first, again = (ann.post("/api/channels", wanted, headers=headers) for _ in range(2))
    assert (again["Idempotent-Replayed"], again["ETag"]) == ("true", first["ETag"])
