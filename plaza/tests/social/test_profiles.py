"""Profiles, who follows whom, private ones, and blocking."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from plaza.social import counters, following
from plaza.social.models import Block, Follow, FollowRequest, Person, ProfileStats, SocialMessage
from plaza.tests.conftest import Client
from plaza.tests.social.conftest import drain, follow, make, path, person, published, set_private, stats


def test_a_profile_is_found_by_its_nickname_and_by_the_beginning_of_a_name(ann: Client, ben: Client) -> None:
    found = ann.get("/api/profiles/BEN")
    assert found.status_code == 200
    assert found.json() == {
        "id": str(person("ben").public_id), "nickname": "ben", "name": "ben", "image": None, "is_private": False,
        "posts": 0, "followers": 0, "following": 0,
        "relationship": {"id": str(person("ben").public_id), "following": False, "requested": False,
                         "followed_by": False, "blocking": False},
    }  # fmt: skip
    assert ann.get("/api/profiles/ann").json()["relationship"] is None
    assert ann.get("/api/profiles/BEN", headers={"If-None-Match": found["ETag"]}).status_code == 304
    assert [one["nickname"] for one in ann.get("/api/profiles?q=@be").json()["results"]] == ["ben"]
    assert ann.get("/api/profiles?q=x").json()["results"] == []


@pytest.mark.parametrize("query", ["", "?q=", "?q=" + "x" * 41, "?q=%00", "?q=b&limit=0", "?q=b&cursor=nonsense"])
def test_a_search_that_cannot_be_made_is_refused(ann: Client, query: str) -> None:
    assert ann.get(f"/api/profiles{query}").status_code == 400


@pytest.mark.parametrize("name", ["nobody", "a%00b", "x" * 200, "%F0%9F%98%80"])
def test_a_nickname_that_nobody_has_is_not_found(ann: Client, name: str) -> None:
    assert ann.get(f"/api/profiles/{name}").status_code == 404


@pytest.mark.parametrize(("status", "answered"), [("deleted", 410), ("suspended", 410)])
def test_whoever_is_gone_is_said_to_be_gone(ann: Client, ben: Client, status: str, answered: int) -> None:
    Person.objects.filter(nickname="ben").update(status=status)
    assert ann.get("/api/profiles/ben").status_code == answered
    assert ann.post(path("ben", "/follow")).status_code == answered
    assert ann.get("/api/profiles?q=ben").json()["results"] == []


def test_following_is_counted_at_both_ends_and_doing_it_again_changes_nothing(ann: Client, ben: Client) -> None:
    for _ in range(2):
        follow(ann, "ben")
    assert (stats("ann").following, stats("ben").followers) == (1, 1)
    assert [one["nickname"] for one in ann.get(path("ben", "/followers")).json()["results"]] == ["ann"]
    assert [one["nickname"] for one in ben.get(path("ann", "/following")).json()["results"]] == ["ben"]
    for _ in range(2):
        answer = ann.delete(path("ben", "/follow"))
        assert (answer.status_code, answer.json()["following"]) == (200, False)
    assert (stats("ann").following, stats("ben").followers) == (0, 0)
    assert ann.post(path("ann", "/follow")).status_code == 422
    assert ann.post(f"/api/profiles/{uuid.uuid4()}/follow").status_code == 404


def test_relationships_to_many_are_one_answer(ann: Client, ben: Client, cid: Client) -> None:
    follow(ann, "ben")
    follow(cid, "ann")
    ids = ",".join(str(person(name).public_id) for name in ("ben", "cid"))
    said = {one["id"]: one for one in ann.get(f"/api/relationships?ids={ids},{uuid.uuid4()}").json()}
    assert {key: (one["following"], one["followed_by"]) for key, one in said.items()} == {
        str(person("ben").public_id): (True, False), str(person("cid").public_id): (False, True),
    }  # fmt: skip
    for bad in ("", "?ids=", "?ids=1", "?ids=" + ",".join([str(uuid.uuid4())] * 101)):
        assert ann.get(f"/api/relationships{bad}").status_code == 400


def test_a_private_profile_is_asked_and_decides(ann: Client, ben: Client, cid: Client) -> None:
    set_private(ben)
    for client in (ann, ann, cid):
        answer = client.post(path("ben", "/follow")).json()
        assert (answer["following"], answer["requested"]) == (False, True)
    assert ann.get(path("ben", "/posts")).status_code == 403
    asked = ben.get("/api/me/follow-requests").json()["results"]
    assert [one["sender"]["nickname"] for one in asked] == ["cid", "ann"]
    assert ann.post(f"/api/me/follow-requests/{asked[0]['id']}/accept").status_code == 404
    assert ben.post(f"/api/me/follow-requests/{asked[0]['id']}/reject").status_code == 204
    assert ben.post(f"/api/me/follow-requests/{asked[1]['id']}/accept").status_code == 204
    assert ben.post(f"/api/me/follow-requests/{asked[1]['id']}/accept").status_code == 404
    assert not FollowRequest.objects.exists()
    assert [row.follower_id for row in Follow.objects.all()] == [person("ann").pk]
    assert (stats("ann").following, stats("ben").followers) == (1, 1)
    assert (ann.get(path("ben", "/posts")).status_code, cid.get(path("ben", "/posts")).status_code) == (200, 403)


def test_a_request_can_be_taken_back(ann: Client, ben: Client) -> None:
    set_private(ben)
    ann.post(path("ben", "/follow"))
    assert ann.delete(path("ben", "/follow")).json()["requested"] is False
    assert not FollowRequest.objects.exists()
    assert ben.get("/api/notifications").json()["results"] == []


def test_a_profile_that_is_not_private_any_more_is_followed_by_whoever_asked(
    ann: Client, ben: Client, cid: Client
) -> None:
    set_private(ben)
    for client in (ann, cid):
        client.post(path("ben", "/follow"))
    set_private(ben, False)
    assert not FollowRequest.objects.exists()
    assert (stats("ben").followers, stats("ann").following, stats("cid").following) == (2, 1, 1)


def test_a_follower_can_be_removed_and_is_not_told(ann: Client, ben: Client) -> None:
    follow(ann, "ben")
    assert ben.delete(f"/api/me/followers/{person('ann').public_id}").status_code == 204
    assert (stats("ben").followers, stats("ann").following) == (0, 0)
    assert ann.get("/api/notifications").json()["results"] == []


def test_nobody_follows_more_than_the_cap(ann: Client, ben: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "CAP", 1)
    follow(ann, "ben")
    follow(ann, "ben")
    make("dan")
    assert ann.post(path("dan", "/follow")).status_code == 422


def test_blocking_ends_every_tie_and_neither_sees_the_other(ann: Client, ben: Client, cid: Client) -> None:
    follow(ann, "ben")
    follow(ben, "ann")
    post = published(ben, "hello @ann")
    for client in (ann, cid):
        client.post(f"/api/posts/{post['id']}/comments", {"body": "hi"})
    for _ in range(2):
        assert ben.put(path("ann", "/block")).status_code == 204
    assert not Follow.objects.exists()
    assert {(row.posts, row.followers, row.following) for row in ProfileStats.objects.exclude(pk=person("ben").pk)} == {
        (0, 0, 0)
    }
    assert ann.get("/api/profiles/ben").status_code == 404
    assert ann.get(f"/api/posts/{post['id']}").status_code == 404
    assert ann.post(path("ben", "/follow")).status_code == 404
    assert ben.post(path("ann", "/follow")).status_code == 409
    assert ben.get("/api/profiles/ann").json()["relationship"]["blocking"] is True
    said = ben.get(f"/api/posts/{post['id']}/comments").json()["results"]
    assert [one["author"]["nickname"] for one in said] == ["cid"]
    assert [one["nickname"] for one in ben.get("/api/me/blocks").json()["results"]] == ["ann"]
    assert ben.get("/api/profiles?q=ann").json()["results"] == []
    for _ in range(2):
        assert ben.delete(path("ann", "/block")).status_code == 204
    follow(ann, "ben")
    assert ann.put(path("ann", "/block")).status_code == 422


def test_the_other_databases_are_told_of_a_block_once(
    ann: Client, ben: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plaza.api import outbox

    said: list[dict[str, object]] = []
    monkeypatch.setitem(outbox._handlers, "social.blocked", {"videos": lambda payload: said.append(dict(payload))})
    for act in (ann.put, ann.put, ann.delete, ann.delete):
        act(path("ben", "/block"))
    assert SocialMessage.objects.count() == 2
    drain()
    known = {"blocker": person("ann").pk, "blocked": person("ben").pk}
    first, then = (one.pop("version") for one in said)
    assert first < then  # type: ignore[operator]
    assert said == [{**known, "is_blocked": True}, {**known, "is_blocked": False}]


def test_a_blocked_follower_who_was_asked_for_is_gone(ann: Client, ben: Client) -> None:
    set_private(ben)
    ann.post(path("ben", "/follow"))
    ben.put(path("ann", "/block"))
    assert not FollowRequest.objects.exists()
    assert Block.objects.count() == 1


def test_whoever_is_not_told_of_yet_writes_by_his_token(registered: Callable[..., Client]) -> None:
    ann, ben = registered("ann"), registered("ben")
    for client in (ann, ben):
        client.get("/api/feed/home")
    assert not Person.objects.exists()
    published(ann)
    assert ben.post(path("ann", "/follow")).json()["requested"] is True
    assert ben.get("/api/feed/home").json()["results"] == []
    drain()
    assert Person.objects.filter(told_at=None).count() == 0
    assert len(ben.get("/api/feed/home").json()["results"]) == 1, "she is public, and he had asked"


def test_a_private_profile_that_writes_before_it_is_told_of_is_public_to_nobody(ann: Client, ben: Client) -> None:
    Person.objects.all().delete()
    assert ann.patch("/api/me", {"is_private": True}, headers={"If-Match": "*"}).status_code == 200
    post = published(ann)
    assert ben.get(f"/api/posts/{post['id']}").status_code == 404
    assert ben.post(path("ann", "/follow")).json()["following"] is False
    assert not Follow.objects.exists()
    drain()
    assert ben.get(f"/api/posts/{post['id']}").status_code == 404
    assert FollowRequest.objects.count() == 1


def test_counters_that_are_wrong_are_put_right(ann: Client, ben: Client) -> None:
    follow(ann, "ben")
    published(ben)
    assert counters.recount() == 0
    ProfileStats.objects.filter(pk=person("ben").pk).update(followers=7, posts=0)
    ProfileStats.objects.filter(pk=person("ann").pk).delete()
    assert counters.recount() == 2
    assert (stats("ann").following, stats("ben").followers, stats("ben").posts) == (1, 1, 1)


@pytest.mark.parametrize("name", ["ánn", "ann ", "ann\u200b", "ａｎｎ"])
def test_a_name_that_only_looks_alike_is_nobodys(ann: Client, ben: Client, name: str) -> None:
    assert ben.get(f"/api/profiles/{name}").status_code == 404
