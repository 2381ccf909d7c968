"""Videos with a password: who asks for one of somebody else's shows that he knows it, in a header or by a play token.

A hasher is slow on purpose, and a player asks ten times a minute. So a password that was right is known for a while by
a keyed digest, which is no way back to it, and a play token has a mark of the hash: both end with the password. Only
what has to be hashed is a try, and of these a user or an address has few at one video.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.cache import cache
from django.utils.crypto import constant_time_compare, salted_hmac
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, status
from rest_framework.request import Request

from plaza.api import throttles
from plaza.videos.models import Privacy

HEADER = "X-Video-Password"
SCOPE = "video_password"
KNOWN = "plaza.videos.password"
MARK = "plaza.videos.mark"
SECONDS = 300
PASSWORD = OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, description="of a video that has one")
GATE = ("public_id", "privacy", "password", "channel__owner_id")
"""Columns that ``check`` looks at."""


class PasswordRequired(exceptions.APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_code = "video_password_required"
    default_detail = f"This video has a password: send it as {HEADER}, or the token that play_token gives for it."


class PasswordWrong(exceptions.APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_code = "video_password_wrong"
    default_detail = "This is not the video's password."


def is_locked(row: Mapping[str, Any], looker: int | None) -> bool:
    """Whether this viewer needs a password."""
    return bool(row["privacy"] == Privacy.PASSWORD and row["channel__owner_id"] != looker)


def check(request: Request, row: Mapping[str, Any], looker: int | None, mark: str = "") -> None:
    """For a row of GATE, and the mark of the token that came along.

    :raises PasswordRequired: 403, there is none
    :raises PasswordWrong: 403
    :raises Throttled: 429, others were tried before
    """
    if not is_locked(row, looker):
        return
    hashed, said = row["password"] or "", request.headers.get(HEADER, "")
    if hashed and mark and constant_time_compare(mark, mark_of(hashed)):
        return
    if not said:
        raise PasswordRequired
    known = f"{KNOWN}:{_keyed(KNOWN, hashed, said)}"
    if hashed and cache.get(known):
        return
    throttles.spend(request, SCOPE, str(row["public_id"]))
    if not check_password(said, hashed):
        raise PasswordWrong
    cache.set(known, True, SECONDS)


def mark_of(hashed: str) -> str:
    """What a token says of the password that it was got with."""
    return _keyed(MARK, hashed)[:32]


def _keyed(salt: str, *said: str) -> str:
    return salted_hmac(salt, "\0".join(said), algorithm="sha256").hexdigest()
