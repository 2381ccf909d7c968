"""Tests as a project writes them, run by Django's runner: pitfall 25."""

from __future__ import annotations

import os

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
    """With MIRROR the replica is the primary's database; without, its own, which has no position: the primary."""

    databases = {"default", "replica"}

    def test_rows_are_seen(self) -> None:
        Category.objects.update_or_create(pk=1, defaults={"name": "mine"})
        with outgrow.reading():
            assert Category.objects.get(pk=1).name == "mine"
            mirrored = os.environ["OUTGROW_MIRROR"] == "True"
            assert Router().db_for_read(Category) == ("replica" if mirrored else "default")
