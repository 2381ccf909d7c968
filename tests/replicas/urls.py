"""Pages that tell which database answered, and that write in all the ways there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import path

import outgrow
from tests.legacy.shop.models import Category


def where() -> str:
    return Category.objects.get(pk=1).name


def look(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"where": where()})


async def look_later(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"where": (await Category.objects.aget(pk=1)).name})


def write(request: HttpRequest) -> HttpResponse:
    """By `how`: the ORM, raw SQL in autocommit, or a transaction; answers 201 in JSON or a redirect."""
    how = request.GET["how"]
    if how == "orm":
        Group.objects.create(name=uuid4().hex)
    elif how == "raw":
        with connection.cursor() as cursor:
            cursor.execute("UPDATE auth_group SET name = name")
    elif how == "atomic":
        with transaction.atomic():
            Group.objects.create(name=uuid4().hex)
    elif how == "redirect":
        Group.objects.create(name=uuid4().hex)
        return redirect("/look/")
    return JsonResponse({"where": where()}, status=201)


meanwhile: list[Callable[[], None]] = []
"""What `happen` does, and what happens while `write_slowly` is at work."""


def happen(request: HttpRequest) -> HttpResponse:
    for happens in meanwhile:
        happens()
    return HttpResponse(status=204)


def write_slowly(request: HttpRequest) -> JsonResponse:
    """Write, read what was written, and be slow to answer."""
    Group.objects.create(name=uuid4().hex)
    with outgrow.reading():
        found = {"where": where()}
    happen(request)
    return JsonResponse(found, status=201)


async def write_later(request: HttpRequest) -> JsonResponse:
    group: Any = await Group.objects.acreate(name=uuid4().hex)
    return JsonResponse({"where": (await Category.objects.aget(pk=1)).name, "made": group.pk})


@outgrow.primary()
def look_at_the_primary(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"where": where()})


def rename(request: HttpRequest) -> HttpResponse:
    Category.objects.update_or_create(pk=request.POST["pk"], defaults={"name": request.POST["name"]})
    return HttpResponse(status=204)


def name(request: HttpRequest) -> JsonResponse:
    from tests.replicas.load import look as look_at

    found, server = look_at(int(request.GET["pk"]))
    return JsonResponse({"name": found, "where": server})


urlpatterns = [
    path("rename/", rename),
    path("name/", name),
    path("look/", look),
    path("look/later/", look_later),
    path("look/primary/", look_at_the_primary),
    path("write/", write),
    path("write/later/", write_later),
    path("happen/", happen),
    path("write/slowly/", write_slowly),
]
