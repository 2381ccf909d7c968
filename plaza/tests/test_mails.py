"""Mails, through a real SMTP server that takes them, refuses them, or is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_string
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.contrib.auth.models import User
from django.db import router, transaction
from django.utils.timezone import now
from pytest_django import fixtures

from plaza.accounts import mails
from plaza.accounts.models import AccountsMessage, Address
from plaza.api import outbox
from plaza.postgres import free_port
from plaza.settings import mail_server
from plaza.tests.conftest import PASSWORD, Client

ANN = {"nickname": "ann", "email": "ann@example.org", "password": PASSWORD}


class MailServer(Controller):
    """Answers every recipient, or those with `says_to` in them, with `says` and every mail with `says_of_data`.

    It keeps what it takes.
    """

    says = says_of_data = "250 OK"
    says_to = ""

    def __init__(self, port: int) -> None:
        self.taken: list[tuple[list[str], str]] = []
        super().__init__(self, hostname="127.0.0.1", port=port)

    async def handle_RCPT(  # aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        says = self.says if self.says_to in address else "250 OK"
        if says.startswith("250"):
            envelope.rcpt_tos.append(address)
        return says

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.says_of_data.startswith("250"):
            self.taken.append((envelope.rcpt_tos, bytes(envelope.content or b"").decode()))
        return self.says_of_data


@pytest.fixture
def port(settings: fixtures.Settings) -> int:
    """Where the settings say that the mail server is."""
    found = free_port()
    for name, value in mail_server(f"smtp://127.0.0.1:{found}").items():
        setattr(settings, name, value)
    return found


@pytest.fixture
def server(port: int) -> Iterator[MailServer]:
    with started(port) as found:
        yield found


@contextmanager
def started(port: int) -> Iterator[MailServer]:
    found = MailServer(port)
    found.start()
    yield found
    found.stop()


def sent() -> tuple[int, int]:
    AccountsMessage.objects.filter(topic=mails.MAIL).update(due_at=now())
    return outbox.drain(AccountsMessage)


def waiting() -> Any:
    return AccountsMessage.objects.filter(topic=mails.MAIL)


def test_a_mail_comes_by_the_server_that_the_settings_name(anybody: Client, server: MailServer) -> None:
    assert anybody.post("/api/auth/register", ANN).status_code == 202
    assert server.taken == [], "no answer waits for it"
    sent()
    ((to, said),) = server.taken
    assert (to, waiting().exists()) == (["ann@example.org"], False)
    assert "Subject: Verify your address" in said


def test_a_mail_waits_for_a_server_that_is_away_and_its_token_is_good_from_then_on(anybody: Client, port: int) -> None:
    assert anybody.post("/api/auth/register", ANN).status_code == 202
    assert anybody.log_in("ann").get("/api/me").status_code == 200, "nobody waits for it"
    sent()
    assert (waiting().get().attempts, waiting().get().error) == (1, "ConnectionRefusedError")
    with started(port) as server:
        sent()
    ((_, said),) = server.taken
    token = message_from_string(said).get_payload().splitlines()[2]
    assert anybody.post("/api/auth/verify", {"token": token}).status_code == 204


@pytest.mark.parametrize("when", ["says", "says_of_data"])
@pytest.mark.parametrize(("says", "waits"), [("451 ann@example.org later", True), ("550 no ann@example.org", False)])
def test_a_mail_that_is_refused_for_now_is_tried_again_and_one_that_is_refused_for_good_is_not(
    anybody: Client, server: MailServer, caplog: pytest.LogCaptureFixture, when: str, says: str, waits: bool
) -> None:
    setattr(server, when, says)
    anybody.post("/api/auth/register", ANN)
    sent()
    assert (waiting().exists(), server.taken) == (waits, [])
    assert says[:3] in caplog.text
    assert "ann@example.org" not in caplog.text
    if waits:
        waiting().update(attempts=outbox.A_DAY)
        sent()
        assert not waiting().exists(), "in the end it is given up"
        assert "no mail server took it for a day" in caplog.text


def test_while_the_mail_server_is_away_one_mail_is_tried_and_nothing_else_waits_for_them(
    anybody: Client, port: int
) -> None:
    for number in range(outbox.BATCH + 5):
        _order(number)
    anybody.post("/api/auth/register", ANN)
    others = AccountsMessage.objects.exclude(topic=mails.MAIL)
    assert others.exists()
    assert outbox.drain(AccountsMessage) == (0, 1)
    outbox.drain(AccountsMessage)
    assert not others.exists()
    assert sorted(waiting().values_list("attempts", flat=True))[-2:] == [0, 1]
    assert not waiting().filter(due_at__lte=now()).exists()


def test_recipients_who_are_refused_for_now_keep_no_other_mail_waiting(server: MailServer) -> None:
    for number in range(4):
        _order(number, "full.example")
    _order(4)
    waiting().filter(pk=waiting().earliest("pk").pk).update(attempts=30)  # the others would wait for a minute
    server.says, server.says_to = "451 later", "@full.example"
    assert outbox.drain(AccountsMessage) == (1, 4)
    assert [to for to, _ in server.taken] == [["user4@example.org"]]
    assert sorted(waiting().values_list("attempts", flat=True)) == [1, 1, 1, 31], "each by itself"


def _order(number: int, domain: str = "example.org") -> None:
    user = User.objects.create_user(f"user{number}")
    address = Address.objects.create(user=user, email=f"user{number}@{domain}")
    with transaction.atomic(using=router.db_for_write(AccountsMessage)):
        mails.order(address, mails.Kind.ALREADY)


def test_a_mail_to_an_account_that_is_gone_is_not_sent(anybody: Client, server: MailServer) -> None:
    anybody.post("/api/auth/register", ANN)
    assert anybody.log_in("ann").delete("/api/me").status_code == 204
    sent()
    assert (server.taken, waiting().exists()) == ([], False)


def test_asking_once_more_writes_to_whoever_has_not_proved_his_address_yet(anybody: Client, server: MailServer) -> None:
    anybody.post("/api/auth/register", ANN)
    sent()
    for address in ("ann@example.org", "nobody@example.org"):
        assert anybody.post("/api/auth/verify/again", {"email": address}).status_code == 202
    sent()
    Address.objects.update(verified_at=now() - timedelta(days=1))
    assert anybody.post("/api/auth/verify/again", {"email": "ann@example.org"}).status_code == 202
    sent()
    assert [to for to, _ in server.taken] == [["ann@example.org"]] * 2
