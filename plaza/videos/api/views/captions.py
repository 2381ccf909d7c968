"""Captions: WebVTT in any number of languages, for whoever may see the video."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.storage import default_storage
from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, status
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from plaza.api import versions
from plaza.api.schema import problems
from plaza.api.views import Anybody
from plaza.media import receiving
from plaza.videos import captioning, languages, vtt
from plaza.videos.api import access, forms
from plaza.videos.api.access import OPENING, allowed

MIME = "text/vtt"
LANGUAGE = OpenApiParameter("language", str, OpenApiParameter.PATH, description="as BCP 47 has it, such as ko or pt-BR")
TEXT = {
    (200, MIME): OpenApiTypes.STR,
    304: OpenApiResponse(description="It is what you have"),
}


def card(video: uuid.UUID, language: str, made: dict[str, Any]) -> dict[str, Any]:
    return {
        "language": language,
        "url": f"/api/videos/{video}/captions/{language}",
        "size": made["size"],
        "changed_at": made["changed_at"],
    }


def tag(made: dict[str, Any]) -> str:
    return versions.etag("captions", made["digest"])


class Captions(Anybody):
    @extend_schema(operation_id="list_captions", tags=["videos"], parameters=OPENING,
                   responses={200: forms.VideoCaptions(many=True), **problems(403)})  # fmt: skip
    def get(self, request: Request, video: uuid.UUID) -> Response:
        """The languages that a video has captions in, by their names."""
        found = captioning.kept(_captions(request, video))
        return Response([card(video, language, made) for language, made in sorted(found.items())])


class AsText(JSONRenderer):
    """For a player that takes nothing but WebVTT. What is rendered is only what went wrong: a text is sent as it is."""

    media_type = MIME


class OneCaptions(Anybody):
    parser_classes = [receiving.Bytes]

    def get_renderers(self) -> list[Any]:
        is_read = self.request is None or self.request.method in SAFE_METHODS
        return [*super().get_renderers(), *([AsText()] if is_read else [])]

    @extend_schema(operation_id="get_captions", tags=["videos"], parameters=[LANGUAGE, *OPENING],
                   responses={**TEXT, **problems(403)})  # fmt: skip
    def get(self, request: Request, video: uuid.UUID, language: str) -> HttpResponseBase:
        """The captions in one language."""
        for is_last in (False, True):
            made = captioning.kept(_captions(request, video)).get(languages.spelled(language) or "")
            if made is None:
                raise exceptions.NotFound
            if versions.is_known(request, tag(made)):
                return _with_headers(HttpResponse(status=304), made)
            try:
                with default_storage.open(made["file"]) as file:
                    return _with_headers(HttpResponse(file.read(), content_type=f"{MIME}; charset=utf-8"), made)
            except FileNotFoundError:  # others took its place since: they are there
                if is_last:
                    raise exceptions.NotFound("This file is not there any more.") from None
        raise AssertionError

    @extend_schema(operation_id="put_captions", tags=["videos"], parameters=[LANGUAGE],
                   request={MIME: OpenApiTypes.STR},
                   responses={200: forms.VideoCaptions, **problems(409, 410)})  # fmt: skip
    def put(self, request: Request, video: uuid.UUID, language: str) -> Response:
        """Captions in one language, in place of those that were there: the bytes of a WebVTT file of 1 MB at most."""
        found = access.my_video(allowed(request), video)
        name = languages.spelled(language)
        if name is None:
            raise exceptions.ValidationError(
                {"language": "Expected a language as BCP 47 has it, such as ko, pt-BR or zh-Hant."}
            )
        with receiving.received(request, captioning.LARGEST) as file:
            data = file.read()
        try:
            vtt.check(data)
        except vtt.NotCaptions as error:
            raise exceptions.ValidationError({"captions": str(error)}) from None
        made = captioning.put(found.pk, name, data)
        if made is None:
            raise exceptions.NotFound
        return Response(card(video, name, made), headers={"ETag": tag(made)})

    @extend_schema(operation_id="delete_captions", tags=["videos"], parameters=[LANGUAGE],
                   responses={204: None, **problems(410)})  # fmt: skip
    def delete(self, request: Request, video: uuid.UUID, language: str) -> Response:
        """Delete the captions in one language; those that are not there are no error."""
        found = access.my_video(allowed(request), video)
        captioning.delete(found.pk, languages.spelled(language) or "")
        return Response(status=status.HTTP_204_NO_CONTENT)


def _captions(request: Request, video: uuid.UUID) -> Any:
    return access.opened(request, video, "captions", is_player=True)["captions"]


def _with_headers(response: HttpResponse, made: dict[str, Any]) -> HttpResponse:
    response["ETag"] = tag(made)
    response["Cache-Control"] = "private, no-cache"  # kept, and asked about each time
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
