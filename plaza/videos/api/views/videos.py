"""Videos: drafts that get a file, who may see them, and what they say of themselves."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import router, transaction
from django.db.models import F, QuerySet
from django.utils.timezone import now
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import once, versions
from plaza.api.addresses import one
from plaza.api.pages import PAGE, page_of, paged
from plaza.api.prepared import prepared
from plaza.api.queries import chosen, fields
from plaza.api.retries import retried
from plaza.api.schema import problems
from plaza.api.versions import tag
from plaza.api.views import IF_MATCH, ONCE, Anybody, read, user_of, viewer
from plaza.videos import counters, removing, telling
from plaza.videos.api import access, cards, forms, passes, passwords
from plaza.videos.api.access import allowed, writer
from plaza.videos.models import Category, Licence, Privacy, Video, VideosRequest, VideoStats

CATEGORY = [OpenApiParameter("category", str, enum=Category.values, description="only this one")]
NEWEST = ("-published_at", "-id")
CHANGING = ("views", "likes", "dislikes", "comments", "my_rating", "channel")


def make_video(user: int, data: dict[str, Any]) -> Video:
    """A draft in one of the user's channels."""
    channel = access.my_channel(user, data["channel"])
    told = {name: data[name] for name in forms.VideoChange().fields if name in data}
    video: Video = Video.objects.create(channel_id=channel.pk, **told)
    VideoStats.objects.create(video=video)
    return video


def answer_of(rows: QuerySet[Video], looker: int | None) -> tuple[dict[str, Any], str]:
    """A video as its viewer is shown it, and its ETag."""
    return answered(one(cards.with_mine(rows, looker)), looker)


def answered(row: cards.Row, looker: int | None) -> tuple[dict[str, Any], str]:
    """The same of a row that was read."""
    shown = cards.detail(row, looker)
    return shown, tag("video", row["id"], row["version"], row["state"], *(shown[name] for name in CHANGING))


class Videos(Anybody):
    @extend_schema(operation_id="list_videos", tags=["videos"], parameters=[*PAGE, *CATEGORY],
                   responses={200: page_of(forms.VideoCard)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """What everybody finds, the newest first."""
        rows = access.listed()
        if category := request.query_params.get("category"):
            if category not in Category.values:
                raise exceptions.ValidationError({"category": f"Expected one of {', '.join(Category.values)}."})
            rows = rows.filter(category=category)
        return paged(request, rows.values(*cards.CARD), cards.videos, NEWEST)

    @extend_schema(operation_id="make_video", tags=["videos"], request=forms.VideoWish, parameters=[ONCE],
                   responses={201: forms.VideoDetail, **problems(404, 410)})  # fmt: skip
    @retried
    @once.once(VideosRequest)
    def post(self, request: Request) -> Response:
        """Make a draft; begin an upload for it to give it a file."""
        data = read(forms.VideoWish, request)
        user = writer(request).pk
        video = make_video(user, data)
        shown, etag = answer_of(Video.objects.filter(pk=video.pk), user)
        return Response(shown, status=status.HTTP_201_CREATED, headers={"ETag": etag})


class MyVideos(APIView):
    @extend_schema(operation_id="list_my_videos", tags=["videos"], parameters=PAGE,
                   responses={200: page_of(forms.VideoCard)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """All of one's own, drafts and failed ones too, the newest first."""
        rows = Video.objects.filter(channel__owner=user_of(request)).values(*cards.CARD)
        return paged(request, rows, cards.videos, ("-id",))


@prepared
def _one(video: uuid.UUID, looker: int) -> QuerySet[Any, dict[str, Any]]:
    return cards.with_mine(access.reached(looker).filter(public_id=video), looker)


@prepared
def _one_for_all(video: uuid.UUID) -> QuerySet[Any, dict[str, Any]]:
    return cards.with_mine(access.reached(None).filter(public_id=video), None)


class OneVideo(Anybody):
    @extend_schema(operation_id="get_video", tags=["videos"], parameters=[*fields(forms.VideoDetail), *access.OPENING],
                   responses={200: forms.VideoDetail, 304: None, **problems(403)})  # fmt: skip
    def get(self, request: Request, video: uuid.UUID) -> Response:
        looker = viewer(request)
        rows = _one(video, looker) if looker else _one_for_all(video)
        if not rows:
            raise exceptions.NotFound
        passwords.check(request, rows[0], looker, passes.shown(request, video).mark)
        shown, etag = answered(rows[0], looker)
        return versions.answer(request, chosen(request, forms.VideoDetail, shown), etag)

    @extend_schema(operation_id="change_video", tags=["videos"], request=forms.VideoChange, parameters=[IF_MATCH],
                   responses={200: forms.VideoDetail, **problems(410)})  # fmt: skip
    @retried
    def patch(self, request: Request, video: uuid.UUID) -> Response:
        """Change what a video says of itself, who sees it, and who comments."""
        data = read(forms.VideoChange, request, partial=True)
        if "publish_at" in data and data["publish_at"] is None:
            data["publish_at"] = now()  # due at once
        with transaction.atomic(using=router.db_for_write(Video)):
            user = writer(request).pk
            found = access.my_video(user, video, lock=True)
            versions.require(request, tag("video", found.pk, found.version))
            if data.get("privacy") == Privacy.PASSWORD and not found.password:
                raise exceptions.ValidationError(
                    {"privacy": "It has no password yet: PUT one at its address /password."}
                )
            Video.objects.filter(pk=found.pk).update(version=F("version") + 1, **data)
            if data.get("privacy", found.privacy) != found.privacy:
                counters.settle_channel(found.channel_id)
                was, found.privacy, found.version = found.privacy, data["privacy"], found.version + 1
                telling.changed(found, found.state, was)
        shown, etag = answer_of(Video.objects.filter(pk=found.pk), user)
        return Response(shown, headers={"ETag": etag})

    @extend_schema(operation_id="delete_video", tags=["videos"], responses={204: None, **problems(410)})
    def delete(self, request: Request, video: uuid.UUID) -> Response:
        """Delete a video; what was played already plays on to the end of its range."""
        removing.delete_video(access.my_video(allowed(request), video).pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Password(APIView):
    @extend_schema(operation_id="put_video_password", tags=["videos"], request=forms.VideoPassword,
                   responses={204: None, **problems(410)})  # fmt: skip
    def put(self, request: Request, video: uuid.UUID) -> Response:
        """The password that others need while a video's privacy is `password`; who had another needs the new one."""
        found = access.my_video(allowed(request), video)
        hashed = make_password(read(forms.VideoPassword, request)["password"])
        if not Video.objects.filter(pk=found.pk).update(password=hashed):
            raise exceptions.NotFound
        return Response(status=status.HTTP_204_NO_CONTENT)


class Choices(Anybody):
    @extend_schema(operation_id="list_video_choices", tags=["videos"], responses={200: forms.VideoChoices})
    def get(self, request: Request) -> Response:
        """The categories and licences that there are."""
        named = {"categories": Category, "licences": Licence}
        return Response({name: [{"id": i, "name": n} for i, n in kind.choices] for name, kind in named.items()})
