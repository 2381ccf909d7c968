"""What the views of videos share: who looks, ids that were asked for, pages of plain rows, and ETags of two parts."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from django.db import IntegrityError, models
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import exceptions, serializers
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import people, versions
from plaza.api.pages import Pages
from plaza.videos.models import Person

PAGE = [
    OpenApiParameter("cursor", str, description="from `next` or `previous` of a page"),
    OpenApiParameter("limit", int, description="rows of a page, from 1 to 100"),
]
IDS = [OpenApiParameter("ids", str, required=True, description="ids with commas between them, 100 at most")]
FIELDS = [OpenApiParameter("fields", str, description="names with commas between them: only these are answered")]
MOST_IDS = 100

Given = ParamSpec("Given")
Row = TypeVar("Row")


class Anybody(APIView):
    """Everybody reads; whoever sends a token sees what is his, and may write."""

    permission_classes = [IsAuthenticatedOrReadOnly]


def viewer(request: Request) -> int | None:
    """The number of the user who asks, None for nobody."""
    return int(request.user.pk) if request.user and request.user.pk else None


def me(request: Request) -> int:
    return int(request.user.pk)


def writer(request: Request) -> Person:
    """Who writes, in a transaction; nobody who is blocked or gone does."""
    return people.writer(Person, request)


def allowed(request: Request) -> int:
    """The number of who may write: for what only deletes, and before a file is read."""
    return people.allowed(Person, request)


def ids(request: Request) -> list[uuid.UUID]:
    """What ``?ids=`` asks for, each once."""
    parts = [part for part in request.query_params.get("ids", "").split(",") if part]
    if not 1 <= len(parts) <= MOST_IDS:
        raise exceptions.ValidationError({"ids": f"Expected 1 to {MOST_IDS} ids with commas between them."})
    try:
        return list(dict.fromkeys(uuid.UUID(part) for part in parts))
    except ValueError:
        raise exceptions.ValidationError({"ids": "One of these is no id."}) from None


def pages(
    request: Request,
    rows: models.QuerySet[Any],
    show: Callable[[list[Any]], Iterable[dict[str, Any]]],
    order: tuple[str, ...],
    view: APIView,
) -> Response:
    """A page of rows in this order; ``show`` is given all of them at once, so that it asks for what it needs once."""
    paginator = Pages()
    paginator.ordering = order
    found = paginator.paginate_queryset(rows, request, view)
    return paginator.get_paginated_response(list(show(found or [])))


@cache
def page_of(form: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """What OpenAPI says of a page."""
    return inline_serializer(
        f"{form.__name__}Page",
        {
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": form(many=True),
        },
    )


def mapped(value: dict[str, Any]) -> dict[str, Any]:
    """What OpenAPI says of an answer that has something for each id."""
    return {"type": "object", "additionalProperties": value}


def chosen(request: Request, data: dict[str, Any]) -> dict[str, Any]:
    """What ``?fields=`` asks for, and always the id."""
    wanted = request.query_params.get("fields")
    if not wanted:
        return data
    names = {"id", *wanted.split(",")}
    return {name: value for name, value in data.items() if name in names}


def tag(kind: str, key: int, version: int, *also: object) -> str:
    """The ETag of what its owner wrote and, where it is named, of what changes besides it, such as counters."""
    written = versions.etag(kind, key, version)
    return versions.whole(written, *also) if also else written


def key_of(text: str) -> int:
    """A row's number in an address; what no row can have is nothing."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise exceptions.NotFound
    return int(text)


def vanishing(act: Callable[Given, Row]) -> Callable[Given, Row]:
    """Decorate what inserts beside a row that somebody may just be deleting: then it is not there."""

    @wraps(act)
    def tried(*args: Given.args, **kwargs: Given.kwargs) -> Row:
        try:
            return act(*args, **kwargs)
        except IntegrityError:
            raise exceptions.NotFound("This was just deleted.") from None

    return tried
