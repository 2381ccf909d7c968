"""`python -m benchmarks.rehearse`: what a rehearsal costs each statement, off, sampled and on, in one run.

The cheapest statements there are, on SQLite in memory, so that the share is the largest that can be: a row by its key,
and a transaction with one update. Each round measures every way once, in turn; the median of the rounds'
ratios counts. It is processor time, in which other programs do not show.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from operator import truediv
from typing import Any

ROUNDS = 15
STATEMENTS = 100  # of each way in each round
OWNERS = {"auth_db": ["auth", "contenttypes", "sessions", "admin"], "default": "*"}


def measure() -> dict[str, Any]:
    """Microseconds for each way and statement, and their ratios to "off"."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.legacy.settings"
    os.environ["LEGACY_DATABASES"] = '{"default": "sqlite:///:memory:"}'
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    from outgrow.rehearse import Record, installing
    from outgrow.rehearse.observer import Observer
    from outgrow.rehearse.ownership import Ownership
    from outgrow.routing import Owners
    from tests.legacy.shop.models import Category

    call_command("migrate", verbosity=0)
    key = Category.objects.create(name="one").pk
    ownership = Ownership(Owners.parse(OWNERS))

    def read() -> None:
        Category.objects.get(pk=key)

    def driver() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM shop_category WHERE id = %s", [key])
            cursor.fetchone()

    def write() -> None:
        with transaction.atomic():
            Category.objects.filter(pk=key).update(name="one")

    observers = {
        "sample 0.01": Observer(ownership, Record(), sample=0.01), "virtual": Observer(ownership, Record()),
        "physical": Observer(ownership, Record(), "physical"),
    }  # fmt: skip
    ways: dict[str, Callable[[], AbstractContextManager[None]]] = {
        "off": nullcontext, **{way: partial(installing.watching, observer) for way, observer in observers.items()}
    }  # fmt: skip
    works = {"a row by the ORM": read, "a row by a cursor": driver, "a transaction of one update": write}
    taken: dict[str, dict[str, list[float]]] = {work: {way: [] for way in ways} for work in works}
    for _ in range(ROUNDS):
        for work, function in works.items():
            for way, watching in ways.items():
                with watching():
                    taken[work][way].append(_microseconds(function))
    medians = {work: {way: statistics.median(t) for way, t in by.items()} for work, by in taken.items()}
    return {
        "microseconds": medians,
        "ratios": {
            f"{work}, {way}": statistics.median(map(truediv, by[way], by["off"]))
            for work, by in taken.items() for way in ways if way != "off"
        },
        "the wrapper alone, microseconds": {way: _alone(o, connection) for way, o in observers.items()},
        "a new statement, microseconds": _new_statements(),
    }  # fmt: skip


def _microseconds(function: Callable[[], None]) -> float:
    function()
    start = time.thread_time()
    for _ in range(STATEMENTS):
        function()
    return (time.thread_time() - start) / STATEMENTS * 1e6


def _alone(observer: Any, connection: Any) -> float:
    """What the wrapper adds to a call that does nothing; the least of the rounds, which nobody disturbed."""
    from outgrow.rehearse import installing

    def nothing(*_: Any) -> None: ...

    sql, context = 'SELECT "shop_category"."id" FROM "shop_category"', {"connection": connection}

    def least(call: Callable[[], Any]) -> float:
        return min(_microseconds(call) for _ in range(5 * ROUNDS))

    with installing.watching(observer):
        return least(lambda: observer(nothing, sql, None, False, context)) - least(
            lambda: nothing(sql, None, False, context)
        )


def _new_statements() -> dict[str, float]:
    """Reading a statement for the first time: a join of two models, by us and by sqlparse's lexer and parser."""
    import sqlparse

    from outgrow.rehearse.statements import read
    from tests.legacy.shop.models import Order

    sql = str(Order.objects.select_related("user").filter(user__is_active=True).query)

    def least(function: Callable[[], Any]) -> float:
        times = []
        for _ in range(ROUNDS):
            start = time.thread_time()
            function()
            times.append((time.thread_time() - start) * 1e6)
        return min(times)

    return {
        "ours": least(lambda: read(sql, False)),
        "sqlparse, lexer": least(lambda: list(sqlparse.lexer.tokenize(sql))),
        "sqlparse, parser": least(lambda: sqlparse.parse(sql)),
    }


def main() -> int:
    from benchmarks import results

    body = measure()
    path = results.KEPT / f"{time.strftime('%Y-%m-%d')}-rehearse.json"
    head = {
        "what": "rehearse", "rounds": ROUNDS, "statements": STATEMENTS, "at": time.strftime("%Y-%m-%d %H:%M:%S%z"),
        "command": "python -m benchmarks.rehearse", "machine": results.machine(), "versions": results.versions(),
    }  # fmt: skip
    path.write_text(json.dumps({**head, **body}, indent=1, ensure_ascii=False) + "\n")
    print(body["the wrapper alone, microseconds"])
    for name, ratio in body["ratios"].items():
        print(f"{name}: {ratio:.3f}")
    print(body["a new statement, microseconds"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
