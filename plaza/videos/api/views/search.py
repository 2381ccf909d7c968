"""Search: the words of titles, among what everybody finds. It reads from the newest on, and has a limit of its own."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from plaza.api.pages import PAGE, page_of, paged
from plaza.api.views import Anybody
from plaza.videos.api import access, cards, forms
from plaza.videos.api.views.videos import NEWEST

LONGEST, MOST_WORDS = 100, 5
QUERY = [OpenApiParameter("q", str, required=True, description="words that the title has, in any order")]


class Search(Anybody):
    throttle_scope = "search"

    @extend_schema(operation_id="search_videos", tags=["videos"], parameters=[*QUERY, *PAGE],
                   responses={200: page_of(forms.VideoCard)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """Videos whose titles have these words, the newest first."""
        said = request.query_params.get("q", "")
        words = said.replace("\0", " ").split()
        if not words or len(said) > LONGEST or len(words) > MOST_WORDS:
            raise exceptions.ValidationError({"q": f"Expected 1 to {MOST_WORDS} words, {LONGEST} characters at most."})
        rows = access.listed()
        for word in words:
            rows = rows.filter(title__icontains=word)
        return paged(request, rows.values(*cards.CARD), cards.videos, NEWEST)
