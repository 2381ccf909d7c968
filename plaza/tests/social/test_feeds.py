"""The home feed, explore, and what one is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.utils.timezone import now

from plaza.api.places import Place
from plaza.social import feed
from plaza.social.models import Follow, Notification, Person, Post
from plaza.tests.conftest import Client
from plaza.tests.social.conftest import follow, make, person, published, set_private


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["id"] for one in answer.json()["results"]]


def test_home_is_what_oneself_and_those_whom_one_follows_posted(ann: Client, ben: Client, cid: Client) -> None:
    posts = [published(client)["id"] for client in (ben, cid, ann)]
    assert ids(ann.get("/api/feed/home")) == [posts[2]]
    follow(ann, "ben")
    assert ids(ann.get("/api/feed/home")) == [posts[2], posts[0]]
    ben.put(f"/api/posts/{posts[0]}/archive")
    assert ids(ann.get("/api/feed/home")) == [posts[2]]
    ben.delete(f"/api/posts/{posts[0]}/archive")
    Person.objects.filter(nickname="ben").update(status="suspended")
    assert ids(ann.get("/api/feed/home")) == [posts[2]]
    Person.objects.filter(nickname="ben").update(status="valid")
    ann.delete(f"/api/profiles/{person('ben').public_id}/follow")
    assert ids(ann.get("/api/feed/home")) == [posts[2]]


@pytest.mark.parametrize(("authors", "limit"), [(3, 7), (12, 7), (30, 5), (1, 100)])
def test_pages_of_home_are_all_of_it_once_and_in_order(ann: Client, authors: int, limit: int) -> None:
    """Of many authors and few, busy and idle, and at the same moments."""
    chance, me, begun = Random(authors), person("ann").pk, now()
    for number in range(authors):
        make(f"author{number}")
        Follow.objects.create(follower_id=me, followed_id=person(f"author{number}").pk)
    numbers = [*Person.objects.values_list("pk", flat=True)]
    for number in numbers:
        Post.objects.bulk_create([
            Post(author_id=number, created_at=begun - timedelta(seconds=chance.randrange(60)),
                 is_archived=chance.random() < 0.1)
            for _ in range(chance.choice([0, 1, 2, 30]))
        ])  # fmt: skip
    wanted = Post.objects.filter(is_archived=False).order_by("-created_at", "-pk").values_list("pk", flat=True)
    found, where = [], f"/api/feed/home?limit={limit}"
    while where:
        answer = ann.get(where)
        found += ids(answer)
        where = answer.json()["next"]
    assert found == [str(pk) for pk in wanted]


def test_what_is_posted_while_one_reads_is_not_shown_twice(ann: Client, ben: Client) -> None:
    follow(ann, "ben")
    old = [published(ben)["id"] for _ in range(3)]
    first = ann.get("/api/feed/home?limit=2")
    published(ben)
    assert ids(first) + ids(ann.get(first.json()["next"])) == old[::-1]


@pytest.mark.parametrize("cursor", ["x", "eHw=", "MjAyNC0wMS0wMVQwMDowMDowMHwx", "é", "%00", "cD1hYmM="])
def test_a_cursor_that_was_made_up_is_refused(ann: Client, cursor: str) -> None:
    for where in ("feed/home", "feed/explore", "notifications"):
        assert ann.get(f"/api/{where}?cursor={cursor}").status_code == 400


@pytest.mark.parametrize("where", ["feed/explore", "notifications", "me/videos", "restaurants"])
def test_a_cursor_of_another_kind_of_list_does_not_begin_anew(ann: Client, where: str) -> None:
    """Whoever follows it would read the first page for ever."""
    cursor = str(Place(now().replace(microsecond=123_456), 777))
    assert ann.get(f"/api/{where}?cursor={cursor}").status_code == 400
    assert ann.get(f"/api/{where}?cursor=").status_code == 200


def test_explore_is_what_others_posted_for_everybody(ann: Client, ben: Client, cid: Client) -> None:
    posts = [published(client)["id"] for client in (ben, cid, ann)]
    assert ids(ann.get("/api/feed/explore")) == [posts[1], posts[0]]
    set_private(cid)
    assert ids(ann.get("/api/feed/explore")) == [posts[0]]
    assert ids(ann.get("/api/feed/explore?limit=1")) == [posts[0]]


def test_the_bound_of_a_page_reads_no_more_of_busy_authors_than_it_has_places(
    ann: Client, told: Callable[[str], Client], django_assert_max_num_queries: Any
) -> None:
    told("busy")
    Follow.objects.create(follower_id=person("ann").pk, followed_id=person("busy").pk)
    begun = now()
    Post.objects.bulk_create(
        [Post(author_id=person("busy").pk, created_at=begun - timedelta(minutes=n)) for n in range(500)]
    )
    authors, bound = feed._authors(person("ann").pk, None, 21)
    assert sorted(authors) == sorted([person("ann").pk, person("busy").pk])
    assert Post.objects.filter(author_id__in=authors, created_at__gte=bound).count() == 21


def test_what_one_has_read_is_moved_on_by_one_device_at_a_time(ann: Client, ben: Client) -> None:
    post = published(ann)
    ben.put(f"/api/posts/{post['id']}/like")
    (told,) = ann.get("/api/notifications").json()["results"]
    assert told["is_read"] is False
    marker = ann.get("/api/notifications/marker").json()
    assert marker == {"read_until": None, "version": "0"}
    wanted = {"read_until": told["updated_at"], "version": marker["version"]}
    moved = ann.put("/api/notifications/marker", wanted)
    assert (moved.status_code, moved.json()["version"]) == (200, "1")
    assert ann.get("/api/notifications").json()["results"][0]["is_read"] is True
    assert ann.put("/api/notifications/marker", wanted).status_code == 409
    back = {"read_until": "2024-01-01T00:00:00Z", "version": "1"}
    assert ann.put("/api/notifications/marker", back).status_code == 409
    for bad in ({}, {"read_until": "x", "version": "1"}, {"read_until": "0001-01-01T00:00:00Z", "version": "1"},
                {"read_until": told["updated_at"], "version": "-1"}):  # fmt: skip
        assert ann.put("/api/notifications/marker", bad).status_code == 400
    Post.objects.all().delete()
    assert not Notification.objects.exists()


def test_a_new_follower_is_told_of_once_and_forgotten_when_he_leaves(ann: Client, ben: Client) -> None:
    for _ in range(2):
        follow(ben, "ann")
    (told,) = ann.get("/api/notifications").json()["results"]
    assert (told["kind"], told["actor"]["nickname"], told["amount"]) == ("follow", "ben", 1)
    ben.delete(f"/api/profiles/{person('ann').public_id}/follow")
    assert ann.get("/api/notifications").json()["results"] == []
