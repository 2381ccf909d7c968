"""Whatever is somebody's own is tried by another user and by nobody: neither gets it, and nothing of it changes."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import resolve

from plaza.social.api.urls import urlpatterns
from plaza.social.models import Comment, Image, Liking, Post, Story, Upload, ViewingStory
from plaza.tests.conftest import Client
from plaza.tests.social.private import OWN, PRIVATE, Make

REFUSED = {400, 401, 403, 404}  # 400: to a new post, another's media are no media
OTHERS = {
    # what is for everybody who is logged in, or changes what is one's own
    "profiles/<str:nickname>", "profiles/<uuid:profile>/follow", "profiles/<uuid:profile>/block",
    "relationships", "me/followers/<uuid:profile>", "uploads", "locations/<str:location>",
    "locations/<str:location>/posts",
}  # fmt: skip


def state() -> list[Any]:
    rows = [Post.objects.values_list("pk", "body", "is_archived"), Comment.objects.values_list("pk", "is_removed"),
            Upload.objects.values_list("pk", "state", "raw"), Image.objects.values_list("pk", "post_id")]  # fmt: skip
    kept = [list(found.order_by("pk")) for found in rows]
    return [*kept, *(model.objects.count() for model in (Liking, Story, ViewingStory))]


def send(client: Client, method: str, where: str, body: Any) -> Any:
    if where.endswith("/content"):
        return client.generic(method, where, b"other bytes", content_type="application/octet-stream")
    more = {"headers": {"If-Match": "*"}} if method == "PATCH" else {}
    return getattr(client, method.lower())(where, body, **more)


@pytest.mark.parametrize("who", ["another user", "nobody"])
@pytest.mark.parametrize(("what", "make"), PRIVATE, ids=[what for what, _ in PRIVATE])
def test_others_have_no_part_in_it(ann: Client, ben: Client, anybody: Client, what: str, make: Make, who: str) -> None:
    method, where, body = make(ann)
    before = state()
    answer = send(ben if who == "another user" else anybody, method, where, body)
    assert answer.status_code in REFUSED, answer.content
    assert answer.status_code == 401 or who == "another user"
    assert answer["Content-Type"] == "application/problem+json"
    assert state() == before


@pytest.mark.parametrize("where", OWN)
def test_nobody_reads_without_a_token(anybody: Client, where: str) -> None:
    assert anybody.get(where).status_code == 401


def test_every_address_is_tried_or_for_everybody(
    ann: Client,
) -> None:
    tried = {resolve(make(ann)[1]).route for what, make in PRIVATE if "request" not in what}
    tried |= {resolve(where.partition("?")[0]).route for where in OWN}
    tried |= {f"api/me/follow-requests/<str:asked>/{act}" for act in ("accept", "reject")}
    assert {f"api/{found.pattern}" for found in urlpatterns} - tried == {f"api/{route}" for route in OTHERS}
