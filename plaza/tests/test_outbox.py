"""What one database tells the others: nothing is lost, nothing is done twice, and nobody waits for a database."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.db import connections, router, transaction
from django.db.utils import Error
from django.utils.timezone import now

from plaza.accounts.models import AccountsMessage, Profile
from plaza.api import outbox
from plaza.api.health import used_aliases
from plaza.api.records import OutboxMessage
from plaza.bookings.models import Booking, Restaurant, Table
from plaza.management.commands.plaza_drain import Command
from plaza.social.models import Comment, Follow, Liking, Post
from plaza.tests.conftest import PASSWORD, Client
from plaza.videos.models import Channel

ALIAS = router.db_for_write(AccountsMessage)


def user_of(name: str) -> User:
    return User.objects.get(username=name)


@pytest.fixture
def lives(ann: Client, ben: Client) -> int:
    """Ann has something everywhere; her number."""
    me, other = user_of("ann"), user_of("ben")
    post = Post.objects.create(author_id=me.pk, body="mine")
    his = Post.objects.create(author_id=other.pk, body="his")
    Liking.objects.create(post=post, user_id=other.pk)
    Follow.objects.create(follower_id=other.pk, followed_id=me.pk)
    said = Comment.objects.create(post=his, author_id=me.pk, body="nice")
    Comment.objects.create(post=his, author_id=other.pk, parent=said, body="thanks")
    Channel.objects.create(owner_id=me.pk, handle="anns", title="Ann's")
    place = Restaurant.objects.create(owner_id=me.pk, name="At Ann's", slug="anns")
    table = Table.objects.create(restaurant=place, label="1", seats=2)
    for days in (-3, 3):
        begins = now() + timedelta(days=days)
        Booking.objects.create(
            table=table, guest_id=me.pk, guest_name="Ann", party_size=2, starts_at=begins,
            ends_at=begins + timedelta(hours=1), state=Booking.State.RESERVED,
        )  # fmt: skip
    return int(me.pk)


def drain_all() -> tuple[int, int]:
    found = [outbox.drain(model) for model in outbox.outboxes()]
    return sum(done for done, _ in found), sum(failed for _, failed in found)


def drained() -> int:
    """How many messages were delivered; none may fail."""
    done, failed = drain_all()
    assert not failed
    return done


def test_a_deleted_account_leaves_nothing_behind_and_breaks_nothing(ann: Client, ben: Client, lives: int) -> None:
    assert ann.delete("/api/me").status_code == 204
    assert ann.get("/api/me").status_code == 410
    assert Client().post("/api/auth/token", {"nickname": "ann", "password": PASSWORD}).status_code == 401
    assert ann.post("/api/auth/token/refresh", {"refresh": ann.tokens["refresh"]}).status_code == 401
    assert drained() > 0
    assert [p.body for p in Post.objects.all()] == ["his"]
    assert [(c.body, c.is_removed) for c in Comment.objects.order_by("pk")] == [("", True), ("thanks", False)]
    assert not Follow.objects.exists()
    assert not Channel.objects.exists()
    assert [(b.state, b.guest_name, b.guest_id) for b in Booking.objects.order_by("starts_at")] == [
        ("reserved", "deleted user", None), ("cancelled", "deleted user", None),
    ]  # fmt: skip
    assert Restaurant.objects.get().owner_id == lives
    again = Client().post("/api/auth/register", {"nickname": "ann", "email": "ann@example.org", "password": PASSWORD})
    assert again.status_code == 202, "the name and the address are free"


def test_what_is_told_in_a_transaction_that_fails_was_never_told() -> None:
    with suppress(ZeroDivisionError), transaction.atomic(using=router.db_for_write(AccountsMessage)):
        outbox.tell(AccountsMessage, "accounts.deleted", user_id=1)
        raise ZeroDivisionError
    assert not AccountsMessage.objects.exists()


def test_a_consumer_whose_database_is_away_delays_its_own_messages_alone(
    ann: Client, lives: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(payload: object) -> None:
        raise OSError("no way to 10.0.0.1")

    with monkeypatch.context() as patch:
        patch.setitem(outbox._handlers["accounts.deleted"], "videos", away)
        ann.delete("/api/me")
        assert drain_all()[1] == 1
    waiting = AccountsMessage.objects.get()
    assert (waiting.consumer, waiting.attempts, waiting.error) == ("videos", 1, "OSError")
    assert waiting.due_at > now()
    assert drain_all() == (0, 0), "not yet"
    AccountsMessage.objects.update(due_at=now())
    assert drained() == 1
    assert not Channel.objects.exists()


def test_a_message_whose_drain_was_killed_comes_again_after_its_claim(ann: Client, lives: int) -> None:
    ann.delete("/api/me")
    AccountsMessage.objects.update(claimed_until=now() + outbox.CLAIM)
    assert drain_all() == (0, 0), "somebody has them"
    AccountsMessage.objects.update(claimed_until=now() - timedelta(seconds=1))
    assert drained() > 0


def test_a_message_that_kills_its_drain_each_time_comes_later_and_later(
    ann: Client, lives: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kills(payload: object) -> None:
        raise SystemExit  # as far as the drain gets

    ann.delete("/api/me")
    waits = []
    with monkeypatch.context() as patch:
        patch.setitem(outbox._handlers["accounts.deleted"], "videos", kills)
        for _ in range(8):
            AccountsMessage.objects.filter(consumer="videos").update(claimed_until=None, due_at=now())
            with suppress(SystemExit):
                drain_all()
            waits.append((AccountsMessage.objects.get(consumer="videos").due_at - now()).total_seconds())
    assert AccountsMessage.objects.get(consumer="videos").attempts == 8
    assert sorted(waits) == waits
    assert waits[-1] > 60
    assert not AccountsMessage.objects.exclude(consumer="videos").exists(), "the others had their turn"


def test_what_is_done_twice_is_as_what_is_done_once(ann: Client, lives: int) -> None:
    ann.delete("/api/me")
    for message in AccountsMessage.objects.all():
        outbox._handlers[message.topic][message.consumer](message.payload)
    assert drained() > 0
    assert Profile.objects.filter(status=Profile.Status.DELETED).count() == 1


def test_a_message_that_never_finds_its_file_keeps_no_other_waiting(
    ann: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = list[int]()

    def work(payload: Mapping[str, int]) -> None:
        if payload["user_id"] == 1:
            raise FileNotFoundError
        done.append(payload["user_id"])

    drain_all()
    monkeypatch.setitem(outbox._handlers, "accounts.deleted", {"videos": work})
    with transaction.atomic(using=router.db_for_write(AccountsMessage)):
        for user in (1, 2, 3):
            outbox.tell(AccountsMessage, "accounts.deleted", user_id=user)
    AccountsMessage.objects.filter(payload__user_id=1).update(attempts=30)
    assert drain_all() == (0, 1)
    waits = {m.payload["user_id"]: m.due_at - now() for m in AccountsMessage.objects.all()}
    assert waits[2] < timedelta(seconds=61) < waits[1]
    AccountsMessage.objects.exclude(payload__user_id=1).update(due_at=now())  # as after that minute
    assert drain_all() == (2, 0)
    assert done == [2, 3]


class Over(Exception):
    """A test's end of what goes on for ever."""


