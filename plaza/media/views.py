"""The files of users, for whoever has a good address of one."""

from __future__ import annotations

import time

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from plaza.api.views import Open
from plaza.media import links, playing

QUERY = [
    OpenApiParameter("until", str, required=True, description="seconds since 1970 until which the address is good"),
    OpenApiParameter("sig", str, required=True, description="the address's signature"),
    OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="for example bytes=0-1023"),
]
FILE = {
    (200, "*/*"): OpenApiTypes.BINARY,
    (206, "*/*"): OpenApiTypes.BINARY,
    302: OpenApiResponse(description="It lies elsewhere"),
    304: OpenApiResponse(description="It is what you have"),
    416: OpenApiResponse(description="There are no such bytes"),
}


class File(Open):
    """Addresses come with what shows the file; nobody makes one himself, and none is good for long."""

    @extend_schema(operation_id="get_file", tags=["media"], parameters=QUERY, responses=FILE, auth=[])
    def get(self, request: Request, name: str) -> HttpResponseBase:
        """A file, or a range of it."""
        query = request.query_params
        if not links.is_good(name, query.get("until", ""), query.get("sig", "")):
            raise NotFound("This address is not good, or not any more: read again what showed it.")
        left = int(query["until"]) - int(time.time())  # a story is gone from browsers too when it is over
        return playing.answer(request._request, name, seconds=max(0, left))

    @extend_schema(exclude=True)
    def head(self, request: Request, name: str) -> HttpResponseBase:
        return self.get(request, name)
