"""What a service bears that others reach: sessions that ended, odd names and bodies, and settings that are wrong."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate, hashers
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils.timezone import now
from PIL import Image
from pytest_django import fixtures

from outgrow.dialects.inspecting import Inspection
from outgrow.doctor import readiness
from outgrow.history import History
from plaza.accounts import blocking
from plaza.accounts.api import portrait, views
from plaza.accounts.models import AccountsMessage, AccountsRequest, Address, Login, Profile
from plaza.api import health, once, outbox
from plaza.api.problems import Gone, Unprocessable
from plaza.media import images
from plaza.tests.conftest import PASSWORD, Client
from plaza.tests.serving import ROOT


@pytest.mark.parametrize("name", ["ánn", "ann\u200b", "ａｎｎ", "an\u0144"])
def test_a_name_that_only_looks_alike_logs_nobody_in(ann: Client, anybody: Client, name: str) -> None:
    assert anybody.post("/api/auth/token", {"nickname": name, "password": PASSWORD}).status_code == 401


def test_addresses_whose_domains_only_look_alike_are_two(anybody: Client) -> None:
    for number, domain in enumerate(("cafe.org", "café.org")):
        wanted = {"nickname": f"ann{number}", "email": f"ann@{domain}", "password": PASSWORD}
        assert anybody.post("/api/auth/register", wanted).status_code == 202
    assert set(Address.objects.values_list("email", flat=True)) == {"ann@cafe.org", "ann@xn--caf-dma.org"}


@pytest.mark.parametrize("email", ["ſam@example.org", "ı@example.org"])
def test_an_address_of_letters_that_only_look_plain_is_refused(anybody: Client, email: str) -> None:
    answer = anybody.post("/api/auth/register", {"nickname": "sam", "email": email, "password": PASSWORD})
    assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, "email")


@pytest.mark.parametrize("email", ["ann@example.org", "nobody@example.org"], ids=["known", "unknown"])
@pytest.mark.parametrize(("nickname", "status"), [("anna", 202), ("ann", 409)], ids=["free", "taken"])
def test_a_known_address_takes_as_long_as_an_unknown_one(
    anybody: Client, ann: Client, monkeypatch: pytest.MonkeyPatch, nickname: str, status: int, email: str
) -> None:
    """What takes long is to hash a password: it is done once, whichever of the two is there already."""
    hashed, hasher = list[str](), hashers.get_hasher()
    encode = hasher.encode

    def noted(password: str, salt: str) -> str:
        hashed.append(password)
        return str(encode(password, salt))

    monkeypatch.setattr(hasher, "encode", noted)
    wanted = {"nickname": nickname, "email": email, "password": PASSWORD}
    assert anybody.post("/api/auth/register", wanted).status_code == status
    assert hashed == [PASSWORD]


def test_a_user_of_the_admin_alone_does_not_log_in_here(anybody: Client) -> None:
    User.objects.create_superuser("boss", "", PASSWORD)
    answer = anybody.post("/api/auth/token", {"nickname": "boss", "password": PASSWORD})
    assert (answer.status_code, "no profile" in answer.json()["detail"]) == (401, True)


def test_a_session_that_was_ended_changes_nothing_with_the_token_that_it_had(ann: Client) -> None:
    tag = ann.get("/api/me")["ETag"]
    ann.post("/api/auth/token/revoke", {"refresh": ann.tokens["refresh"]})
    new = {"old": PASSWORD, "new": "another word of mine"}
    said = [ann.patch("/api/me", {"bio": "x"}, headers={"If-Match": tag}), ann.post("/api/me/password", new),
            ann.get("/api/me/sessions"), ann.post("/api/me/export"), ann.delete("/api/me")]  # fmt: skip
    assert [one.status_code for one in said] == [401] * 5
    assert Profile.objects.get().status == Profile.Status.VALID


@pytest.mark.parametrize("change", [{"password": "!"}, {"is_active": False}])
def test_a_login_that_was_slower_than_a_new_password_or_a_block_opens_nothing(
    ann: Client, change: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old password was good when it was looked at, and every session was ended before this one began."""

    def slow(*args: Any, **credentials: Any) -> Any:
        found = authenticate(*args, **credentials)
        User.objects.filter(username="ann").update(**change)
        Login.objects.update(ended_at=now())
        return found

    monkeypatch.setattr(views, "authenticate", slow)
    assert Client().post("/api/auth/token", {"nickname": "ann", "password": PASSWORD}).status_code == 401
    assert not Login.objects.filter(ended_at=None).exists()


