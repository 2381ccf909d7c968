"""Requests: safe ones read from replicas, and whoever wrote reads what he wrote."""

from __future__ import annotations

from typing import Any

from tests.replicas.conftest import Forked, MakeTwo

MIDDLEWARE = {
    "MIDDLEWARE": [
        "outgrow.middleware.ReplicaMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]
}


def test_safe_requests_read_from_a_replica_and_the_others_from_the_primary(two: MakeTwo) -> None:
    found = two(settings=MIDDLEWARE).inside("""
        from tests.replicas.inside import *
        from django.test import Client
        client = Client()
        told = [getattr(client, method)("/look/").json()["where"] for method in ("get", "options", "post", "put")]
        told += [client.get("/look/primary/").json()["where"], client.get("/look/later/").json()["where"]]
        answer([told, dict(client.cookies)])
    """)
    assert found == [["replica", "replica", "default", "default", "default", "replica"], {}]


def test_pitfall_23_whoever_wrote_is_known_by_the_write_and_not_by_its_method_or_answer(two: MakeTwo) -> None:
    found = two(settings=MIDDLEWARE).inside("""
        from tests.replicas.inside import *
        from django.test import Client
        told = {}
        for method in ("get", "post"):
            for how in ("orm", "raw", "atomic", "redirect", "none"):
                client = Client()
                response = getattr(client, method)(f"/write/?how={how}")
                told[f"{method} {how}"] = [response.status_code, sorted(client.cookies),
                    client.get("/look/").json()["where"], client.get("/look/later/").json()["where"]]
        cookie = Client().post("/write/?how=orm").cookies["outgrow_position_default"]
        answer([told, {k: v for k, v in cookie.items() if v}, Client().get("/look/").json()["where"],
                Client().get("/write/?how=orm")["Vary"]])
    """)
    told, cookie, stranger, vary = found
    for name, (status, cookies, *where) in told.items():
        wrote = not name.endswith("none")
        assert status == (302 if "redirect" in name else 201)
        assert cookies == (["outgrow_position_default"] if wrote else []), name
        assert where == (["default"] * 2 if wrote else ["replica"] * 2), name
    assert cookie.pop("expires")
    assert cookie == {"path": "/", "max-age": 300, "httponly": True, "samesite": "Lax"}
    assert stranger == "replica"
    assert "Cookie" in vary


def test_a_client_can_neither_choose_a_database_nor_forge_a_position(two: MakeTwo) -> None:
    found = two(settings=MIDDLEWARE, outgrow={"POSITION_HEADER": "X-Position", "POSITION_MAX_AGE": 7}).inside("""
        from tests.replicas.inside import *
        import time
        from django.core import signing
        from django.test import Client
        from outgrow.routing import tokens
        def look(token, **more):
            client = Client()
            if token is not None:
                client.cookies["outgrow_position_default"] = token
            return client.get("/look/", **more).json()["where"]
        good = Client().post("/write/?how=orm").cookies["outgrow_position_default"].value
        told = {
            "none": look(None), "good": look(good), "text": look("default"), "cut": look(good[:-1]),
            "other key": look(signing.dumps({"default": ""}, salt=tokens.SALT, key="another")),
            "other salt": look(signing.dumps({"default": ""})),
            "other alias": look(tokens.make({"gone": ""})),
            "header": look(None, HTTP_X_POSITION=good), "header text": look(None, HTTP_X_POSITION="default"),
            "said": Client().post("/write/?how=orm").headers["X-Position"] > "",
            "replicated state": look(None, HTTP_X_REPLICATED_STATE="master"),
        }
        real = time.time
        time.time = lambda: real() + 8
        told["old"] = look(good)
        answer(told)
    """)
    assert found == {
        "none": "replica", "good": "default", "text": "replica", "cut": "replica", "other key": "replica",
        "other salt": "replica", "other alias": "replica", "header": "default", "header text": "replica", "said": True,
        "replicated state": "replica", "old": "replica",
    }  # fmt: skip


def test_atomic_requests_and_async_stacks(two: MakeTwo) -> None:
    legacy = two(settings=MIDDLEWARE)
    found = legacy.inside("""
        from tests.replicas.inside import *
        import asyncio
        from django.test import AsyncClient, Client
        told = {}
        async def later():
            client = AsyncClient()
            first = [(await client.get(p)).json()["where"] for p in ("/look/later/", "/look/")]
            wrote = await client.post("/write/later/")
            return [*first, wrote.json()["where"], sorted(client.cookies), (await client.get("/look/")).json()["where"],
                    (await AsyncClient().get("/look/later/")).json()["where"]]
        told["async"] = asyncio.run(later())
        async def together():
            clients = [AsyncClient() for _ in range(6)]
            await asyncio.gather(*(c.post("/write/later/") for c in clients[::2]))
            answers = await asyncio.gather(*(c.get("/look/later/") for c in clients))
            return [a.json()["where"] for a in answers]
        told["together"] = asyncio.run(together())
        connection.settings_dict["ATOMIC_REQUESTS"] = True
        told["atomic get"] = Client().get("/look/").json()["where"]
        writer = Client()
        told["atomic post"] = [writer.post("/write/?how=orm").status_code, sorted(writer.cookies)]
        answer(told)
    """)
    assert found["async"] == ["replica", "replica", "default", ["outgrow_position_default"], "default", "replica"]
    assert found["together"] == ["default", "replica"] * 3
    assert found["atomic get"] == "default"  # the view is one transaction of the primary
    assert found["atomic post"] == [201, ["outgrow_position_default"]]


def test_the_middleware_is_not_used_where_no_replicas_are_declared(two: MakeTwo) -> None:
    legacy = two(settings=MIDDLEWARE)
    found = type(legacy)({"default": legacy.databases["default"]}, None, legacy.settings).inside("""
        from django.test import Client
        from django.test.utils import override_settings
        client = Client()
        answer([client.get("/look/").json(), client.post("/write/?how=orm").status_code, dict(client.cookies)])
    """)
    assert found == [{"where": "default"}, 201, {}]


def test_pitfall_25_tests_see_their_own_rows_with_mirror_in_the_settings_or_without(two: MakeTwo) -> None:
    """Also where the test's `databases` leave the replica out."""
    for mirror in (True, False):
        done = in_memory(two(), mirror=mirror).manage("test", "tests.replicas.mirrored", "-v1")
        assert done.returncode == 0, (mirror, done.stderr)
        assert "Ran 6 tests" in done.stderr


def in_memory(legacy: Forked, *, mirror: bool) -> Forked:
    """The project for Django's test runner; its replica says itself that it is the primary's mirror, or not."""
    databases: dict[str, dict[str, Any]] = {
        alias: {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"} for alias in legacy.databases
    }
    databases["default"]["TEST"] = {"NAME": f"file:tested{mirror}?mode=memory&cache=shared"}
    if mirror:
        databases["replica"]["TEST"] = {"MIRROR": "default"}
    settings = {**legacy.settings, **MIDDLEWARE, "DATABASES": databases}
    return type(legacy)({"default": "sqlite:///:memory:"}, legacy.outgrow, settings)
