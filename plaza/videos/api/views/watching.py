"""Heartbeats, and the history of what was watched."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import clients, people
from plaza.api.pages import PAGE, page_of, paged
from plaza.api.retries import whole
from plaza.api.schema import problems
from plaza.api.views import read, user_of, viewer
from plaza.videos import beats
from plaza.videos.api import access, cards, forms
from plaza.videos.api.access import writer
from plaza.videos.models import Video, Watcher, WatchHistory


class Views(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="send_heartbeat", tags=["videos"], request=forms.Heartbeat, parameters=access.OPENING,
                   responses={202: None, **problems(403)})  # fmt: skip
    def post(self, request: Request, video: uuid.UUID) -> Response:
        """Where a player is: sent every five to ten seconds, kept for a second and written with others'. It needs no
        key: a beat that comes twice says the same.
        """
        data = read(forms.Heartbeat, request)
        looker = viewer(request)
        found = access.opened(request, video, "duration", state=Video.State.PUBLISHED)
        length = found["duration"]
        position = timedelta(seconds=data["position"])
        beats.buffer.add(
            beats.Beat(
                video=found["pk"],
                session=data["session_id"],
                at=now(),
                position=min(position, length) if length else position,
                length=length,
                user=looker,
                person=people.told_by(request) if looker else None,
                ip=clients.address(request),
            )
        )
        return Response(status=status.HTTP_202_ACCEPTED)


class History(APIView):
    @extend_schema(operation_id="list_history", tags=["videos"], parameters=PAGE,
                   responses={200: page_of(forms.Watched)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """What one watched, the latest first; what was watched in this second may not be in it yet."""
        user = user_of(request)
        rows = WatchHistory.objects.filter(access.seen_in("video", user), user=user)
        columns = cards.prefixed("video", cards.CARD)
        rows_ = rows.values("id", "position", "fraction", "watched_at", *columns)
        return paged(request, rows_, self._shown, ("-watched_at", "-id"))

    def _shown(self, rows: list[cards.Row]) -> list[dict[str, Any]]:
        return [
            {
                "video": cards.video(cards.within(row, "video", cards.CARD)),
                "position": cards.seconds(row["position"]),
                "fraction": row["fraction"],
                "watched_at": row["watched_at"],
            }
            for row in rows
        ]

    @extend_schema(operation_id="clear_history", tags=["videos"], responses={204: None, **problems(410)})
    @whole(Watcher)
    def delete(self, request: Request) -> Response:
        """Forget all of it; what waits to be written is left out."""
        user = writer(request).pk
        Watcher.objects.update_or_create(pk=user, defaults={"cleared_at": now()})
        WatchHistory.objects.filter(user=user).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class HistoryOfVideo(APIView):
    @extend_schema(operation_id="forget_video", tags=["videos"], responses={204: None, **problems(410)})
    @whole(Watcher)
    def delete(self, request: Request, video: uuid.UUID) -> Response:
        """Take one video out of the history; one that is not in it is no error. What waits is left out."""
        user = writer(request).pk
        found = Video.objects.filter(public_id=video).values_list("pk", flat=True).first()
        if found is not None:
            watcher, _ = Watcher.objects.select_for_update().get_or_create(pk=user)
            watcher.take_out(found, now())
            watcher.save(update_fields=["taken_out"])
            WatchHistory.objects.filter(user=user, video=found).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class HistoryPause(APIView):
    @extend_schema(operation_id="get_history_pause", tags=["videos"], responses={200: forms.HistoryPause})
    def get(self, request: Request) -> Response:
        """Whether the history is paused."""
        return Response({"is_paused": Watcher.objects.filter(pk=user_of(request), is_paused=True).exists()})

    @extend_schema(operation_id="pause_history", tags=["videos"], request=forms.HistoryPause,
                   responses={200: forms.HistoryPause, **problems(410)})  # fmt: skip
    @whole(Watcher)
    def put(self, request: Request) -> Response:
        """Pause the history, or go on with it."""
        data = read(forms.HistoryPause, request)
        Watcher.objects.update_or_create(pk=writer(request).pk, defaults=data)
        return Response(data)
