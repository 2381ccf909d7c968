"""Several answers of one browser at once: none takes back what another has said."""

from __future__ import annotations

from tests.replicas.conftest import MakeTwo
from tests.replicas.test_middleware import MIDDLEWARE

TWO_PRIMARIES = {
    "OWNERS": {"auth_db": ["auth"], "default": "*"},
    "REPLICAS": {"default": ["replica"], "auth_db": ["auth_replica"]},
    "POSITION_HEADER": "X-Position",
}
ALIASES = ("replica", "auth_db", "auth_replica")


def test_a_slow_answer_carries_a_later_position_than_one_that_was_quicker(two: MakeTwo) -> None:
    """As on MariaDB, where a connection also knows the position of its own last write."""
    found = two(settings=MIDDLEWARE).inside("""
        from tests.replicas.inside import *
        from itertools import count
        from django.test import Client
        from outgrow.routing import tokens, writes
        from tests.replicas import urls
        numbers, last = count(1), {}
        def written(alias, own=False):
            if not own:
                last[alias] = next(numbers)
            return str(last.setdefault(alias, 0))
        writes.written = written
        def said(client):
            (cookie,) = client.cookies.values()
            return int(tokens.read(cookie.value)["default"])
        slow, quick = Client(), Client()
        urls.meanwhile.append(lambda: quick.post("/write/?how=orm"))
        slow.post("/write/slowly/")
        answer([said(quick), said(slow)])
    """)
    quick, slow = found
    assert 0 < quick < slow


def test_an_answer_leaves_the_cookies_of_other_primaries_alone(two: MakeTwo) -> None:
    found = two(*ALIASES, settings=MIDDLEWARE, outgrow=TWO_PRIMARIES).inside("""
        from tests.replicas.inside import *
        from django.test import Client
        from tests.replicas import urls
        browser, slow, quick = Client(), Client(), Client()
        urls.meanwhile.append(lambda: quick.post("/rename/", {"pk": 1, "name": "renamed"}))
        slow.post("/write/slowly/")
        told = [browser.get("/look/").json()["where"], sorted(quick.cookies), sorted(slow.cookies)]
        browser.cookies.update(quick.cookies)
        browser.cookies.update(slow.cookies)
        answer([*told, browser.get("/look/").json()["where"], sorted(browser.cookies)])
    """)
    default, auth = ["outgrow_position_default"], ["outgrow_position_auth_db"]
    assert found == ["replica", default, auth, "renamed", auth + default]


def test_a_client_that_got_several_headers_sends_them_all(two: MakeTwo) -> None:
    found = two(*ALIASES, settings=MIDDLEWARE, outgrow=TWO_PRIMARIES).inside("""
        from tests.replicas.inside import *
        from django.test import Client
        from outgrow.routing import tokens
        auth = Client().post("/write/?how=orm").headers["X-Position"]
        default = Client().post("/rename/", {"pk": 1, "name": "renamed"}).headers["X-Position"]
        def look(header):
            return Client().get("/look/", HTTP_X_POSITION=header).json()["where"]
        both = Client().post("/write/?how=orm", HTTP_X_POSITION=default).headers["X-Position"]
        answer([look(auth), look(f"{default}, {auth}"), look(f"{auth},forged,{default}"), sorted(tokens.read(both))])
    """)
    assert found == ["replica", "renamed", "renamed", ["auth_db", "default"]]
