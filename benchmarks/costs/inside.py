"""`python -m benchmarks.costs.inside reads|growth|fill N`: in a process of the project; what it found, as JSON."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

import django

ROUNDS, ASKED = 31, 20
"""Each round asks everything so many times, one kind after the other; the median of the rounds' ratios counts."""
SAMPLE = 20
LARGEST = 200_000
"""Bytes of a page: twenty posts of the 2,200 characters that a body may have fit, also of four bytes each."""
USERS_ROWS = 100_000
"""Of the growing plaza without its posts: a thousand users."""


class Asker:
    """Requests to the WSGI handler of this process."""

    def __init__(self) -> None:
        from django.conf import settings
        from django.core.wsgi import get_wsgi_application
        from django.test import RequestFactory

        settings.ROOT_URLCONF = "benchmarks.costs.urls"
        settings.PLAZA_LIMITS = {}
        self._application, self._factory = get_wsgi_application(), RequestFactory()

    def prepared(self, path: str, token: str = "") -> Callable[[], bytes]:
        environ = self._factory.get(path, headers={"Authorization": f"Bearer {token}"} if token else {}).environ

        def ask() -> bytes:
            statuses: list[str] = []
            answer = self._application(dict(environ), lambda status, headers, *_: statuses.append(status))
            body = b"".join(answer)
            answer.close()
            if statuses[0] != "200 OK":
                raise RuntimeError(f"{path} was answered {statuses[0]}: {body[:300]!r}")
            return body

        return ask


def asks(asker: Asker, cast: dict[str, Any]) -> dict[str, list[Callable[[], bytes]]]:
    """Kind → requests for different things, by different users; feeds whose page is full of what users may write: the
    data maker's few texts of a megabyte are there for moves, and one on a page of twenty costs as much as all others.
    """
    users = cast["users"]

    def of(paths: Iterable[str]) -> list[Callable[[], bytes]]:
        pairs = zip(list(paths)[:SAMPLE], users, strict=False)
        return [asker.prepared(path, user["token"]) for path, user in pairs]

    def full(path: str) -> list[Callable[[], bytes]]:
        found: list[Callable[[], bytes]] = []
        for user in users:
            ask = asker.prepared(path, user["token"])
            page = ask()
            if len(page) < LARGEST and len(json.loads(page)["results"]) == 20:
                found.append(ask)
            if len(found) == SAMPLE:
                break
        return found or [asker.prepared(path, users[0]["token"])]

    return {
        "floor": [asker.prepared(f"/floor/{pk}") for pk in cast["posts"][:SAMPLE]],
        "post": of(f"/api/posts/{pk}" for pk in cast["posts"]),
        "video": of(f"/api/videos/{pk}" for pk in cast["videos"]),
        "restaurant": of(f"/api/restaurants/{pk}" for pk in cast["restaurants"]),
        "home feed": full("/api/feed/home"),
        "subscription feed": full("/api/me/subscriptions/videos"),
        "slots": of(f"/api/restaurants/{pk}/slots?date={cast['day']}&party=2" for pk in cast["restaurants"]),
    }


def timed(requests: list[Callable[[], bytes]]) -> float:
    """Seconds of one."""
    began = time.perf_counter()
    for number in range(ASKED):
        requests[number % len(requests)]()
    return (time.perf_counter() - began) / ASKED


def measured(kinds: dict[str, list[Callable[[], bytes]]]) -> dict[str, dict[str, float]]:
    """Milliseconds and ratios to the floor, medians of the rounds."""
    for requests in kinds.values():
        timed(requests)
    rounds = [{kind: timed(requests) for kind, requests in kinds.items()} for _ in range(ROUNDS)]
    return {
        kind: {
            "ms": round(statistics.median(one[kind] for one in rounds) * 1000, 3),
            "ratio": round(statistics.median(one[kind] / one["floor"] for one in rounds), 3),
        }
        for kind in kinds
    }


def queries(requests: list[Callable[[], bytes]]) -> int:
    """The most that one of them makes, in all databases."""
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    most = 0
    for ask in requests:
        with ExitStack() as stack:
            counted = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in connections]
            ask()
        most = max(most, sum(len(one) for one in counted))
    return most


def reads() -> dict[str, Any]:
    from benchmarks.load.cast import cast

    kinds = asks(Asker(), cast())
    found = measured(kinds)
    return {kind: {**figures, "queries": queries(kinds[kind])} for kind, figures in found.items()}


def growth() -> dict[str, Any]:
    """The floor and the home feed alone."""
    from benchmarks.load.cast import cast

    kinds = asks(Asker(), cast())
    return measured({kind: kinds[kind] for kind in ("floor", "home feed")})


def fill(posts: int) -> dict[str, Any]:
    """A plaza of always the same users, who follow the same, with so many posts."""
    from plaza.filling import fill as filling
    from plaza.filling.sheets import share_out

    counts = share_out(filling.chosen_sheets(list(filling.APPS)), USERS_ROWS)
    counts |= {"social.Post": posts, "social.PostStats": posts}
    filling.plan = lambda names, rows: counts  # type: ignore[assignment]
    return filling.fill(rows=0, seed=1)


if __name__ == "__main__":
    django.setup()
    what = sys.argv[1]
    print(json.dumps(fill(int(sys.argv[2])) if what == "fill" else {"reads": reads, "growth": growth}[what]()))
