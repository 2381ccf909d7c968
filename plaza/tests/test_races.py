"""Many clients at once, through four processes: the first wins, the others are told, and nobody sees a 500."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pyotp
import pytest

from plaza.tests.conftest import PASSWORD
from plaza.tests.serving import Answer, Service, redis, served

CLIENTS = 16


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with served(tmp_path_factory.mktemp("served")) as found:
        yield found


def refreshed(service: Service, tokens: dict[str, str], number: int) -> Answer:
    return service.send("POST", "/api/auth/token/refresh", {"refresh": tokens["refresh"]})


def account(service: Service) -> tuple[dict[str, str], dict[str, str]]:
    """A new user, as it was registered, and the tokens."""
    name = f"u{uuid.uuid4().hex[:12]}"
    wanted = {"nickname": name, "email": f"{name}@example.org", "password": PASSWORD}
    assert service.send("POST", "/api/auth/register", wanted).status == 202
    return wanted, service.send("POST", "/api/auth/token", wanted).body


def test_one_key_makes_one_account_however_often_it_is_sent(service: Service) -> None:
    name = f"u{uuid.uuid4().hex[:12]}"
    wanted = {"nickname": name, "email": f"{name}@example.org", "password": PASSWORD}
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    said = service.together(CLIENTS, lambda n: service.send("POST", "/api/auth/register", wanted, **headers))
    assert Counter(one.status for one in said) == {202: CLIENTS}
    assert len({str(one.body) for one in said}) == 1
    assert service.send("POST", "/api/auth/token", wanted).status == 200


def test_a_name_goes_to_the_first_and_the_others_learn_that_it_is_taken(service: Service) -> None:
    name = f"u{uuid.uuid4().hex[:12]}"

    def wanted(number: int) -> dict[str, str]:
        return {"nickname": name, "email": f"{name}.{number}@example.org", "password": PASSWORD}

    said = service.together(CLIENTS, lambda n: service.send("POST", "/api/auth/register", wanted(n)))
    assert Counter(one.status for one in said) == {202: 1, 409: CLIENTS - 1}


def test_a_refresh_token_is_good_for_one_of_many(service: Service) -> None:
    for _ in range(10):  # what a second one could read before the first commits differs from time to time
        _, tokens = account(service)
        said = service.together(CLIENTS, partial(refreshed, service, tokens))
        assert Counter(one.status for one in said) == {200: 1, 401: CLIENTS - 1}


def test_a_code_is_good_for_one_login_of_many(service: Service) -> None:
    """Those of an authenticator, and those of who has none any more."""
    wanted, tokens = account(service)
    bearer = {"Authorization": f"Bearer {tokens['access']}"}
    begun = service.send("POST", "/api/me/two-factor", {"password": PASSWORD}, **bearer)
    authenticator = pyotp.TOTP(begun.body["secret"])
    confirmed = service.send("POST", "/api/me/two-factor/confirm", {"code": authenticator.now()}, **bearer)
    assert confirmed.status == 200, confirmed.body
    for code in (authenticator.at(int(time.time()) + 30), *confirmed.body["recovery_codes"][:3]):
        with_code = {**wanted, "otp": code}
        said = service.together(CLIENTS, lambda n, sent=with_code: service.send("POST", "/api/auth/token", sent))
        assert Counter(one.status for one in said) == {200: 1, 401: CLIENTS - 1}


def test_one_of_many_confirmations_gives_recovery_codes(service: Service) -> None:
    _, tokens = account(service)
    bearer = {"Authorization": f"Bearer {tokens['access']}"}
    begun = service.send("POST", "/api/me/two-factor", {"password": PASSWORD}, **bearer)
    code = {"code": pyotp.TOTP(begun.body["secret"]).now()}
    said = service.together(CLIENTS, lambda n: service.send("POST", "/api/me/two-factor/confirm", code, **bearer))
    assert Counter(one.status for one in said) == {200: 1, 409: CLIENTS - 1}


def test_what_one_process_signs_another_reads(service: Service) -> None:
    wanted, tokens = account(service)
    bearer = {"Authorization": f"Bearer {tokens['access']}"}
    said = service.together(CLIENTS, lambda n: service.send("GET", "/api/me", **bearer))
    assert Counter(one.status for one in said) == {200: CLIENTS}
    assert {one.body["nickname"] for one in said} == {wanted["nickname"]}


def test_a_limit_holds_over_all_processes(tmp_path: Path) -> None:
    """15 in five minutes, whichever process they come to; the others learn when to come back."""
    wrong = {"nickname": "nobody", "password": "wrong"}
    with redis(tmp_path) as url, served(tmp_path, LIMITS="1", THROTTLE_URL=url) as service:
        said = service.together(40, lambda n: service.send("POST", "/api/auth/token", wrong))
    assert Counter(one.status for one in said) == {401: 15, 429: 25}
