"""Cursor pagination: a fixed, unique order, no count, and a cursor that is somebody else's or made up is a 400."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination, _positive_int
from rest_framework.request import Request


class Pages(CursorPagination):
    """``?limit=`` up to 100 and ``?cursor=``; the newest first."""

    page_size = 20
    max_page_size = 100
    page_size_query_param = "limit"
    ordering: Any = ("-created_at", "-pk")
    offset_cutoff = 1000

    def decode_cursor(self, request: Request) -> Any:
        try:
            return super().decode_cursor(request)
        except exceptions.NotFound:
            raise _unreadable() from None

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError, OverflowError, DataError):  # what a cursor says is no value of its column
            if self.cursor_query_param not in request.query_params:
                raise
            raise _unreadable() from None

    def get_page_size(self, request: Request) -> int:
        given = request.query_params.get(self.page_size_query_param)
        if given is None:
            return self.page_size
        try:
            return _positive_int(given, strict=True, cutoff=self.max_page_size)
        except ValueError:
            reason = f"Expected a number from 1 to {self.max_page_size}."
            raise exceptions.ValidationError({self.page_size_query_param: reason}) from None


def _unreadable() -> exceptions.ValidationError:
    return exceptions.ValidationError({"cursor": "This cursor cannot be read: begin without one."})