def test_a_blocked_user_changes_no_password_and_a_deleted_one_is_gone(ann: Client, ben: Client) -> None:
    new = {"old": PASSWORD, "new": "another word of mine"}
    blocking.block(Profile.objects.filter(nickname="ann"))
    assert ann.post("/api/me/password", new).status_code == 403
    ben.delete("/api/me")
    assert ben.post("/api/me/password", new).status_code == 410


def test_a_picture_that_comes_after_its_account_was_deleted_is_not_kept(
    ann: Client, tmp_path: Path, settings: fixtures.Settings
) -> None:
    settings.MEDIA_ROOT = tmp_path
    profile, file = Profile.objects.get(), BytesIO()
    ann.delete("/api/me")
    Image.new("RGB", (4, 4)).save(file, "PNG")
    with pytest.raises(Gone):
        portrait.put(profile, file)
    assert not list((tmp_path / "profiles").iterdir())


@pytest.mark.parametrize(
    ("change", "field"), [({"bio": "x" * 1001}, "bio"), ({"birth_date": "9999-01-01"}, "birth_date")]
)
def test_what_nobody_is_is_not_taken(ann: Client, change: dict[str, str], field: str) -> None:
    answer = ann.patch("/api/me", change, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, field)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [(0, "10.0.0.9", "127.0.0.1"), (1, "10.0.0.9", "10.0.0.9"), (1, "6.6.6.6, 10.0.0.9", "10.0.0.9"),
     (2, "6.6.6.6, 10.0.0.8, 10.0.0.9", "10.0.0.8"), (1, "unknown", None), (1, "2001:DB8::1", "2001:db8::1")],
)  # fmt: skip
def test_a_session_says_the_clients_address_by_the_rule_of_the_limits(
    ann: Client, settings: fixtures.Settings, proxies: int, forwarded: str, expected: str | None
) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
    Login.objects.all().delete()
    wanted = {"nickname": "ann", "password": PASSWORD}
    assert Client().post("/api/auth/token", wanted, headers={"X-Forwarded-For": forwarded}).status_code == 200
    assert Login.objects.get().ip == expected


def test_every_scope_of_limits_has_one() -> None:
    said = "".join(path.read_text() for path in (ROOT / "plaza").glob("**/*.py") if "tests" not in path.parts)
    begun = said.replace('throttles.spend(request, "', 'throttle_scope = "').split('throttle_scope = "')[1:]
    scopes = {one.partition('"')[0] for one in begun}
    assert {"like", "token"} <= scopes
    settings = (ROOT / "plaza" / "settings.py").read_text()
    assert {scope for scope in scopes if f'    "{scope}": "' not in settings} == set()


def test_two_keys_that_differ_in_case_are_two(anybody: Client) -> None:
    for number, key in enumerate(("k1", "K1", "ḱ1".encode().decode("latin-1"))):
        wanted = {"nickname": f"ann{number}", "email": f"ann{number}@example.org", "password": PASSWORD}
        assert anybody.post("/api/auth/register", wanted, headers={"Idempotency-Key": key}).status_code == 202


