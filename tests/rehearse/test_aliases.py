"""With databases that are apart already: at most one has an open transaction, and all queries meanwhile are on it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.legacy.project import Legacy

OWNERS = {"auth_db": ["auth", "contenttypes", "sessions", "admin"], "default": "*"}
CODE = """
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connections, transaction
from outgrow.rehearse import Rehearsal
from tests.legacy.shop.models import Category
for alias in ("default", "auth_db"):
    call_command("migrate", database=alias, verbosity=0)

def read_elsewhere():
    with transaction.atomic():
        Category.objects.create(name="one")
        list(Group.objects.all())

def write_elsewhere():
    with transaction.atomic():
        Group.objects.create(name="one")
        Group.objects.create(name="two")

def two_transactions():
    with transaction.atomic(), transaction.atomic(using="auth_db"):
        Category.objects.create(name="two")
        Group.objects.create(name="three")

def on_commit_at_once():
    with transaction.atomic(using="auth_db"):
        Group.objects.create(name="four")
        transaction.on_commit(int)

def fine():
    with transaction.atomic(using="auth_db"):
        Group.objects.create(name="five")
        transaction.on_commit(int, using="auth_db")
    with transaction.atomic():
        Category.objects.create(name="three")
        transaction.on_commit(lambda: Group.objects.create(name="six"))
    transaction.on_commit(int)

found = {}
for mode in ("physical", "virtual"):
    for function in (read_elsewhere, write_elsewhere, two_transactions, on_commit_at_once, fine):
        rehearsal = Rehearsal(None, mode=mode)
        with rehearsal.running():
            connections.close_all()
            try:
                with transaction.atomic(), transaction.atomic(using="auth_db"):
                    pass
                function()
            finally:
                Group.objects.all()._raw_delete("auth_db")
                Category.objects.all()._raw_delete("default")
        assert rehearsal.observer.failures == 0
        found[f"{mode} {function.__name__}"] = [
            [f["kind"], f["message"], f["cures"][0]] for f in rehearsal.record.as_json()["findings"]
        ]
answer(found)
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[str]]]:
    folder = tmp_path_factory.mktemp("aliases")
    databases = {alias: f"sqlite:///{folder}/{alias}.sqlite3" for alias in ("default", "auth_db")}
    answer: dict[str, list[list[str]]] = Legacy(databases, {"OWNERS": OWNERS}).inside(CODE)
    return answer


def test_a_query_elsewhere_does_not_see_the_transaction(found: dict[str, Any]) -> None:
    [[kind, message, _]] = found["physical read_elsewhere"]
    assert kind == "elsewhere"
    assert message.startswith("a query on auth_db while a transaction is open on default")
    assert found["virtual read_elsewhere"] == []


def test_pitfall_16_atomic_on_another_database_than_the_write(found: dict[str, Any]) -> None:
    [[kind, message, cure]] = found["physical write_elsewhere"]
    assert (kind, message) == ("atomic", "atomic() covers default, this writes auth_db")
    assert cure == 'atomic(using="auth_db")'


def test_pitfall_17_on_commit_in_autocommit_while_another_database_is_in_a_transaction(found: dict[str, Any]) -> None:
    for mode in ("physical", "virtual"):
        [[kind, message, cure]] = found[f"{mode} on_commit_at_once"]
        assert kind == "on_commit"
        assert message.startswith("on_commit() is on default, which is in autocommit: it runs at once")
        assert cure == 'on_commit(…, using="auth_db")'


def test_pitfall_18_two_databases_written_in_one_block(found: dict[str, Any]) -> None:
    [[kind, message, _]] = found["physical two_transactions"]
    assert (kind, message.partition(":")[0]) == ("transaction", "transactions are open on auth_db and default at once")
    [[kind, message, _]] = found["virtual two_transactions"]
    assert kind == "transaction"
    assert "writes shop_category of default, and then auth_group of auth_db" in message


def test_each_on_its_own_database_is_fine(found: dict[str, Any]) -> None:
    assert found["physical fine"] == found["virtual fine"] == []
