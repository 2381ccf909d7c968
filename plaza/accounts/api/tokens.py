"""Access tokens are signed and short, so that reading goes on while the users' database is away; refresh tokens are
rows, and each is good once (RFC 9700, section 4.14.2: a token that comes twice ends its whole family).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils.timezone import now
from rest_framework import exceptions
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from plaza.accounts.models import Login, Profile

LIVES = timedelta(days=30)
BATCH = 500


@dataclass(frozen=True)
class Pair:
    access: str
    refresh: str
    login: Login

    def as_dict(self) -> dict[str, Any]:
        lives = int(AccessToken.lifetime.total_seconds())
        return {
            "access": self.access,
            "refresh": self.refresh,
            "expires_in": lives,
            "session": str(self.login.public_id),
        }


def begin(user: User, *, client: str, ip: str | None) -> Pair:
    """A new login of this user."""
    login = Login.objects.create(user=user, client=client, ip=ip, expires_at=now() + LIVES)
    return _pair(login)


def refresh(text: str) -> Pair:
    """The next pair of a login. Of two requests with one token the first wins, and the second ends the login.

    The condition names the row's own columns: by a join (`user__is_active`) Django would ask for the rows in a
    subquery, which PostgreSQL does not ask again after it has waited for another UPDATE of the row: both would win.
    """
    token = _read(text)
    login_id, refresh_id = token["session"], token["jti"]
    new = uuid.uuid4()
    active = User.objects.filter(is_active=True)
    mine = Login.objects.filter(public_id=login_id, ended_at=None, expires_at__gt=now(), user__in=active)
    if not mine.filter(refresh_id=refresh_id).update(refresh_id=new, used_at=now()):
        Login.objects.filter(public_id=login_id, ended_at=None).update(ended_at=now())
        raise _refused()
    return _pair(Login.objects.select_related("user").get(public_id=login_id))


def end(text: str) -> None:
    """Log out; a token that is no longer good has nothing to end, which is no error."""
    login_id = session(text)
    if login_id is not None:
        Login.objects.filter(public_id=login_id, ended_at=None).update(ended_at=now())


def session(text: str) -> str | None:
    """Of which login a refresh token is, by its signature; no database is asked. None where it is not good."""
    try:
        return str(_read(text)["session"])
    except exceptions.AuthenticationFailed:
        return None


def clean() -> int:
    """Delete the logins whose time is over, with where they came from, in small steps; returns how many."""
    done, over = 0, Login.objects.filter(expires_at__lte=now()).order_by("expires_at")
    while keys := list(over.values_list("pk", flat=True)[:BATCH]):
        done += Login.objects.filter(pk__in=keys).delete()[0]
    return done


def _pair(login: Login) -> Pair:
    refresh_token = RefreshToken()
    refresh_token["jti"] = login.refresh_id.hex
    refresh_token["session"] = str(login.public_id)
    access: Any = AccessToken()
    access["user_id"] = str(login.user_id)
    access["session"] = str(login.public_id)
    profile = Profile.objects.filter(user_id=login.user_id).only("public_id", "nickname").first()
    access["profile"] = str(profile.public_id) if profile else None
    access["nickname"] = profile.nickname if profile else None
    return Pair(str(access), str(refresh_token), login)


def _read(text: str) -> RefreshToken:
    try:
        token = RefreshToken(text)  # type: ignore[arg-type]
        uuid.UUID(token["session"])
        uuid.UUID(token["jti"])
    except (TokenError, KeyError, ValueError, TypeError):
        raise _refused() from None
    return token


def _refused() -> exceptions.AuthenticationFailed:
    return exceptions.AuthenticationFailed("This refresh token is not good any more: log in again.")
