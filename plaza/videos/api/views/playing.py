"""Playing: the file of a video, to whoever may see it. A player sends no bearer token: it has one in its address."""

from __future__ import annotations

import uuid

from django.http import HttpResponseBase
from django.utils.timezone import now
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api.schema import problems
from plaza.api.views import Anybody, viewer
from plaza.media import playing
from plaza.media.views import FILE
from plaza.videos.api import access, forms, passes, passwords
from plaza.videos.models import Video

QUERY = [
    *access.OPENING,
    OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="for example bytes=0-1023"),
]


class PlayToken(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="play_token", tags=["videos"], request=None, parameters=[passwords.PASSWORD],
                   responses={200: forms.PlaybackToken, **problems(403)})  # fmt: skip
    def post(self, request: Request, video: uuid.UUID) -> Response:
        """A token that opens one video for an hour, in its address: for a player, which sends no other, and in place of
        the password of a video that has one.
        """
        found, looker = access.opened(request, video, state=Video.State.PUBLISHED), viewer(request)
        mark = passwords.mark_of(found["password"] or "") if passwords.is_locked(found, looker) else ""
        token = passes.made(video, looker, mark)
        url = f"/api/videos/{video}/file?token={token}"
        return Response({"token": token, "url": url, "expires_at": now() + passes.LIVES})


class File(Anybody):
    @extend_schema(operation_id="play_video", tags=["videos"], parameters=QUERY,
                   responses={**FILE, **problems(403)})  # fmt: skip
    def get(self, request: Request, video: uuid.UUID) -> HttpResponseBase:
        """The file of a video, or a range of it."""
        found = access.opened(request, video, "file", is_player=True, state=Video.State.PUBLISHED)
        if not found["file"]:
            raise exceptions.NotFound
        return playing.answer(request._request, found["file"])

    @extend_schema(exclude=True)
    def head(self, request: Request, video: uuid.UUID) -> HttpResponseBase:
        return self.get(request, video)
