"""Play tokens: a player sends no bearer token, and has one in its address that opens one video for an hour."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.core import signing
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions
from rest_framework.request import Request

SALT = "plaza.videos.play"
LIVES = timedelta(hours=1)
TOKEN = OpenApiParameter("token", str, description="of a private video, from play_token: a player sends no other")


def made(video: uuid.UUID, user: int) -> str:
    return signing.dumps([str(video), user], salt=SALT)


def bearer(request: Request, video: uuid.UUID) -> int | None:
    """Who the token in the address was made for, None where there is none: it is as good as he is for this one video.
    What he may not see it does not open.
    """
    token = request.query_params.get("token")
    if not token:
        return None
    try:
        for_video, user = signing.loads(token, salt=SALT, max_age=LIVES)
    except (signing.BadSignature, ValueError, TypeError):
        raise exceptions.NotFound("This token is not good, or not any more: ask for another.") from None
    if for_video != str(video):
        raise exceptions.NotFound("This token is another video's.")
    return int(user)
