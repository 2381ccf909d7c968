"""Tests as a project writes them, run by Django's runner: pitfall 25."""

from __future__ import annotations

from django.test import TestCase, TransactionTestCase

import outgrow
from outgrow.routing import Router
from tests.legacy.shop.models import Category


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
