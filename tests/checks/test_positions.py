"""What keeps users from reading what they wrote: positions forgotten early, and writes outside of the middleware."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checks.said import hint, ids, of, one
from tests.legacy.project import Legacy


@pytest.fixture(scope="module")
def said(planted: Legacy) -> dict[str, Any]:
    found = planted.inside("""
        import sys, types
        from django.contrib.sessions.middleware import SessionMiddleware
        from tests.checks.inside import judged
        ours, security = "outgrow.middleware.ReplicaMiddleware", "django.middleware.security.SecurityMiddleware"
        sessions, reads, writes = "django.contrib.sessions.middleware.SessionMiddleware", *(
            f"django.contrib.auth.middleware.{n}" for n in ("AuthenticationMiddleware", "RemoteUserMiddleware"))
        cache, signed, cached = (
            f"django.contrib.sessions.backends.{n}" for n in ("cache", "signed_cookies", "cached_db"))
        own = sys.modules["own"] = types.ModuleType("own")
        own.Middleware = type("Middleware", (SessionMiddleware,), {})
        all_, split = {"default": "*"}, {"stats_db": ["visits"], "default": "*"}
        of_all, of_stats = {"default": ["stats_replica"]}, {"stats_db": ["stats_replica"]}
        def order(*names, owners=all_, replicas=of_all, **settings):
            return judged(owners, replicas, MIDDLEWARE=list(names), **settings)
        say = {
            "above": order(security, sessions, ours),
            "first": order(ours, sessions, reads, writes),
            "above what only reads": order(security, reads, ours, sessions),
            "without ours": order(sessions),
            "own": order("own.Middleware", ours),
            "users": order(writes, ours, sessions),
            "nowhere": order("nowhere.Middleware", ours),
            "in the cache": order(sessions, ours, SESSION_ENGINE=cache),
            "in cookies": order(sessions, ours, SESSION_ENGINE=signed),
            "in both": order(sessions, ours, SESSION_ENGINE=cached),
            "apart": order(sessions, ours, owners=split, replicas=of_stats),
            "no replicas": order(sessions, ours, replicas=None, more={"POSITION_MAX_AGE": 1}),
            "short": judged(all_, of_all, more={"POSITION_MAX_AGE": 14}),
            "just": judged(all_, of_all, more={"POSITION_MAX_AGE": 15}),
            "lag": judged(all_, of_all, more={"REPLICA_MAX_LAG": 290, "REPLICA_CHECK_SECONDS": 8.5}),
        }
        answer(say)
    """)
    return dict(found)


def test_e050_a_position_that_is_forgotten_before_the_replica_has_it(said: dict[str, Any]) -> None:
    assert one(said["short"], "E050") == (
        'OUTGROW["POSITION_MAX_AGE"] is 14 seconds, and a replica serves reads while it is up to 15 seconds behind: '
        "REPLICA_MAX_LAG (10), REPLICA_CHECK_SECONDS (2) and 3 until a look is given up."
    )
    assert hint(said["short"], "E050").startswith("Make POSITION_MAX_AGE 15 or more, or REPLICA_MAX_LAG smaller.")
    assert "up to 301.5 seconds behind" in one(said["lag"], "E050")
    assert ids(said["just"]) == []


def test_e059_sessions_and_users_that_are_saved_outside_of_the_middleware(said: dict[str, Any]) -> None:
    assert one(said["above"], "E059") == (
        'MIDDLEWARE has "django.contrib.sessions.middleware.SessionMiddleware" above '
        '"outgrow.middleware.ReplicaMiddleware": what it writes to sessions.Session (in default) is not noticed, and '
        "the next request may read the old rows from stats_replica."
    )
    assert hint(said["above"], "E059").startswith('Put "outgrow.middleware.ReplicaMiddleware" first in MIDDLEWARE.')
    assert 'has "own.Middleware" above' in one(said["own"], "E059")
    assert "what it writes to auth.User (in default)" in one(said["users"], "E059")
    assert of(said["in both"], "E059") == of(said["above"], "E059")


@pytest.mark.parametrize(
    "order",
    ["first", "above what only reads", "without ours", "nowhere", "in the cache", "in cookies", "apart", "no replicas"],
)
def test_middleware_that_writes_nothing_a_replica_shows_is_silent(said: dict[str, Any], order: str) -> None:
    assert said[order] == []
