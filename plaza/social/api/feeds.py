"""Feeds: of those whom one follows, of everybody, of a tag and of a location; and locations."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import once
from plaza.api.addresses import number, one
from plaza.api.pages import PAGE, page_of, paged
from plaza.api.places import Place, fed
from plaza.api.queries import words
from plaza.api.schema import problems
from plaza.api.views import ONCE, read, user_of
from plaza.social import feed, seeing, texts
from plaza.social.api import forms, showing
from plaza.social.api.following import writer
from plaza.social.api.posts import page_of_posts
from plaza.social.models import Location, SocialRequest, Tag


class Home(APIView):
    @extend_schema(operation_id="home_feed", tags=["social"], parameters=PAGE,
                   responses={200: page_of(forms.PostAnswer)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """What oneself and those whom one follows posted, the latest first."""
        return fed(request, partial(feed.home, user_of(request)), self._place, showing.posts)

    def _place(self, row: showing.Row) -> Place:
        return Place(row["created_at"], row["id"])


class Explore(APIView):
    @extend_schema(operation_id="explore_feed", tags=["social"], parameters=PAGE,
                   responses={200: page_of(forms.PostAnswer)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """What others posted for everybody, the latest first."""
        return page_of_posts(seeing.public_posts(user_of(request)), request)


class Tagged(APIView):
    @extend_schema(operation_id="list_posts_of_tag", tags=["social"], parameters=PAGE,
                   responses={200: page_of(forms.PostAnswer)})  # fmt: skip
    def get(self, request: Request, tag: str) -> Response:
        """Posts with a hashtag, the latest first; a tag that nobody has used has none."""
        if "\0" in tag or len(tag) > texts.LONGEST_TAG:
            raise exceptions.NotFound
        known = Tag.objects.filter(name=texts.tag(tag.removeprefix("#"))).values_list("pk", flat=True).first()
        rows = seeing.posts(user_of(request)).filter(tags=known or 0, is_archived=False)
        return page_of_posts(rows, request, order=("-id",))


def shown(location: Location) -> dict[str, Any]:
    return {
        "id": str(location.pk), "name": location.name, "provider": location.provider,
        "external_id": location.external_id, "latitude": float(location.latitude),
        "longitude": float(location.longitude),
    }  # fmt: skip


class Locations(APIView):
    @extend_schema(operation_id="search_locations", tags=["social"], responses={200: page_of(forms.LocationAnswer)},
                   parameters=[OpenApiParameter("q", str, required=True, description="a part of its name"),
                               *PAGE])  # fmt: skip
    def get(self, request: Request) -> Response:
        """Find a location by a part of its name."""
        rows = Location.objects.filter(name__icontains=words(request, "q", 100))
        return paged(request, rows, lambda page: [shown(row) for row in page], order=("-id",))

    @extend_schema(operation_id="make_location", tags=["social"], request=forms.NewLocation, parameters=[ONCE],
                   responses={200: forms.LocationAnswer, 201: forms.LocationAnswer, **problems(410)})  # fmt: skip
    @once.once(SocialRequest)
    def post(self, request: Request) -> Response:
        """A provider's place: made (201), or the one that is known by its number there (200)."""
        data = read(forms.NewLocation, request)
        writer(request)
        place = {"provider": data.pop("provider"), "external_id": data.pop("external_id")}
        rounded = {name: Decimal(f"{data.pop(name):.6f}") for name in ("latitude", "longitude")}
        found, is_new = Location.objects.get_or_create(**place, defaults={**data, **rounded})
        return Response(shown(found), status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)


def location_of(text: str) -> Location:
    return one(Location.objects.all(), pk=number(text))


class OneLocation(APIView):
    @extend_schema(operation_id="get_location", tags=["social"], responses={200: forms.LocationAnswer})
    def get(self, request: Request, location: str) -> Response:
        """A location."""
        return Response(shown(location_of(location)))


class PostsOfLocation(APIView):
    @extend_schema(operation_id="list_posts_of_location", tags=["social"], parameters=PAGE,
                   responses={200: page_of(forms.PostAnswer)})  # fmt: skip
    def get(self, request: Request, location: str) -> Response:
        """Posts of a location that one may see, the latest first."""
        place = location_of(location)
        return page_of_posts(seeing.posts(user_of(request)).filter(location=place, is_archived=False), request)
