"""A deletion waits for who is just writing, and who goes on writing does not keep it waiting."""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connections, router, transaction

from plaza.accounts.blocking import block
from plaza.accounts.models import Profile
from plaza.api import locks, people
from plaza.api.health import used_aliases
from plaza.social.models import Person

ALIAS = router.db_for_write(Person)

together = pytest.mark.django_db(databases=used_aliases(), transaction=True)
one_writer = pytest.mark.skipif(connections[ALIAS].vendor == "sqlite", reason="SQLite has one writer at a time")


@pytest.fixture
def ann(django_user_model: type) -> Person:
    user = django_user_model.objects.create(username="ann")  # type: ignore[attr-defined]
    return Person.objects.create(user_id=user.pk, public_id=uuid.uuid4(), nickname="ann", name="Ann")


def buried(number: int) -> float:
    try:
        people.bury(Person, number)
        return time.monotonic()
    finally:
        connections.close_all()


@one_writer
@together
def test_a_deletion_waits_for_who_is_just_writing(ann: Person) -> None:
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(using=ALIAS):
            assert locks.held(Person, [ann.pk])[ann.pk].status == Person.Status.VALID
            end = pool.submit(buried, ann.pk)
            time.sleep(0.7)
            assert not end.done()
            written = time.monotonic()
        assert end.result(10) > written


@one_writer
@together
def test_those_who_write_by_turns_and_never_all_stop_do_not_keep_a_deletion_waiting(ann: Person) -> None:
    """Each begins before the other has ended: PostgreSQL would let them all go before who waits to change the row."""
    over = threading.Event()

    def write() -> None:
        try:
            while not over.is_set():
                with transaction.atomic(using=ALIAS):
                    found = locks.held(Person, [ann.pk])
                    if found[ann.pk].status == Person.Status.DELETED:
                        return
                    time.sleep(0.2)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        writers = []
        for _ in range(3):
            writers.append(pool.submit(write))
            time.sleep(0.07)
        try:
            pool.submit(buried, ann.pk).result(10)
            assert Person.objects.get().status == Person.Status.DELETED
        finally:
            over.set()
        for writer in writers:
            writer.result(10)


@together
def test_rows_are_held_in_a_transaction_or_not_at_all(ann: Person) -> None:
    with pytest.raises(transaction.TransactionManagementError, match="open one around all that is written"):
        locks.held(Person, [ann.pk])


@one_writer
@together
def test_blocking_waits_for_a_deletion_and_holds_nothing_that_it_needs(django_user_model: type) -> None:
    user = django_user_model.objects.create(username="ben")  # type: ignore[attr-defined]
    profile = Profile.objects.create(user=user, nickname="ben", name="Ben")

    def blocked() -> int:
        try:
            return block([profile])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(using=router.db_for_write(Profile)):
            list(User.objects.select_for_update().filter(pk=user.pk))
            end = pool.submit(blocked)
            time.sleep(0.7)
            assert not end.done()
            assert Profile.objects.select_for_update(nowait=True).get(pk=profile.pk).status == Profile.Status.VALID
        assert end.result(10) == 1
