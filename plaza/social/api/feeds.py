"""Feeds: of those whom one follows, of everybody, of a tag and of a location; and locations."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from plaza.api import once
from plaza.api.pages import Pages
from plaza.api.schema import problems
from plaza.api.views import ONCE, read
from plaza.social import feed, seeing, texts
from plaza.social.api import forms, showing
from plaza.social.api.following import writer
from plaza.social.api.listing import PAGE, asked, listed, number, paged
from plaza.social.api.posts import page_of
from plaza.social.models import Location, SocialRequest, Tag

LOCATION = ("id", "name", "provider", "external_id", "latitude", "longitude")


class Home(APIView):
    @extend_schema(operation_id="home_feed", tags=["social"], parameters=PAGE,
                   responses={200: paged(forms.PostAnswer)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """What oneself and those whom one follows posted, the latest first."""
        me, size = int(request.user.pk), Pages().get_page_size(request)
        rows = feed.home(me, self._place(request), size + 1)
        page, next_ = rows[:size], None
        if len(rows) > size:
            cursor = urlsafe_b64encode(f"{page[-1]['created_at'].isoformat()}|{page[-1]['id']}".encode()).decode()
            next_ = replace_query_param(request.build_absolute_uri(), "cursor", cursor)
        return Response({"next": next_, "previous": None, "results": showing.posts(page)})

    def _place(self, request: Request) -> feed.Place | None:
        said = request.query_params.get("cursor")
        if not said:
            return None
        try:
            moment, _, pk = urlsafe_b64decode(said).decode().partition("|")
            created_at = datetime.fromisoformat(moment)
            if created_at.tzinfo is None:
                raise ValueError
            place = feed.Place(created_at.astimezone(UTC), number(pk))
        except (ValueError, OverflowError, exceptions.NotFound):
            raise exceptions.ValidationError({"cursor": "This cursor cannot be read: begin without one."}) from None
        return place


class Explore(APIView):
    @extend_schema(operation_id="explore_feed", tags=["social"], parameters=PAGE,
                   responses={200: paged(forms.PostAnswer)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """What others posted for everybody, the latest first."""
        return page_of(seeing.public_posts(int(request.user.pk)), request)


class Tagged(APIView):
    @extend_schema(operation_id="list_posts_of_tag", tags=["social"], parameters=PAGE,
                   responses={200: paged(forms.PostAnswer)})  # fmt: skip
    def get(self, request: Request, tag: str) -> Response:
        """Posts with a hashtag, the latest first; a tag that nobody has used has none."""
        if "\0" in tag or len(tag) > texts.LONGEST_TAG:
            raise exceptions.NotFound
        known = Tag.objects.filter(name=texts.tag(tag.removeprefix("#"))).values_list("pk", flat=True).first()
        rows = seeing.posts(int(request.user.pk)).filter(tags=known or 0, is_archived=False)
        return page_of(rows, request, order=("-id",))


def shown(location: Location) -> dict[str, Any]:
    return {
        "id": str(location.pk), "name": location.name, "provider": location.provider,
        "external_id": location.external_id, "latitude": float(location.latitude),
        "longitude": float(location.longitude),
    }  # fmt: skip


class Locations(APIView):
    @extend_schema(operation_id="search_locations", tags=["social"], responses={200: paged(forms.LocationAnswer)},
                   parameters=[OpenApiParameter("q", str, required=True, description="a part of its name"),
                               *PAGE])  # fmt: skip
    def get(self, request: Request) -> Response:
        """Find a location by a part of its name."""
        rows = Location.objects.filter(name__icontains=asked(request, "q", 100))
        return listed(request, rows, lambda page: [shown(row) for row in page], order=("-id",))

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
    found = Location.objects.filter(pk=number(text)).first()
    if found is None:
        raise exceptions.NotFound
    return found


class OneLocation(APIView):
    @extend_schema(operation_id="get_location", tags=["social"], responses={200: forms.LocationAnswer})
    def get(self, request: Request, location: str) -> Response:
        """A location."""
        return Response(shown(location_of(location)))


class PostsOfLocation(APIView):
    @extend_schema(operation_id="list_posts_of_location", tags=["social"], parameters=PAGE,
                   responses={200: paged(forms.PostAnswer)})  # fmt: skip
    def get(self, request: Request, location: str) -> Response:
        """Posts of a location that one may see, the latest first."""
        place = location_of(location)
        return page_of(seeing.posts(int(request.user.pk)).filter(location=place, is_archived=False), request)
