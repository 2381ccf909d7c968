"""What views share: reading what was sent, and the class of those that are for everybody."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import AllowAny
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


class Open(APIView):
    """For everybody; a token that is sent along is not looked at."""

    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []

    def get_authenticate_header(self, request: Request) -> str:
        return "Bearer"
