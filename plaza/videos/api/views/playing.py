"""Playing: the file of a video, to whoever may see it. A player sends no bearer token: it has one in its address."""

from __future__ import annotations

import uuid

from django.http import HttpResponseBase
from django.utils.timezone import now
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api.addresses import one
from plaza.api.views import Anybody, user_of, viewer
from plaza.media import playing
from plaza.media.views import FILE
from plaza.videos.api import access, forms, passes
from plaza.videos.models import Video

QUERY = [
    passes.TOKEN,
    OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="for example bytes=0-1023"),
]


class PlayToken(APIView):
    @extend_schema(operation_id="play_token", tags=["videos"], request=None,
                   responses={200: forms.PlaybackToken})  # fmt: skip
    def post(self, request: Request, video: uuid.UUID) -> Response:
        """A token that opens one video's file for an hour, also in a player that sends no other."""
        found = one(access.seen(user_of(request)).filter(state=Video.State.PUBLISHED), public_id=video)
        token = passes.made(found.public_id, user_of(request))
        url = f"/api/videos/{found.public_id}/file?token={token}"
        return Response({"token": token, "url": url, "expires_at": now() + passes.LIVES})


class File(Anybody):
    @extend_schema(operation_id="play_video", tags=["videos"], parameters=QUERY, responses=FILE)
    def get(self, request: Request, video: uuid.UUID) -> HttpResponseBase:
        """The file of a video, or a range of it."""
        looker = passes.bearer(request, video) or viewer(request)
        rows = access.seen(looker).filter(public_id=video, state=Video.State.PUBLISHED).exclude(file="")
        name = rows.values_list("file", flat=True).first()
        if name is None:
            raise exceptions.NotFound
        return playing.answer(request._request, name)

    @extend_schema(exclude=True)
    def head(self, request: Request, video: uuid.UUID) -> HttpResponseBase:
        return self.get(request, video)
