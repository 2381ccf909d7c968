"""Tests of the crossing project itself, for `manage.py test`, in two classes that two processes share."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.test import TestCase, TransactionTestCase

from tests.rehearse.crossing import code


class InOneTransaction(TestCase):
    def test_a_crossing(self) -> None:
        code.both_sides_by_savepoint()

    def test_fixtures_of_both_sides_are_no_crossing(self) -> None:
        user = User.objects.create(username="ann")
        code.Order.objects.create(user=user)


class InItsOwn(TransactionTestCase):
    def test_a_join(self) -> None:
        User.objects.create(username="ann")
        code.shown_join()
