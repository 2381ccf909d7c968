"""A second factor besides the password: the codes of an authenticator (TOTP, RFC 6238), each good once.

The authenticator's secret is made of SECRET_KEY and the salt of the user's row, and is kept nowhere: neither a copy of
the database nor an export has it. A key that was replaced is good as long as it is in SECRET_KEY_FALLBACKS; after that
the recovery codes are left, of which the row has the hashes. They are random enough (80 bits) for a quick one.

Whoever calls these functions is in a transaction that has locked the user: what is read here is what there is.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import NamedTuple

import pyotp
from django.conf import settings
from django.contrib.auth.models import User
from django.utils.crypto import salted_hmac
from django.utils.timezone import now
from pyotp.exceptions import OTPVerificationError
from rest_framework import exceptions
from rest_framework.request import Request

from plaza.accounts.models import TwoFactor, new_salt
from plaza.api import throttles
from plaza.api.problems import Conflict

SALT = "plaza.two-factor"
ISSUER = "plaza"
LATE = 1  # time steps of 30 seconds by which a clock may be wrong, and a user slow
RECOVERY_CODES = 10
SCOPE = "code"


class Authenticator(NamedTuple):
    secret: str
    url: str


def begin(user: User) -> Authenticator:
    """A new secret, which is wanted by no login until a code of it was shown; one that was not confirmed is forgotten.

    :raises Conflict: there is one already
    """
    row = TwoFactor.objects.filter(user=user).first() or TwoFactor(user=user)
    if row.confirmed_at is not None:
        raise Conflict("Two-factor authentication is on already: switch it off first.")
    row.salt, row.created_at = new_salt(), now()
    row.save()
    secret = _secret(row.salt, settings.SECRET_KEY)
    return Authenticator(secret, pyotp.TOTP(secret).provisioning_uri(name=user.get_username(), issuer_name=ISSUER))


def confirm(user: User, code: str) -> list[str]:
    """Logins want a code from now on; returns the recovery codes, which nobody can read again.

    :raises Conflict: no secret was asked for, or it was confirmed already
    :raises ValidationError: it is not the code that its authenticator shows
    """
    row = TwoFactor.objects.filter(user=user, confirmed_at=None).first()
    if row is None:
        raise Conflict("There is no secret that waits for its first code: ask for one.")
    step = _step(row, code)
    if step is None:
        raise wrong("code")
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    row.last_step, row.confirmed_at, row.recovery = step, now(), [_hashed(one) for one in codes]
    row.save()
    return codes


def end(user: User, code: str) -> None:
    """
    :raises Conflict: it is not on
    :raises ValidationError: the code is not good
    """
    row = _on(user.pk)
    if row is None:
        raise Conflict("Two-factor authentication is not on.")
    if not _spend(row, code):
        raise wrong("code")
    row.delete()


def require(request: Request, user_id: int, code: str) -> None:
    """Let a login pass whose password was right: where a second factor is on, by a code, which is spent.

    :raises AuthenticationFailed: the code is missing, not good, or was used before
    :raises Throttled: too many were tried for this user, from wherever
    """
    row = _on(user_id)
    if row is None:
        return
    if not code:
        raise exceptions.AuthenticationFailed("Send a code of your authenticator as otp as well.", "code_wanted")
    # by the user: who knows a password could else try codes from as many addresses as he has. Nobody can lock out
    # somebody whose password he does not know
    throttles.spend(request, SCOPE, by=f"user {user_id}")
    if not _spend(row, code):
        raise exceptions.AuthenticationFailed("This code is not good, or was used before: send the next.", "wrong_code")


def wrong(field: str) -> exceptions.ValidationError:
    return exceptions.ValidationError({field: "This code is not good, or was used before."})


def _on(user_id: int) -> TwoFactor | None:
    return TwoFactor.objects.filter(user_id=user_id, confirmed_at__isnull=False).first()


def _spend(row: TwoFactor, code: str) -> bool:
    """Whether the code is good; it is not again. Of two that come at once the first wins, by the condition."""
    mine, step = TwoFactor.objects.filter(pk=row.pk), _step(row, code)
    if step is not None:
        return bool(mine.filter(last_step__lt=step).update(last_step=step))
    left = [one for one in row.recovery if one != _hashed(code)]
    return len(left) < len(row.recovery) and bool(mine.update(recovery=left))


def _step(row: TwoFactor, code: str) -> int | None:
    """The time step of an authenticator's code, around now."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit()):
        return None
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return pyotp.TOTP(_secret(row.salt, key)).verify_and_get_timecode(digits, valid_window=LATE)
        except OTPVerificationError:
            continue
    return None


def _secret(salt: str, key: str) -> str:
    """160 bits, as RFC 4226 wants them, in the letters that authenticators take."""
    return base64.b32encode(salted_hmac(SALT, salt, secret=key, algorithm="sha256").digest()[:20]).decode()


def _recovery_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def _hashed(code: str) -> str:
    """However it is typed."""
    letters = "".join(one for one in code.lower() if one.isalnum())
    return hashlib.sha256(letters.encode()).hexdigest()
