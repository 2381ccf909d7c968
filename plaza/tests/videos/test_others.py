"""Other people's private things are not there, and what is public is not changed by others: every endpoint is tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import resolve

from plaza.tests.conftest import Client
from plaza.tests.videos.private import MINE, PRIVATE
from plaza.videos.api.urls import urlpatterns
from plaza.videos.models import Channel, Comment, Playlist, PlaylistItem, Upload, Video

PUBLIC = {
    "channels POST", "channels/<slug:handle> GET", "channels/<slug:handle>/videos GET", "videos GET",
    "channels/<slug:handle>/subscription PUT", "channels/<slug:handle>/subscription DELETE", "videos/choices GET",
    "videos/search GET", "playlists POST", "me/history DELETE", "me/history/pause PUT",
    "me/history/<uuid:video> DELETE",
}  # fmt: skip
"""What is everybody's, or made anew, or one's own by its address."""


def ask(client: Client, method: str, path: str, body: Any) -> int:
    if path.startswith("/api/videos/uploads/") or path.endswith("/banner"):
        return int(
            client.send(path, b"bytes").status_code if method == "PUT" else client.generic(method, path).status_code
        )
    more = {"headers": {"If-Match": "*"}} if method in ("PATCH", "PUT") else {}
    act = getattr(client, method.lower())
    return int((act(path, body, **more) if body is not None else act(path, **more)).status_code)


def everything() -> list[Any]:
    models = (Channel, Video, Upload, Comment, Playlist, PlaylistItem)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize(("name", "make"), PRIVATE, ids=[name for name, _ in PRIVATE])
def test_what_is_somebodys_is_nobody_elses(
    ann: Client, ben: Client, anybody: Client, name: str, make: Callable[[Client], tuple[str, str, Any]]
) -> None:
    asked = make(ann)
    before = everything()
    assert ask(ben, *asked) in (403, 404)
    assert ask(anybody, *asked) in (401, 404, 403)
    assert everything() == before
    assert ask(ann, *asked) not in (401, 403), "it is hers"


@pytest.mark.parametrize("path", MINE)
def test_what_is_about_oneself_is_read_with_a_token_alone(ann: Client, anybody: Client, path: str) -> None:
    assert (anybody.get(f"/api/{path}").status_code, ann.get(f"/api/{path}").status_code) == (401, 200)


def test_every_endpoint_is_in_the_table_or_named_as_public(registered: Callable[..., Client]) -> None:
    said = {f"{path.partition('?')[0]} GET" for path in MINE} | PUBLIC
    for number, (_, make) in enumerate(PRIVATE):
        method, path, _ = make(registered(f"user{number}"))
        said.add(f"{resolve(path.partition('?')[0]).route.removeprefix('api/')} {method}")
    there = {
        f"{pattern.pattern} {name.upper()}"
        for pattern in urlpatterns
        for name in ("get", "post", "put", "patch", "delete")
        if hasattr(pattern.callback.view_class, name)  # type: ignore[attr-defined]
    }
    assert there == said
