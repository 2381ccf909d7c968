"""Tests as a project writes them, run by Django's runner: pitfall 25."""

from __future__ import annotations

from urllib.request import urlopen

from django.db import connections
from django.test import LiveServerTestCase, TestCase, TransactionTestCase

import outgrow
from outgrow.routing import Router
from tests.legacy.shop.models import Category
from tests.replicas.inside import alone, where


class InATransaction(TestCase):
    """Every row is uncommitted: a replica, mirrored or not, cannot show it."""

    def test_rows_are_seen(self) -> None:
        Category.objects.update_or_create(pk=1, defaults={"name": "mine"})
        with outgrow.reading():
            assert Category.objects.get(pk=1).name == "mine"
        assert self.client.get("/look/").json() == {"where": "mine"}


class Committed(TransactionTestCase):
    """A replica is the primary's database here, whether the settings say MIRROR or not."""

    databases = {"default", "replica"}

    def test_rows_are_seen(self) -> None:
        Category.objects.update_or_create(pk=1, defaults={"name": "mine"})
        with outgrow.reading():
            assert Category.objects.get(pk=1).name == "mine"
            assert Router().db_for_read(Category) == "replica"


class Plain(TransactionTestCase):
    """Its `databases` are the default alone, and nothing passes through the replica's alias: the primary answers."""

    def test_rows_are_seen(self) -> None:
        Category.objects.update_or_create(pk=1, defaults={"name": "mine"})
        assert self.client.get("/look/").json() == {"where": "mine"}
        with outgrow.reading():
            assert Router().db_for_read(Category) == "default"

    def test_rows_are_seen_where_another_test_has_opened_the_replica(self) -> None:
        connections["replica"].connect.wrapped()  # type: ignore[attr-defined]
        self.test_rows_are_seen()

    def test_rows_are_seen_in_a_thread(self) -> None:
        Category.objects.update_or_create(pk=1, defaults={"name": "mine"})
        assert alone(outgrow.reading()(where)) == "mine"


class Live(LiveServerTestCase):
    """The same in the thread of the server."""

    def test_rows_are_seen(self) -> None:
        Category.objects.update_or_create(pk=1, defaults={"name": "mine"})
        with urlopen(f"{self.live_server_url}/look/") as page:
            assert page.read() == b'{"where": "mine"}'
