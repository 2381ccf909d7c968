"""Stories: for a day, for one's followers, and who has seen them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, FilteredRelation, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import once
from plaza.api.addresses import number, one
from plaza.api.pages import PAGE, page_of, paged
from plaza.api.problems import Conflict
from plaza.api.schema import problems
from plaza.api.views import ONCE, read, user_of
from plaza.social import counters, quotas, removing, seeing
from plaza.social.api import forms, profiles, showing
from plaza.social.api.following import atomic, writer
from plaza.social.api.posts import MODELS, media_named
from plaza.social.models import Movie, SocialRequest, Story, ViewingStory

LASTS = timedelta(hours=24)
MOST_A_DAY = 20
LONGEST_TRAY = 100  # people
STORY = ("id", "author_id", "kind", "file", "width", "height", "duration", "caption", "created_at", "expires_at",
         "seen", "views")  # fmt: skip


def rows(stories: QuerySet[Story], me: int) -> QuerySet[Any, dict[str, Any]]:
    seen = Exists(ViewingStory.objects.filter(story_id=OuterRef("pk"), viewer_id=me))
    views = ViewingStory.objects.filter(story_id=OuterRef("pk"), story__author_id=me).order_by()
    counted = Subquery(views.values("story_id").annotate(n=Count("pk")).values("n"), IntegerField())
    return stories.annotate(seen=seen, views=Coalesce(counted, Value(0))).values(*STORY)


def seen_story(text: str, me: int) -> Story:
    """A story that one may see, by its number as addresses have it."""
    return one(seeing.stories(me), pk=number(text))


class Stories(APIView):
    @extend_schema(operation_id="publish_story", tags=["social"], request=forms.NewStory, parameters=[ONCE],
                   responses={201: forms.StoryAnswer, **problems(410)})  # fmt: skip
    @once.once(SocialRequest)
    def post(self, request: Request) -> Response:
        """Show a picture or a movie that is ready to one's followers for 24 hours."""
        data, me = read(forms.NewStory, request), writer(request)
        kind, pk = media_named(data["media"], me)
        moment = now()
        quotas.spend(counters.lock_people(me)[me], "stories", MOST_A_DAY)
        media = self._claim(kind, pk, me)
        story = Story.objects.create(
            author_id=me, file=media.file.name, kind=kind, width=media.width, height=media.height,
            duration=media.duration if isinstance(media, Movie) else None, caption=data["caption"],
            created_at=moment, expires_at=moment + LASTS,
        )  # fmt: skip
        row = rows(Story.objects.filter(pk=story.pk), me).get()
        return Response(showing.stories([row], me)[0], status=status.HTTP_201_CREATED)

    def _claim(self, kind: str, pk: int, me: int) -> Any:
        """The story takes the file over: whoever deletes the row that no post has is its owner."""
        free = MODELS[kind]._default_manager.filter(pk=pk, owner_id=me, post__isnull=True)
        media = free.first()
        if media is None or not free._raw_delete(free.db):  # type: ignore[attr-defined]
            raise Conflict("This is in a post or a story already, or was deleted: upload it again.")
        return media


class Tray(APIView):
    @extend_schema(operation_id="story_tray", tags=["social"], responses={200: forms.TrayAnswer(many=True)})
    def get(self, request: Request) -> Response:
        """Those whom one follows who have a story, the latest first; up to 100 of them."""
        me = user_of(request)
        mine = FilteredRelation("viewings", condition=Q(viewings__viewer_id=me))
        found = (
            seeing.stories(me).exclude(author_id=me).order_by().annotate(mine=mine).values("author_id")
            .annotate(stories=Count("pk"), seen=Count("mine"), latest=Max("created_at"))
        )  # fmt: skip
        page = list(found.order_by("-latest", "author_id")[:LONGEST_TRAY])
        who = showing.someone(row["author_id"] for row in page)
        return Response([
            {
                "author": who[row["author_id"]], "stories": row["stories"],
                "unseen": row["stories"] - row["seen"],
                "latest_at": row["latest"],
            }
            for row in page
        ])  # fmt: skip


class StoriesOfProfile(APIView):
    @extend_schema(operation_id="list_stories_of_profile", tags=["social"], parameters=PAGE,
                   responses={200: page_of(forms.StoryAnswer), **problems(410)})  # fmt: skip
    def get(self, request: Request, profile: uuid.UUID) -> Response:
        """Somebody's stories of the last 24 hours, the earliest first, for his followers."""
        me = user_of(request)
        author = profiles.readable(profile, me)
        if author.pk != me and not seeing.follows(me, author.pk):
            raise exceptions.PermissionDenied("Stories are for followers.")
        live = seeing.stories(me).filter(author_id=author.pk)
        return paged(request, rows(live, me), lambda page: showing.stories(page, me), order=("created_at", "id"))


class OneStory(APIView):
    @extend_schema(operation_id="get_story", tags=["social"], responses={200: forms.StoryAnswer})
    def get(self, request: Request, story: str) -> Response:
        """A story of oneself or of somebody whom one follows, while it lasts."""
        me = user_of(request)
        row = one(rows(seeing.stories(me), me), pk=number(story))
        return Response(showing.stories([row], me)[0])

    @extend_schema(operation_id="delete_story", tags=["social"], responses={204: None, **problems(410)})
    def delete(self, request: Request, story: str) -> Response:
        """Delete a story of one's own."""
        with atomic():
            me = writer(request)
            found = seen_story(story, me)
            if found.author_id != me:
                raise exceptions.PermissionDenied("This story is not yours.")
            removing.remove_story(found)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Seen(APIView):
    @extend_schema(operation_id="see_story", tags=["social"], request=None, parameters=[ONCE],
                   responses={204: None, **problems(410)})  # fmt: skip
    @once.once(SocialRequest)
    def post(self, request: Request, story: str) -> Response:
        """Say that one has seen it: it is counted once, and one's own look is not."""
        me = writer(request)
        found = seen_story(story, me)
        seen = ViewingStory.objects.filter(story_id=found.pk, viewer_id=me)
        if found.author_id != me and not seen.exists():
            if not Story.objects.select_for_update().filter(pk=found.pk):  # or its deletion leaves this one behind
                raise exceptions.NotFound
            ViewingStory.objects.get_or_create(story_id=found.pk, viewer_id=me)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Viewers(APIView):
    @extend_schema(operation_id="list_viewers", tags=["social"], parameters=PAGE,
                   responses={200: page_of(forms.ViewerAnswer)})  # fmt: skip
    def get(self, request: Request, story: str) -> Response:
        """Who has seen a story of one's own, the latest first."""
        me = user_of(request)
        found = seen_story(story, me)
        if found.author_id != me:
            raise exceptions.PermissionDenied("Who has seen a story is for its author.")

        def show(page: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
            who = showing.someone(row["viewer_id"] for row in page)
            return [{**who[row["viewer_id"]], "seen_at": row["viewed_at"]} for row in page]

        seen = seeing.unseen(ViewingStory.objects.filter(story=found), me, "viewer_id")
        return paged(request, seen.values("id", "viewer_id", "viewed_at"), show, order=("-viewed_at", "-id"))
