"""Channels: a user has as many as he likes, each with a handle that nobody else has."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.storage import default_storage
from django.db import IntegrityError, router, transaction
from django.db.models import F
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import once, versions
from plaza.api.addresses import one
from plaza.api.pages import PAGE, page_of, paged
from plaza.api.problems import Conflict
from plaza.api.retries import retried
from plaza.api.schema import problems
from plaza.api.versions import tag
from plaza.api.views import IF_MATCH, ONCE, Anybody, read, user_of, viewer
from plaza.media import images, kinds, receiving
from plaza.videos import files, removing
from plaza.videos.api import access, cards, forms
from plaza.videos.api.access import allowed, writer
from plaza.videos.models import Channel, ChannelStats, Video, VideosRequest

TAKEN = "This handle is taken: choose another."
BYTES = {"application/octet-stream": {"type": "string", "format": "binary"}}
BANNER = 6 * 2**20  # bytes


def answer_of(channel: int, looker: int | None) -> tuple[dict[str, Any], str]:
    """A channel as its viewer is shown it, and its ETag."""
    rows = cards.with_subscription(Channel.objects.filter(pk=channel), looker)
    return _shown(one(rows.values(*cards.CHANNEL, "is_subscribed")), looker)


def _shown(row: cards.Row, looker: int | None) -> tuple[dict[str, Any], str]:
    shown = cards.channel_detail(row, looker)
    also = ("subscribers", "videos", "banner", "owner", "is_mine", "is_subscribed")
    return shown, tag("channel", row["id"], row["version"], *(shown[name] for name in also))


class Channels(APIView):
    @extend_schema(operation_id="make_channel", tags=["videos"], request=forms.ChannelChange,
                   responses={201: forms.ChannelDetail, **problems(410)}, parameters=[ONCE])  # fmt: skip
    @retried
    @once.once(VideosRequest)
    def post(self, request: Request) -> Response:
        """Open a channel. Of two who want one handle at once the first has it."""
        data = read(forms.ChannelChange, request)
        person = writer(request)
        try:
            with transaction.atomic(using=router.db_for_write(Channel)):
                channel = Channel.objects.create(owner_id=person.pk, **data)
        except IntegrityError:
            raise Conflict(TAKEN) from None
        ChannelStats.objects.create(channel=channel)
        shown, etag = answer_of(channel.pk, person.pk)
        return Response(shown, status=status.HTTP_201_CREATED, headers={"ETag": etag})


class MyChannels(APIView):
    @extend_schema(operation_id="list_my_channels", tags=["videos"], responses={200: page_of(forms.ChannelCard)},
                   parameters=PAGE)  # fmt: skip
    def get(self, request: Request) -> Response:
        """One's own channels, the newest first."""
        rows = Channel.objects.filter(owner=user_of(request)).values(*cards.CHANNEL)
        return paged(request, rows, lambda page: map(cards.channel, page), ("-id",))


class OneChannel(Anybody):
    @extend_schema(operation_id="get_channel", tags=["videos"],
                   responses={200: forms.ChannelDetail, 304: None})  # fmt: skip
    def get(self, request: Request, handle: str) -> Response:
        looker = viewer(request)
        rows = cards.with_subscription(Channel.objects.filter(~access.is_out("owner_id")), looker)
        shown, etag = _shown(one(rows.values(*cards.CHANNEL, "is_subscribed"), handle=handle.lower()), looker)
        return versions.answer(request, shown, etag)

    @extend_schema(operation_id="change_channel", tags=["videos"], request=forms.ChannelChange,
                   responses={200: forms.ChannelDetail, **problems(409, 410)},
                   parameters=[IF_MATCH])  # fmt: skip
    @retried
    def patch(self, request: Request, handle: str) -> Response:
        """Change what a channel says of itself, or its handle."""
        data = read(forms.ChannelChange, request, partial=True)
        try:
            with transaction.atomic(using=router.db_for_write(Channel)):
                looker = writer(request).pk
                channel = access.my_channel(looker, handle, lock=True)
                versions.require(request, tag("channel", channel.pk, channel.version))
                Channel.objects.filter(pk=channel.pk).update(version=F("version") + 1, **data)
        except IntegrityError:
            raise Conflict(TAKEN) from None
        shown, etag = answer_of(channel.pk, looker)
        return Response(shown, headers={"ETag": etag})

    @extend_schema(operation_id="delete_channel", tags=["videos"], responses={204: None, **problems(410)})
    def delete(self, request: Request, handle: str) -> Response:
        """Delete a channel with all of its videos."""
        channel = access.my_channel(allowed(request), handle)
        removing.delete_channel(channel.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Banner(APIView):
    parser_classes = [receiving.Bytes]

    @extend_schema(operation_id="put_banner", tags=["videos"], request=BYTES,
                   responses={200: forms.ChannelDetail, **problems(410, 413, 422)})  # fmt: skip
    def put(self, request: Request, handle: str) -> Response:
        """The picture above a channel: the bytes of a JPEG, PNG or WebP file of 6 MB at most."""
        looker = allowed(request)
        channel = access.my_channel(looker, handle)
        with receiving.received(request, BANNER) as file:
            kind = kinds.sniff(file, kinds.IMAGES)
            picture = images.bare(file)
        name = default_storage.save(f"banners/{uuid.uuid4().hex}.{kind.extension}", picture.file)
        self._change(channel, name)
        shown, etag = answer_of(channel.pk, looker)
        return Response(shown, headers={"ETag": etag})

    @extend_schema(operation_id="delete_banner", tags=["videos"], responses={204: None, **problems(410)})
    def delete(self, request: Request, handle: str) -> Response:
        self._change(access.my_channel(allowed(request), handle), "")
        return Response(status=status.HTTP_204_NO_CONTENT)

    @retried
    def _change(self, channel: Channel, name: str) -> None:
        with transaction.atomic(using=router.db_for_write(Channel)):
            was = Channel.objects.select_for_update().filter(pk=channel.pk).values_list("banner", flat=True).first()
            Channel.objects.filter(pk=channel.pk).update(banner=name, version=F("version") + 1)
            files.drop([was if was is not None else name])


class ChannelVideos(Anybody):
    @extend_schema(operation_id="list_channel_videos", tags=["videos"], parameters=PAGE,
                   responses={200: page_of(forms.VideoCard)})  # fmt: skip
    def get(self, request: Request, handle: str) -> Response:
        """What everybody finds in a channel, the newest first."""
        channel = one(Channel.objects.filter(~access.is_out("owner_id")), handle=handle.lower())
        rows = Video.objects.filter(access.LISTED, channel=channel.pk).values(*cards.CARD)
        return paged(request, rows, cards.videos, ("-published_at", "-id"))
