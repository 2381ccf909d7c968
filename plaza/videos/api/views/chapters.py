"""Chapters: where the parts of a video begin, as its owner says."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db import router, transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from plaza.api import versions
from plaza.api.retries import retried
from plaza.api.schema import problems
from plaza.api.views import Anybody, read
from plaza.videos.api import access, cards, forms
from plaza.videos.api.access import OPENING, writer
from plaza.videos.models import Video


def shown(column: Any, duration: timedelta | None) -> tuple[dict[str, Any], str]:
    """And their ETag. Those that were put before the length was known, and begin after the end, are left out."""
    length = cards.seconds(duration)
    known = [{"title": one["title"], "start": one["start"]} for one in column or []]
    said = {"chapters": [one for one in known if length is None or not one["start"] or one["start"] < length]}
    return said, versions.etag("chapters", said)


class Chapters(Anybody):
    @extend_schema(operation_id="get_chapters", tags=["videos"], parameters=OPENING,
                   responses={200: forms.VideoChapters, 304: None, **problems(403)})  # fmt: skip
    def get(self, request: Request, video: uuid.UUID) -> Response:
        """The chapters of a video, in their order."""
        found = access.opened(request, video, "chapters", "duration", is_player=True)
        said, tag = shown(found["chapters"], found["duration"])
        return versions.answer(request, said, tag)

    @extend_schema(operation_id="put_chapters", tags=["videos"], request=forms.VideoChapters,
                   responses={200: forms.VideoChapters, **problems(410)})  # fmt: skip
    @retried
    def put(self, request: Request, video: uuid.UUID) -> Response:
        """All chapters of a video, in place of those that were there."""
        with transaction.atomic(using=router.db_for_write(Video)):
            found = access.my_video(writer(request).pk, video, lock=True)
            length = cards.seconds(found.duration)
            data = read(forms.VideoChapters, request, context={"duration": length})
            chapters = [dict(one) for one in data["chapters"]]
            Video.objects.filter(pk=found.pk).update(chapters=chapters or None)
        said, tag = shown(chapters, found.duration)
        return Response(said, headers={"ETag": tag})
