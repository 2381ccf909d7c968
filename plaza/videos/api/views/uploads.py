"""Uploads that can be resumed: an upload is begun, its chunks are sent in their order, and any process takes them.

The protocol is Google's (308 with Range says what is there); PeerTube's and YouTube's clients speak it.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.conf import settings
from django.utils.timezone import now
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import once, problems
from plaza.api.addresses import one
from plaza.api.problems import Conflict, TooLarge
from plaza.api.retries import retried
from plaza.api.schema import problems as ends_in
from plaza.api.views import ONCE, read, user_of
from plaza.media import kinds, receiving
from plaza.videos import quotas, uploading
from plaza.videos.api import access, forms
from plaza.videos.api.access import allowed, writer
from plaza.videos.api.views.channels import BYTES
from plaza.videos.api.views.videos import make_video
from plaza.videos.models import Upload, Video, VideosRequest

RANGE = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18})")
CONTENT_RANGE = OpenApiParameter(
    "Content-Range", str, OpenApiParameter.HEADER,
    description="bytes FIRST-LAST/SIZE; bytes */SIZE asks what is there; without it the body is the whole file",
)  # fmt: skip
REACHED = [OpenApiParameter("Range", str, OpenApiParameter.HEADER, response=[308, 409], description="what is there")]


class TooMany(exceptions.APIException):
    """429: so many uploads are open. Nobody knows when one of them ends: a minute is as good as any."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "too_many_uploads"
    wait = 60


def state_of(upload: Upload) -> dict[str, Any]:
    return {
        "id": str(upload.public_id),
        "url": f"/api/videos/uploads/{upload.public_id}",
        "state": upload.state,
        "received": upload.received,
        "size": upload.size,
        "chunk_least": uploading.least(upload),
        "chunk_most": settings.MEDIA_LIMITS["chunk"],
        "expires_at": upload.expires_at,
        "video": str(upload.video.public_id),
    }


class Uploads(APIView):
    @extend_schema(operation_id="begin_video_upload", tags=["videos"], request=forms.VideoUploadWish, parameters=[
        ONCE, OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201])],
        responses={201: forms.VideoUpload, **ends_in(404, 410, 413)})  # fmt: skip
    @retried
    def post(self, request: Request) -> Response:
        """Begin to upload a movie; Location is where its bytes are sent. 429: too many of one's uploads are open."""
        response: Response = self._begin(request)
        response["Location"] = response.data["url"]
        return response

    @once.once(VideosRequest)
    def _begin(self, request: Request) -> Response:
        data = read(forms.VideoUploadWish, request)
        user = writer(request).pk
        if data["type"].partition(";")[0].strip().lower() not in kinds.MOVIES:
            raise kinds.NotThisKind(data["type"], kinds.MOVIES)
        most = settings.MEDIA_LIMITS["video"]
        if data["size"] > most:
            raise TooLarge(f"This file is too large: expected at most {most:,} bytes.")
        video = self._video(user, data)
        upload = uploading.begin(user, video.pk, data)
        if upload is None:
            raise Conflict("This video has its file, or another upload of it is under way.")
        if not quotas.reserve(user, data["size"]):
            raise TooLarge("Your quota is reached: delete videos, or wait for uploads to end.", code="quota_reached")
        if uploading.open_of(user) > settings.VIDEO_UPLOADS:
            raise TooMany(f"{settings.VIDEO_UPLOADS} uploads are open: let one of them end, or give one up.")
        upload.video = video
        return Response(state_of(upload), status=status.HTTP_201_CREATED)

    def _video(self, user: int, data: dict[str, Any]) -> Video:
        if "video" in data:
            return access.my_video(user, data["video"])
        data.setdefault("title", data["name"])
        return make_video(user, data)


