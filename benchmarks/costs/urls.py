"""plaza's addresses, and the floor: a bare Django view with one indexed query."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.urls import path

from plaza.social.models import Post
from plaza.urls import handler404, handler500
from plaza.urls import urlpatterns as plazas

__all__ = ["handler404", "handler500", "urlpatterns"]


def floor(request: HttpRequest, pk: int) -> JsonResponse:
    return JsonResponse(Post.objects.filter(pk=pk).values("id", "author_id", "body", "created_at")[0])


urlpatterns = [path("floor/<int:pk>", floor), *plazas]
