"""What views share: reading what was sent, who asks, and the classes of those that are for everybody."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS, AllowAny, IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.views import APIView

from plaza.api import once

ONCE = OpenApiParameter(once.HEADER, str, OpenApiParameter.HEADER, required=True, description="a retry is done once")
IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, required=True, description="the ETag as read")


def read(form: type[Any], request: Request, **more: Any) -> Any:
    """What was sent, as the form understands it; what it refuses is a 400 with the fields at fault."""
    found = form(data=request.data, **more)
    found.is_valid(raise_exception=True)
    return found.validated_data


def user_of(request: Request) -> int:
    """The number of the user who asks, in a view that is for users."""
    return int(request.user.pk)


def viewer(request: Request) -> int | None:
    """The same in a view that is for everybody: None for nobody."""
    return user_of(request) if request.user and request.user.pk else None


class Open(APIView):
    """For everybody; a token that is sent along is not looked at."""

    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []

    def get_authenticate_header(self, request: Request) -> str:
        return "Bearer"


class Anybody(APIView):
    """Everybody reads; whoever sends a token sees what is his, and may write."""

    permission_classes = [IsAuthenticatedOrReadOnly]


class Shown(APIView):
    """GET and HEAD are for everybody: a token that is sent along is not looked at."""

    def get_permissions(self) -> list[Any]:
        return [] if self._is_read() else super().get_permissions()

    def get_authenticators(self) -> list[Any]:
        return [] if self._is_read() else super().get_authenticators()

    def _is_read(self) -> bool:
        return self.request is not None and self.request.method in SAFE_METHODS
