"""What is written to users: tokens that prove an address. Nobody learns from an answer whether an address is known.

Mails go by accounts' own outbox. None is lost while the mail server is away, and no answer waits for it: how long one
took would tell whether a mail was sent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from typing import Any, NamedTuple

from django.conf import settings
from django.core import signing
from django.core.mail import send_mail
from django.utils.timezone import now

from plaza.accounts import changing
from plaza.accounts.models import AccountsMessage, Address
from plaza.api import outbox

SALT = "plaza.verify"
MAIL = "accounts.mail"
NOT_NOW, REFUSED = 400, 500  # from here on a mail server says no for now, and for good (RFC 5321, 4.2.1)
CLAIM = timedelta(minutes=15)  # a server may take its time for each of a mail's ten answers (EMAIL_TIMEOUT)

log = logging.getLogger(__name__)


class RefusedForNow(Exception):
    """One mail was refused, as where a mailbox is full. The server is there, and no other mail has to wait for this."""


class Kind(StrEnum):
    VERIFICATION = "verification"
    ALREADY = "already"
    CHANGE = "change"
    ASKED = "asked"


class Letter(NamedTuple):
    to: str
    subject: str
    text: str


def order(address: Address, kind: Kind, **more: str) -> None:
    """Inside the transaction of what it is about; whoever drains the outboxes sends it."""
    outbox.tell(AccountsMessage, MAIL, address=address.pk, kind=kind, **more)


def give_up(payload: Mapping[str, Any]) -> None:
    log.warning("the mail to address %s was not sent: no mail server took it for a day", payload["address"])


@outbox.consumes(MAIL, "accounts", outbox.Terms(CLAIM, outbox.A_DAY, give_up))
def send(payload: Mapping[str, Any]) -> None:
    """To an address that is there still. Killed after it was sent, it is sent again; so it is where the server takes it
    and does not say so in time.
    """
    address = Address.objects.filter(pk=payload["address"]).first()
    letter = None if address is None else WRITERS[payload["kind"]](address, payload)
    if address is None or letter is None:
        return
    try:
        send_mail(letter.subject, letter.text, settings.DEFAULT_FROM_EMAIL, [letter.to])
    except SMTPException as error:
        code = _refusal(error)  # what the server said may name the address, and is kept out of the logs
        if code < NOT_NOW:
            raise OSError(f"the mail server did not take it: {type(error).__name__}") from None
        if code < REFUSED:
            raise RefusedForNow(f"the mail server did not take it: {type(error).__name__} {code}") from None
        log.warning("the mail to address %s was not sent: the mail server refused it (%s)", address.pk, code)


def _refusal(error: SMTPException) -> int:
    """The code by which this one mail was refused; 0 where it was not, as for a login or a sender that is wrong."""
    if isinstance(error, SMTPRecipientsRefused):
        return min(code for code, _ in error.recipients.values())
    return int(error.smtp_code) if isinstance(error, SMTPDataError) else 0


def _verification(address: Address, payload: Mapping[str, Any]) -> Letter:
    token = signing.dumps([address.pk, address.email], salt=SALT)
    return Letter(
        address.email,
        "Verify your address",
        f"Send this token to /api/auth/verify within three days:\n\n{token}\n\nIf you did not register, do nothing.\n",
    )


def _already(address: Address, payload: Mapping[str, Any]) -> Letter:
    """To somebody who registers with an address that has an account."""
    return Letter(
        address.email,
        "You have an account already",
        "Somebody, perhaps you, registered with this address, which has an account. Nothing was changed.\n",
    )


def _change(address: Address, payload: Mapping[str, Any]) -> Letter | None:
    """To the address that is wanted, unless another one is by now. Only here it matters whether it has an account: the
    request that asked for it takes as long, and writes as much, for any address."""
    if address.wanted is None or address.asked_at != datetime.fromisoformat(payload["asked_at"]):
        return None
    if Address.objects.filter(email=address.wanted).exists():
        return Letter(
            address.wanted,
            "You have an account already",
            "Somebody, perhaps you, wants this address for another account than the one it has. Nothing was changed.\n",
        )
    return Letter(
        address.wanted,
        "Verify your new address",
        "Send this token to /api/auth/verify within three days, and this is the address of your account:\n\n"
        f"{changing.token(address)}\n\nIf you did not ask for it, do nothing.\n",
    )


def _asked(address: Address, payload: Mapping[str, Any]) -> Letter:
    """To the address as it was: by now it may be the new one. It does not say which, which is nobody's to read here."""
    return Letter(
        payload["to"],
        "Another address was asked for",
        "Somebody, perhaps you, asked for another address for your account, by its password. It is changed as soon as\n"
        "the new one is proved. If it was not you, change your password now: that ends the change.\n",
    )


WRITERS: dict[str, Callable[[Address, Mapping[str, Any]], Letter | None]] = {
    Kind.VERIFICATION: _verification,
    Kind.ALREADY: _already,
    Kind.CHANGE: _change,
    Kind.ASKED: _asked,
}


def verify(token: str) -> bool:
    """Whether the token proves an address that a user still has; it is verified then."""
    try:
        pk, email = signing.loads(token, salt=SALT, max_age=changing.GOOD_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return False
    found = Address.objects.filter(pk=pk, email=email)
    found.filter(verified_at=None).update(verified_at=now())
    return found.exists()