ENDED = {"postgresql": "SELECT pg_terminate_backend(pg_backend_pid())", "mysql": "KILL CONNECTION_ID()"}
"""By vendor, what ends one's own connection at the server."""


@pytest.mark.skipif(connections[ALIAS].vendor == "sqlite", reason="there is no server, and nothing breaks")
@pytest.mark.django_db(databases=used_aliases(), transaction=True)
def test_a_connection_that_broke_is_repaired_while_another_outbox_is_never_empty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard, drain, rounds = list[int](), outbox.drain, itertools.count(1)

    def busy(model: type[OutboxMessage]) -> tuple[int, int]:
        if model is not AccountsMessage:
            return 1, 0
        if (this := next(rounds)) == 1:
            with suppress(Error), connections[ALIAS].cursor() as cursor:
                cursor.execute(ENDED[connections[ALIAS].vendor])
        if this == 3:
            raise Over
        return drain(model)

    monkeypatch.setattr(outbox, "drain", busy)
    monkeypatch.setitem(outbox._handlers, "accounts.deleted", {"videos": lambda said: heard.append(said["user_id"])})
    with transaction.atomic(using=ALIAS):
        outbox.tell(AccountsMessage, "accounts.deleted", user_id=1)
    said = StringIO()
    try:
        with pytest.raises(Over):
            Command(stderr=said).handle(once=False)
    finally:
        connections[ALIAS].close()  # the next test's is a good one
    assert heard == [1]
    assert said.getvalue().count("trying again") == 1
