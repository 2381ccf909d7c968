"""What one is told, and up to where one has read it."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api.pages import PAGE, page_of, paged
from plaza.api.problems import Conflict
from plaza.api.retries import whole
from plaza.api.schema import problems
from plaza.api.views import read, user_of
from plaza.social import seeing
from plaza.social.api import forms, showing
from plaza.social.api.following import writer
from plaza.social.models import Marker

NOTIFICATION = ("id", "kind", "actor_id", "amount", "post_id", "comment_id", "details", "updated_at")


class Notifications(APIView):
    @extend_schema(operation_id="list_notifications", tags=["social"], parameters=PAGE,
                   responses={200: page_of(forms.NotificationAnswer)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """What one is told by all of the service, the latest first; many likes of a post are one, and so is all that
        becomes of a booking."""
        me = user_of(request)
        read_until = Marker.objects.filter(pk=me).values_list("read_until", flat=True).first()
        rows = seeing.notifications(me).values(*NOTIFICATION)
        return paged(request, rows, lambda page: showing.notifications(page, read_until), order=("-updated_at", "-id"))


def shown(marker: Marker) -> dict[str, Any]:
    return {"read_until": marker.read_until, "version": str(marker.version)}


class ReadMarker(APIView):
    @extend_schema(operation_id="get_marker", tags=["social"], responses={200: forms.MarkerAnswer})
    def get(self, request: Request) -> Response:
        """Up to when one has read, and the version that a change of it names."""
        me = user_of(request)
        return Response(shown(Marker.objects.filter(pk=me).first() or Marker(pk=me)))

    @extend_schema(operation_id="set_marker", tags=["social"], request=forms.MarkerChange,
                   responses={200: forms.MarkerAnswer, **problems(409, 410)})  # fmt: skip
    @whole(Marker)
    def put(self, request: Request) -> Response:
        """Move the marker on. 409 where another device has moved it since this version, or where it would go back."""
        data, me = read(forms.MarkerChange, request), writer(request)
        Marker.objects.bulk_create([Marker(pk=me)], ignore_conflicts=True)
        forward = Q(read_until=None) | Q(read_until__lte=data["read_until"])
        rows = Marker.objects.filter(forward, pk=me, version=int(data["version"]))
        if not rows.update(read_until=data["read_until"], version=F("version") + 1):
            raise Conflict("The marker was moved meanwhile, or is further on: read it again.")
        return Response(shown(Marker.objects.get(pk=me)))
