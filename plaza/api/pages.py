"""Cursor pagination: a fixed, unique order, no count, and a cursor that cannot be read is a 400."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import QuerySet
from drf_spectacular.drainage import get_override
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import exceptions, serializers
from rest_framework.pagination import CursorPagination, _positive_int
from rest_framework.request import Request
from rest_framework.response import Response


class Pages(CursorPagination):
    """``?limit=`` up to 100 and ``?cursor=``; the newest first."""

    page_size = 20
    max_page_size = 100
    page_size_query_param = "limit"
    ordering: Any = ("-created_at", "-pk")
    offset_cutoff = 1000

    def decode_cursor(self, request: Request) -> Any:
        if not request.query_params.get(self.cursor_query_param):
            return None
        try:
            found = super().decode_cursor(request)
        except exceptions.NotFound:
            raise unreadable() from None
        if found == (0, False, None):  # no place of any list: whoever follows it would read the first page for ever
            raise unreadable()
        return found

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError, OverflowError, DataError):  # what a cursor says is no value of its column
            if self.cursor_query_param not in request.query_params:
                raise
            raise unreadable() from None

    def get_page_size(self, request: Request) -> int:
        given = request.query_params.get(self.page_size_query_param)
        if given is None:
            return self.page_size
        try:
            size = _positive_int(given, strict=True)
            if size > self.max_page_size:  # fewer rows than were asked for would look like the last page
                raise ValueError
            return size
        except ValueError:
            reason = f"Expected a number from 1 to {self.max_page_size}."
            raise exceptions.ValidationError({self.page_size_query_param: reason}) from None


def unreadable() -> exceptions.ValidationError:
    return exceptions.ValidationError({"cursor": "This cursor cannot be read: begin without one."})


PAGE = [
    OpenApiParameter(
        "limit", int, description=f"how many, from 1 to {Pages.max_page_size}; {Pages.page_size} where it is not given"
    ),
    OpenApiParameter("cursor", str, description="from `next` or `previous` of another page"),
]


@cache
def page_of(form: type[serializers.Serializer]) -> serializers.Serializer:
    """What OpenAPI says of a page, named after what is in it."""
    fields: dict[str, Any] = {
        "next": serializers.URLField(allow_null=True, help_text="the address of the next page"),
        "previous": serializers.URLField(allow_null=True),
        "results": form(many=True),
    }
    return inline_serializer(f"{get_override(form, 'component_name', form.__name__)}Page", fields)


def paged(
    request: Request,
    rows: QuerySet[Any],
    show: Callable[[list[Any]], Iterable[dict[str, Any]]],
    order: Sequence[str] = Pages.ordering,
) -> Response:
    """A page of rows in an order that an index has; ``show`` is given all of them, so that it asks for what it needs
    once."""
    pages = Pages()
    pages.ordering = order
    return pages.get_paginated_response(list(show(pages.paginate_queryset(rows, request) or [])))
