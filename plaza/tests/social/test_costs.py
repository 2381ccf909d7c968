"""How many queries a read makes: few, and as many for a long page as for a short one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from plaza.api.health import used_aliases
from plaza.social.models import Follow, Image, Notification, Post, PostStats
from plaza.tests.conftest import Client
from plaza.tests.social.conftest import make, path, person, published, told_story

MOST = 8
DETAIL, FEED = 3, 6  # of a post, and of the home feed


def asked(client: Client, where: str) -> tuple[int, int]:
    """How many queries in all databases a GET made, and how many rows it answered."""
    with ExitStack() as stack:
        counted = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in used_aliases()]
        answer = client.get(where)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    return sum(len(one) for one in counted), len(found["results"]) if "results" in found else 1


@pytest.fixture
def busy(ann: Client, ben: Client) -> Client:
    """Ann follows twelve who posted twice, liked and commented on hers, and have stories."""
    me = person("ann").pk
    post = published(ann, "#tag", location=place(ann))
    story = told_story(ann)
    for number in range(12):
        client = make(f"author{number}")
        author = person(f"author{number}").pk
        Follow.objects.create(follower_id=me, followed_id=author)
        Follow.objects.create(follower_id=author, followed_id=me)
        for _ in range(2):
            his = Post.objects.create(author_id=author, body="#tag", location_id=int(post["location"]["id"]))
            PostStats.objects.create(post=his)
            Image.objects.create(post=his, owner_id=author, file="images/x.jpg", width=1, height=1, size_bytes=1)
            his.tags.set(Post.objects.get(pk=int(post["id"])).tags.all())
        client.put(f"/api/posts/{post['id']}/like")
        client.post(f"/api/posts/{post['id']}/comments", {"body": "x"})
        client.post(f"/api/stories/{story['id']}/seen")
        Notification.objects.create(user_id=me, key=f"x{number}", kind="follow", actor_id=author)
    return ann


def place(client: Client) -> str:
    wanted = {"provider": "osm", "external_id": "1", "name": "there", "latitude": 1, "longitude": 2}
    return str(client.post("/api/locations", wanted).json()["id"])


def lists(client: Client) -> list[str]:
    post, comment = Post.objects.order_by("pk")[0], Post.objects.order_by("pk")[0].comments.order_by("pk")[0]
    return [
        "/api/feed/home", "/api/feed/explore", "/api/tags/tag", f"/api/locations/{post.location_id}/posts",
        path("ann", "/posts"), path("ann", "/followers"), path("ann", "/following"), path("ann", "/stories"),
        f"/api/posts/{post.pk}/likes", f"/api/posts/{post.pk}/comments", f"/api/comments/{comment.pk}/replies",
        "/api/notifications", "/api/me/follow-requests", "/api/me/blocks", "/api/me/archived-posts",
        "/api/profiles?q=author", "/api/locations?q=the",
    ]  # fmt: skip


def test_a_list_makes_few_queries_and_as_many_for_a_long_page(busy: Client) -> None:
    for where in lists(busy):
        more = f"{where}{'&' if '?' in where else '?'}limit="
        short, _ = asked(busy, f"{more}2")
        long, rows = asked(busy, f"{more}12")
        assert long <= max(short, FEED if "home" in where else short) <= MOST, (where, short, long, rows)


def test_one_thing_makes_few_queries(busy: Client, told: Callable[[str], Client]) -> None:
    post, story = Post.objects.order_by("pk")[0], busy.get(path("ann", "/stories")).json()["results"][0]
    others = ",".join(str(person(f"author{n}").public_id) for n in range(12))
    for where in (f"/api/posts/{post.pk}", f"/api/stories/{story['id']}", "/api/profiles/author1", "/api/stories/tray",
                  f"/api/relationships?ids={others}"):  # fmt: skip
        queries, _ = asked(busy, where) if "tray" not in where and "ids" not in where else plain(busy, where)
        assert queries <= MOST, where
    assert asked(busy, f"/api/posts/{post.pk}")[0] <= DETAIL
    assert asked(busy, "/api/feed/home")[0] <= FEED


def plain(client: Client, where: str) -> tuple[int, int]:
    with ExitStack() as stack:
        counted = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in used_aliases()]
        found = client.get(where).json()
    return sum(len(one) for one in counted), len(found)
