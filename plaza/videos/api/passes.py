"""Play tokens: a player sends no bearer token, and has one in its address that opens one video for an hour."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import NamedTuple

from django.core import signing
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions
from rest_framework.request import Request

SALT = "plaza.videos.play"
LIVES = timedelta(hours=1)
TOKEN = OpenApiParameter("token", str, description="from play_token, of a video that is private or has a password")


class Pass(NamedTuple):
    """Whose it is, and a mark of the password that it was got with. What he may not see it does not open."""

    user: int | None
    mark: str


NONE = Pass(None, "")


def made(video: uuid.UUID, user: int | None, mark: str) -> str:
    return signing.dumps([str(video), user or 0, *filter(None, [mark])], salt=SALT)


def shown(request: Request, video: uuid.UUID) -> Pass:
    """The token in the address; NONE where there is none."""
    token = request.query_params.get("token")
    if not token:
        return NONE
    try:
        for_video, user, *marks = signing.loads(token, salt=SALT, max_age=LIVES)
    except (signing.BadSignature, ValueError, TypeError):
        raise exceptions.NotFound("This token is not good, or not any more: ask for another.") from None
    if for_video != str(video):
        raise exceptions.NotFound("This token is another video's.")
    return Pass(int(user) or None, str(marks[0]) if marks else "")