class OneUpload(APIView):
    parser_classes = [receiving.Bytes]

    @extend_schema(operation_id="get_video_upload", tags=["videos"], responses={200: forms.VideoUpload})
    def get(self, request: Request, upload: uuid.UUID) -> Response:
        """How far an upload is."""
        return Response(state_of(self._mine(request, upload)))

    @extend_schema(
        operation_id="send_chunk", tags=["videos"], request=BYTES, parameters=[CONTENT_RANGE, *REACHED],
        responses={
            200: OpenApiResponse(forms.VideoUpload, description="All of it is there already"),
            201: OpenApiResponse(forms.VideoUpload, description="All of it is there now, and will be processed"),
            308: OpenApiResponse(description="Go on where Range ends"),
            **ends_in(409, 410, 413, 422),
        },
    )  # fmt: skip
    def put(self, request: Request, upload: uuid.UUID) -> Response:
        """Send a chunk. One that comes twice is taken once; one that begins elsewhere is a 409."""
        allowed(request)
        found = self._mine(request, upload)
        span = _span(request, found)
        if span is None:
            return self._reached(found)
        first, size = span
        limit = settings.MEDIA_LIMITS["chunk"]
        if size > limit:
            raise TooLarge(f"This chunk is too large: expected at most {limit:,} bytes.")
        with receiving.received(request, limit) as file:
            if (came := file.seek(0, 2)) != size:
                raise exceptions.ParseError(f"{came} bytes came, and Content-Range says {size}.")
            file.seek(0)
            if first + size < found.size and size < uploading.least(found):
                raise exceptions.ParseError(f"Expected at least {uploading.least(found)} bytes in all but the last.")
            try:
                is_whole = uploading.receive(found, uploading.Chunk(first, size, file))
            except uploading.Elsewhere as error:
                return self._elsewhere(request, upload, error)
        found = self._mine(request, upload)
        return Response(state_of(found), status=status.HTTP_201_CREATED) if is_whole else self._reached(found)

    @extend_schema(operation_id="give_up_upload", tags=["videos"], responses={204: None, **ends_in(409)})
    def delete(self, request: Request, upload: uuid.UUID) -> Response:
        """Give an upload up: its video is a draft again."""
        found = self._mine(request, upload)
        if not uploading.give_up(found):
            if not Upload.objects.filter(pk=found.pk).exists():
                raise exceptions.NotFound
            raise Conflict("All of it is there: delete the video instead.")
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _mine(self, request: Request, upload: uuid.UUID) -> Upload:
        rows = Upload.objects.select_related("video").exclude(state=Upload.State.OPEN, expires_at__lte=now())
        return one(rows, public_id=upload, user=user_of(request))

    def _reached(self, upload: Upload) -> Response:
        if upload.state != Upload.State.OPEN:
            return Response(state_of(upload))
        response = Response(status=status.HTTP_308_PERMANENT_REDIRECT)
        return _with_range(response, upload.received)

    def _elsewhere(self, request: Request, upload: uuid.UUID, error: uploading.Elsewhere) -> Response:
        response = problems.handle(error, {})
        assert response is not None
        return _with_range(response, self._mine(request, upload).received)


def _with_range(response: Response, received: int) -> Response:
    if received:
        response["Range"] = f"bytes=0-{received - 1}"
    return response


def _span(request: Request, upload: Upload) -> tuple[int, int] | None:
    """(first byte, how many) of the chunk in the body; None where only what is there is asked for."""
    said = request.headers.get("Content-Range")
    if said is None:
        return 0, upload.size
    matched = RANGE.fullmatch(said)
    if matched is None or int(matched[3]) != upload.size:
        raise exceptions.ParseError(f"Content-Range: expected bytes FIRST-LAST/{upload.size}.")
    if matched[1] is None:
        return None
    first, last = int(matched[1]), int(matched[2])
    if not first <= last < upload.size:
        raise exceptions.ParseError(f"Content-Range: expected FIRST ≤ LAST < {upload.size}.")
    return first, last - first + 1


class MyQuota(APIView):
    @extend_schema(operation_id="get_video_quota", tags=["videos"], responses={200: forms.VideoQuota})
    def get(self, request: Request) -> Response:
        """How much room one has for videos."""
        row = quotas.look(user_of(request))
        return Response({"limit": quotas.limit(row), "used": row.used, "reserved": row.reserved})
