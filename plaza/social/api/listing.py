"""Lists by cursor, and what OpenAPI says of them; numbers of rows in addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from plaza.api.pages import Pages

NUMBER = re.compile(r"[1-9][0-9]{0,17}")
PAGE = [
    OpenApiParameter("limit", int, description="how many, from 1 to 100; 20 where it is not given"),
    OpenApiParameter("cursor", str, description="from next or previous of another page"),
]


def number(text: str) -> int:
    """The number of a row as addresses have it; a text that is none is of no row."""
    if not NUMBER.fullmatch(text):
        raise exceptions.NotFound
    return int(text)


@cache
def paged(form: type[serializers.Serializer]) -> Any:
    """A page of them, for ``extend_schema``."""
    fields: dict[str, Any] = {
        "next": serializers.CharField(allow_null=True),
        "previous": serializers.CharField(allow_null=True),
        "results": form(many=True),
    }
    return inline_serializer(f"Social{form.__name__.removesuffix('Answer')}Page", fields=fields)


def listed(
    request: Request, rows: QuerySet[Any], show: Callable[[list[Any]], Sequence[Any]],
    order: tuple[str, ...] = ("-created_at", "-id"),
) -> Response:  # fmt: skip
    """One page of the rows, in a fixed order that an index has."""
    pages = Pages()
    pages.ordering = order
    return pages.get_paginated_response(show(pages.paginate_queryset(rows, request) or []))


def asked(request: Request, name: str, longest: int) -> str:
    """A word of the query that must be there."""
    said = request.query_params.get(name, "").strip()
    if not said or len(said) > longest or "\0" in said:
        raise exceptions.ValidationError({name: f"Expected 1 to {longest} characters."})
    return said
