"""What everybody may read and only users write; and pages of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api.pages import Pages

PAGING = [
    OpenApiParameter("limit", int, description="1 to 100; 20 where it is not sent"),
    OpenApiParameter("cursor", str, description="from next or previous of another page"),
]


class Shown(APIView):
    """GET is for everybody: a token that is sent along is not looked at."""

    def get_permissions(self) -> list[Any]:
        return [] if self._is_read() else super().get_permissions()

    def get_authenticators(self) -> list[Any]:
        return [] if self._is_read() else super().get_authenticators()

    def _is_read(self) -> bool:
        return self.request is not None and self.request.method == "GET"


@cache
def page_of(form: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """The form of a page of these."""
    fields = {
        "next": serializers.CharField(allow_null=True, help_text="the address of the next page"),
        "previous": serializers.CharField(allow_null=True),
        "results": form(many=True),
    }
    return type(f"{form.__name__}Page", (serializers.Serializer,), fields)


def page(
    view: APIView,
    request: Request,
    rows: QuerySet[Any],
    build: Callable[[Sequence[Any]], list[dict[str, Any]]],
    order: Sequence[str] = ("-created_at", "-pk"),
) -> Response:
    """A page of these rows in their order; ``build`` is given all of it at once."""
    pages = Pages()
    pages.ordering = order
    return pages.get_paginated_response(build(pages.paginate_queryset(rows, request, view) or []))
