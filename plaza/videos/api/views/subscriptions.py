"""Ratings, subscriptions, and the feed of what is subscribed to."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api.addresses import one
from plaza.api.pages import PAGE, page_of, paged
from plaza.api.places import Place, fed
from plaza.api.prepared import prepared
from plaza.api.problems import Conflict, vanishing
from plaza.api.queries import IDS, ids
from plaza.api.retries import whole
from plaza.api.schema import mapped, problems
from plaza.api.views import read, user_of
from plaza.videos import rating, subscribing
from plaza.videos.api import access, cards, feeds, forms, passwords
from plaza.videos.api.access import writer
from plaza.videos.models import Channel, Person, Reaction, Subscription, Video, VideoStats

UNTOLD = {"likes": 0, "dislikes": 0}


class Rating(APIView):
    @extend_schema(operation_id="rate_video", tags=["videos"], request=forms.VideoRating,
                   parameters=access.OPENING, responses={200: forms.VideoRated, **problems(410)})  # fmt: skip
    @access.hashed_first
    @vanishing
    @whole(Person)
    def put(self, request: Request, video: uuid.UUID) -> Response:
        """Like a video, dislike it, or neither. What one may not see any more can still be rated none:
        its numbers are zeros then, and tell nothing of it.
        """
        wanted = read(forms.VideoRating, request)["rating"]
        user = writer(request).pk
        try:
            found = access.opened(request, video, state=Video.State.PUBLISHED)["pk"]
        except (exceptions.NotFound, passwords.PasswordRequired, passwords.PasswordWrong):
            rated = Video.objects.filter(public_id=video, reactions__user=user).first() if wanted == "none" else None
            if rated is None:
                raise
            rating.rate(user, rated.pk, None)
            return Response({"rating": wanted, **UNTOLD})
        rating.rate(user, found, cards.VALUES[wanted])
        counted = VideoStats.objects.filter(pk=found).values("likes", "dislikes").first()
        return Response({"rating": wanted, **(counted or UNTOLD)})


class Ratings(APIView):
    @extend_schema(operation_id="list_ratings", tags=["videos"], parameters=IDS,
                   responses={200: mapped({"type": "string", "enum": ["like", "dislike", "none"]})})  # fmt: skip
    def get(self, request: Request) -> Response:
        """How one rated each of these videos: like, dislike or none."""
        wanted = ids(request)
        mine = Reaction.objects.filter(user=user_of(request), video__public_id__in=wanted)
        found = dict(mine.values_list("video__public_id", "value"))
        return Response({str(one): cards.RATINGS[found.get(one)] for one in wanted})


class Subscribing(APIView):
    @extend_schema(operation_id="subscribe", tags=["videos"], request=forms.SubscriptionWish,
                   responses={204: None, **problems(409, 410)})  # fmt: skip
    @vanishing
    @whole(Person)
    def put(self, request: Request, handle: str) -> Response:
        """Subscribe to a channel, or change whether one is notified."""
        wishes = read(forms.SubscriptionWish, request)
        user = writer(request).pk
        channel = one(Channel.objects.filter(~access.is_out("owner_id")), handle=handle.lower())
        if channel.owner_id == user:
            raise Conflict("This channel is your own.")
        subscribing.subscribe(user, channel.pk, **wishes)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(operation_id="unsubscribe", tags=["videos"], responses={204: None})
    def delete(self, request: Request, handle: str) -> Response:
        channel = one(Channel.objects.all(), handle=handle.lower())
        subscribing.unsubscribe(user_of(request), channel.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Subscriptions(APIView):
    @extend_schema(operation_id="list_subscriptions", tags=["videos"], parameters=PAGE,
                   responses={200: page_of(forms.Subscribed)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """The channels that one subscribes to, the latest first."""
        rows = Subscription.objects.filter(~access.is_out("channel__owner_id"), user=user_of(request))
        columns = cards.prefixed("channel", cards.CHANNEL)
        return paged(request, rows.values("id", "notify", "created_at", *columns), self._shown, ("-id",))

    def _shown(self, rows: list[cards.Row]) -> list[dict[str, Any]]:
        return [
            {
                "channel": cards.channel(cards.within(row, "channel", cards.CHANNEL)),
                "notify": row["notify"],
                "created_at": row["created_at"],
            }
            for row in rows
        ]


class SubscriptionsExist(APIView):
    @extend_schema(operation_id="which_subscriptions_exist", tags=["videos"], parameters=IDS,
                   responses={200: mapped({"type": "boolean"})})  # fmt: skip
    def get(self, request: Request) -> Response:
        """Whether one subscribes to each of these channels."""
        wanted = ids(request)
        mine = Subscription.objects.filter(user=user_of(request), channel__public_id__in=wanted)
        found = set(mine.values_list("channel__public_id", flat=True))
        return Response({str(one): one in found for one in wanted})


@prepared
def _listed(numbers: list[int]) -> QuerySet[Any, dict[str, Any]]:
    return Video.objects.filter(access.LISTED, pk__in=numbers).values(*cards.CARD)


class Feed(APIView):
    @extend_schema(operation_id="list_subscribed_videos", tags=["videos"], parameters=PAGE,
                   responses={200: page_of(forms.VideoCard)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """The newest videos of the channels that one subscribes to."""
        return fed(request, partial(feeds.newest, user_of(request)), lambda place: place, self._shown)

    def _shown(self, page: list[Place]) -> list[dict[str, Any]]:
        rows = {row["id"]: row for row in _listed([place.pk for place in page])}
        return [cards.video(rows[place.pk]) for place in page if place.pk in rows]
