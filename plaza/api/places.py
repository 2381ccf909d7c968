"""Feeds that no single query has: each finds its own rows, and a cursor is the place where the last page ended."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from plaza.api.addresses import number
from plaza.api.pages import Pages, unreadable

Row = TypeVar("Row")


class Place(NamedTuple):
    """The last row of a page: the next one begins after it."""

    moment: datetime
    pk: int

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.moment.isoformat()}|{self.pk}".encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Place:
        try:
            moment, _, pk = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition("|")
            read = datetime.fromisoformat(moment)
            if read.tzinfo is None:
                raise ValueError
            return cls(read.astimezone(UTC), number(pk))
        except (ValueError, OverflowError, exceptions.NotFound):
            raise unreadable() from None


def fed(
    request: Request,
    find: Callable[[Place | None, int], list[Row]],
    place: Callable[[Row], Place],
    show: Callable[[list[Row]], Iterable[dict[str, Any]]],
) -> Response:
    """A page of a feed: ``find`` is asked for one row more than is shown, which says whether there is a next page."""
    size, cursor = Pages().get_page_size(request), request.query_params.get("cursor")
    found = find(Place.read(cursor) if cursor else None, size + 1)
    page, further = found[:size], None
    if len(found) > size:
        further = replace_query_param(request.build_absolute_uri(), "cursor", str(place(page[-1])))
    return Response({"next": further, "previous": None, "results": list(show(page))})