def test_keys_are_forgotten_when_no_retry_comes_any_more(ann: Client) -> None:
    assert AccountsRequest.objects.count() == 1
    AccountsRequest.objects.update(created_at=now() - once.KEPT - timedelta(minutes=1))
    kept = AccountsRequest.objects.create(user_id=1, key="k", request="x", answer="{}")
    out = StringIO()
    call_command("plaza_clean", stdout=out)
    assert list(AccountsRequest.objects.all()) == [kept]
    assert "accounts.AccountsRequest: 1 were deleted" in out.getvalue()
    assert out.getvalue().count("were deleted") == 5


def test_a_login_is_forgotten_when_its_time_is_over(ann: Client, ben: Client) -> None:
    Login.objects.filter(user__username="ann").update(expires_at=now())
    call_command("plaza_clean", stdout=StringIO())
    assert list(Login.objects.values_list("user__username", flat=True)) == ["ben"]
    assert ann.post("/api/auth/token/refresh", {"refresh": ann.tokens["refresh"]}).status_code == 401


def test_a_message_that_can_never_be_delivered_stops_no_other_and_is_seen(
    ann: Client, ben: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    known = outbox._handlers["accounts.profile"]["social"]
    poison = AccountsMessage.objects.filter(consumer="social").earliest("pk").payload["user_id"]

    def poisoned(payload: Any) -> None:
        if payload["user_id"] == poison:
            raise ValueError("this will never do")
        known(payload)

    monkeypatch.setitem(outbox._handlers["accounts.profile"], "social", poisoned)
    assert outbox.drain(AccountsMessage)[1] == 1
    assert AccountsMessage.objects.get().attempts == 1
    assert "was not delivered" in caplog.text
    assert "this will never do" in caplog.text


def test_json_that_is_too_large_is_a_problem(anybody: Client) -> None:
    body = json.dumps({"nickname": "x" * 3_000_000})
    answer = anybody.generic("POST", "/api/auth/token", body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")


def test_a_host_that_is_not_served_is_told_so_as_a_problem(anybody: Client, settings: fixtures.Settings) -> None:
    settings.ALLOWED_HOSTS = ["plaza.example"]
    anybody.raise_request_exception = False
    answer = anybody.get("/api/me", headers={"Host": "other.example"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_an_address_of_a_file_with_a_time_without_end_is_not_good(anybody: Client) -> None:
    assert anybody.get("/api/media/x", {"until": "9" * 5000, "sig": "x"}).status_code == 404


@pytest.mark.parametrize(("mode", "hidden"), [("P", 0), ("L", 0), ("RGB", (0, 0, 0))])
def test_what_cannot_be_seen_of_a_png_cannot_be_seen_of_what_is_kept(mode: str, hidden: Any) -> None:
    file = BytesIO()
    Image.new(mode, (4, 4)).save(file, "PNG", transparency=hidden)
    assert Image.open(images.bare(file).file).convert("RGBA").getpixel((0, 0))[3] == 0


def test_no_bytes_at_all_are_a_fault_of_the_code() -> None:
    chance, file, exif = random.Random(4), BytesIO(), Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (37.0, 33.0, 0.0)})
    Image.new("RGB", (40, 20)).save(file, "JPEG", exif=exif)
    for _ in range(300):
        said = bytearray(file.getvalue())
        for _ in range(3):
            said[chance.randrange(12, 200)] = chance.randrange(256)
        try:
            assert not Image.open(images.bare(BytesIO(said)).file).getexif()
        except Unprocessable:
            continue


def test_a_database_with_migrations_to_apply_is_not_ready(anybody: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SECONDS", 30)  # a machine that is busy is not what this is about
    monkeypatch.setattr(readiness, "_migrated", set())
    monkeypatch.setattr(readiness, "read_history", lambda alias: History(("social.0009_x",)))
    answer = anybody.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    states = answer.json()["databases"].values()
    assert {(one["check"], one["error"]) for one in states} == {("D601", "migrations")}


def test_a_database_that_never_answers_is_not_waited_for(anybody: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SECONDS", 0.5)
    ours, theirs = socket.socketpair()

    def silent(inspection: Inspection) -> Iterator[Any]:
        ours.recv(1)
        yield from ()

    monkeypatch.setattr(readiness, "glance", silent)
    try:
        answer = anybody.get("/readyz")
    finally:
        theirs.close()
        time.sleep(0.2)  # until whoever waits has read that
        ours.close()
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert {(one["check"], one["error"]) for one in answer.json()["databases"].values()} == {("D901", "time")}


def checked(*options: str, **environment: str) -> str:
    """What `manage.py check` says of these variables."""
    return managed("check", *options, **environment)


def managed(*words: str, **environment: str) -> str:
    known = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, check=False, text=True, capture_output=True,
        env={**known, "PYTHONPATH": path, **environment},
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "postgresql://ann:pa:ss@word/x@localhost:54x/db", "DATABASE_URL cannot be read"),
        ("AUTH_DATABASE_URL", "nonsense", "AUTH_DATABASE_URL cannot be read"),
        ("EMAIL_URL", "smtp+tls://ann:pa:ss@word/x@localhost:54x", "EMAIL_URL cannot be read"),
        ("EMAIL_URL", "mail://localhost", "EMAIL_URL cannot be read"),
        ("EMAIL_URL", "smtp://", "EMAIL_URL cannot be read"),
        ("PROXIES", "many", "PROXIES is 'many'; a whole number was expected"),
        ("CONN_MAX_AGE", "-1", "CONN_MAX_AGE is '-1'; a whole number was expected"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named_and_no_secret_said(name: str, value: str, said: str) -> None:
    found = checked(**{name: value})
    assert f"ImproperlyConfigured: {said}" in found
    assert "pa:ss" not in found


def test_settings_that_are_set_to_nothing_count_as_unset() -> None:
    assert "no issues" in checked(PROXIES="", CONN_MAX_AGE="", DATABASE_URL="", SECRET_KEY="", X_ACCEL="", EMAIL_URL="")
    assert "SECRET_KEY is not set and DEBUG is off" in checked(DEBUG="0", SECRET_KEY="")


def test_settings_mean_the_same_however_they_are_written() -> None:
    said = managed("diffsettings", ALLOWED_HOSTS="a.example, b.example", HTTPS_ORIGINS="https://a.example , ",
                   HTTPS="true", THROTTLE_URL="", EMAIL_URL="smtp+tls://ann:p%40ss@mail.example")  # fmt: skip
    for line in ("ALLOWED_HOSTS = ['a.example', 'b.example']", "CSRF_TRUSTED_ORIGINS = ['https://a.example']",
                 "SESSION_COOKIE_SECURE = True", "THROTTLE_URL = 'memory://'",
                 "EMAIL_HOST = 'mail.example'", "EMAIL_HOST_PASSWORD = 'p@ss'", "EMAIL_PORT = 587",
                 "EMAIL_USE_TLS = True"):  # fmt: skip
        assert line in said, line
    said = managed("diffsettings", EMAIL_URL="smtps://mail.example")
    assert ("EMAIL_PORT = 465" in said, "EMAIL_USE_SSL = True" in said, "USE_TLS" in said) == (True, True, False)


def test_django_has_no_complaint_about_it_as_it_is_deployed() -> None:
    secret = uuid.uuid4().hex * 2
    said = checked("--deploy", "--fail-level", "WARNING", DEBUG="0", HTTPS="1", PROXIES="1", SECRET_KEY=secret,
                   ALLOWED_HOSTS="plaza.example", EMAIL_URL="smtp+tls://mail.example")  # fmt: skip
    assert "no issues" in said
    said = checked("--deploy", DEBUG="0", HTTPS="1", SECRET_KEY=secret, ALLOWED_HOSTS="plaza.example")
    assert "EMAIL_URL is not set: mails are printed into a log" in said
