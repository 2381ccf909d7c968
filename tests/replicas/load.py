"""Runs inside the loaded project, on a real pair: what the readers and writers of test_pairs.py do.

Commands come as lines of JSON, answers go back likewise; the test pauses, kills and revives servers in between.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest import mock

from django.db import connection, connections, transaction
from django.test import Client

import outgrow
from outgrow.dialects.positions import log_of
from outgrow.routing import tokens
from outgrow.routing.replicas import pool_of
from tests.legacy.shop.models import Category
from tests.replicas import urls

THREADS = 8


class Count:
    """Reads by the server that answered, of which it tells in the very read."""

    def __init__(self) -> None:
        self.by = Counter[str]()
        self.stale = self.failed = 0
        self.errors: list[str] = []
        self.lock = threading.Lock()

    def note(self, **more: Any) -> None:
        with self.lock:
            self.by[more["where"]] += 1
            self.stale += more.get("stale", False)

    def fail(self, error: BaseException) -> None:
        with self.lock:
            self.failed += 1
            self.errors.append(f"{type(error).__name__}: {error}")

    def answer(self) -> dict[str, Any]:
        return {"by": self.by, "stale": self.stale, "failed": self.failed, "errors": self.errors[:3]}


def look(pk: int) -> tuple[str, str]:
    """(name, server) of a category: one statement, so that both are of one answer."""
    asks = "inet_server_port()" if connection.vendor == "postgresql" else "@@port"
    (row,) = Category.objects.filter(pk=pk).extra(select={"port": asks})
    return row.name, str(row.port)


def in_threads(work: Callable[[int, Count], None]) -> dict[str, Any]:
    count = Count()

    def run(number: int) -> None:
        try:
            work(number, count)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(run, range(THREADS)))
    return count.answer()


def pairs(total: int, until: str = "", seconds: float = 60.0) -> dict[str, Any]:
    """Write, then read what was written: in blocks, in and out of transactions, by the ORM and in raw SQL.

    ``until``: read again and again until this server answers; it fails if it has not within ``seconds``.
    """

    def work(number: int, count: Count) -> None:
        pk = 100 + number
        for turn in range(total // THREADS):
            name = f"{number}-{turn}-{time.monotonic_ns()}"
            with outgrow.reading():
                if turn % 3 == 0:
                    Category.objects.update_or_create(pk=pk, defaults={"name": name})
                elif turn % 3 == 1:
                    with transaction.atomic():
                        Category.objects.filter(pk=pk).update(name=name)
                else:
                    with connection.cursor() as cursor:
                        cursor.execute("UPDATE shop_category SET name = %s WHERE id = %s", [name, pk])
                end = time.monotonic() + seconds
                where = ""
                while not where or (until and where != until):
                    try:
                        found, where = look(pk)
                        count.note(where=where, stale=found != name)
                        assert time.monotonic() < end, f"{until} does not serve"
                    except Exception as error:
                        count.fail(error)
                        break

    return in_threads(work)


def handed(total: int) -> dict[str, Any]:
    """Write here, read in another thread by a token: a task."""

    def work(number: int, count: Count) -> None:
        pk = 200 + number

        def task(token: str, name: str) -> None:
            with outgrow.after(token):
                found, where = look(pk)
            count.note(where=where, stale=found != name)

        with ThreadPoolExecutor(1) as other:
            for turn in range(total // THREADS):
                name = f"{number}-{turn}-{time.monotonic_ns()}"
                Category.objects.update_or_create(pk=pk, defaults={"name": name})
                other.submit(task, outgrow.position("default"), name).result()
            other.submit(connections.close_all).result()

    return in_threads(work)


def requests(total: int) -> dict[str, Any]:
    """Write in one request, read in the next ones of the same client: the cookie."""

    def work(number: int, count: Count) -> None:
        client = Client()
        for turn in range(total // THREADS):
            name = f"{number}-{turn}-{time.monotonic_ns()}"
            client.post("/rename/", {"pk": 300 + number, "name": name})
            found = client.get(f"/name/?pk={300 + number}").json()
            count.note(where=found["where"], stale=found["name"] != name)

    return in_threads(work)


def crossing() -> bool:
    """Whether a slow answer's cookie covers that of a quicker one, which is given while the slow one is at work."""
    slow, quick = Client(), Client()

    def meanwhile() -> None:
        with ThreadPoolExecutor(1) as other:
            other.submit(quick.post, "/rename/", {"pk": 400, "name": f"quick {time.monotonic_ns()}"}).result()
            other.submit(connections.close_all).result()

    with mock.patch.object(urls, "meanwhile", [meanwhile]):
        slow.post("/write/slowly/")
    late, early = (tokens.read(c.cookies["outgrow_position_default"].value)["default"] for c in (slow, quick))
    log = log_of(connection)
    return log is not None and log.covers(late, early)


def reads(total: int, seconds: float = 0.0) -> dict[str, Any]:
    """Only read, five reads a block, so many in all and for so long at least; connections are kept."""

    def work(number: int, count: Count) -> None:
        end, left = time.monotonic() + seconds, total // THREADS // 5
        while left > 0 or time.monotonic() < end:
            left -= 1
            try:
                with outgrow.reading():
                    for _ in range(5):
                        count.note(where=look(1)[1])
            except Exception as error:
                count.fail(error)
            if seconds:
                time.sleep(0.002)

    return in_threads(work)


def lag() -> dict[str, Any]:
    """What the pool thinks of its replica."""
    pool = pool_of("default")
    assert pool is not None
    (probe,) = pool._probes.values()
    return {"serves": probe.serves(), "lag": probe.lag if probe.lag != float("inf") else -1}


def token() -> str:
    return outgrow.position()


def where(made: str = "") -> str:
    """The server that a read behind this token goes to."""
    with outgrow.after(made) if made else outgrow.reading():
        return look(1)[1]


def write(name: str) -> None:
    Category.objects.update_or_create(pk=1, defaults={"name": name})


def serve() -> None:
    """Obey until the input ends."""
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            answer = {"ok": globals()[name](*arguments)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print("ANSWER " + json.dumps(answer), flush=True)
