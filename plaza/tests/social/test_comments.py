"""Comments in two levels, and who is told of them."""

from __future__ import annotations

from typing import Any

import pytest

from plaza.social.models import Comment, Notification, PostStats
from plaza.tests.conftest import Client
from plaza.tests.social.conftest import drain, path, person, published, set_private


def said(client: Client, post: dict[str, Any], body: str = "nice", parent: str | None = None) -> dict[str, Any]:
    answer = client.post(f"/api/posts/{post['id']}/comments", {"body": body, "parent": parent})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def listed(client: Client, post: dict[str, Any]) -> list[tuple[str, int]]:
    found = client.get(f"/api/posts/{post['id']}/comments").json()["results"]
    return [(one["body"], one["replies"]) for one in found]


@pytest.fixture
def post(ann: Client) -> dict[str, Any]:
    return published(ann)


def test_comments_and_their_replies_are_read_and_counted(ann: Client, ben: Client, post: dict[str, Any]) -> None:
    first = said(ben, post, "first")
    said(ann, post, "second")
    replies = [said(ann, post, text, first["id"]) for text in ("one", "two")]
    assert listed(ben, post) == [("second", 0), ("first", 2)]
    found = ann.get(f"/api/comments/{first['id']}/replies").json()["results"]
    assert found == replies
    assert (replies[0]["parent"], replies[0]["author"]["nickname"]) == (first["id"], "ann")
    assert ann.get(f"/api/posts/{post['id']}").json()["comments"] == 4


def test_a_reply_belongs_to_a_first_level_comment_of_its_post(ann: Client, ben: Client, post: dict[str, Any]) -> None:
    reply = said(ann, post, "b", said(ben, post, "a")["id"])
    elsewhere = said(ben, published(ann), "c")
    for parent in (reply["id"], elsewhere["id"], "0", "x", "9" * 18):
        answer = ben.post(f"/api/posts/{post['id']}/comments", {"body": "d", "parent": parent})
        assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, "parent")
    assert PostStats.objects.get(pk=int(post["id"])).comments == 2


@pytest.mark.parametrize("body", ["", " ", None, "x" * 2201, "a\0b", " ".join(f"@name{n}" for n in range(21)),
                                  " ".join(f"#t{n}" for n in range(61))])  # fmt: skip
def test_a_comment_that_says_nothing_or_too_much_is_refused(ben: Client, post: dict[str, Any], body: str) -> None:
    answer = ben.post(f"/api/posts/{post['id']}/comments", {"body": body})
    assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, "body")


def test_a_deleted_comment_keeps_its_place_while_somebody_replied(
    ann: Client, ben: Client, cid: Client, post: dict[str, Any]
) -> None:
    root, other = said(ben, post, "root"), said(ben, post, "other")
    reply = said(cid, post, "reply", root["id"])
    for one, client, status in ((root, cid, 403), (root, ben, 204), (root, ben, 204), (other, ann, 204)):
        assert client.delete(f"/api/comments/{one['id']}").status_code == status
    (left,) = ann.get(f"/api/posts/{post['id']}/comments").json()["results"]
    assert (left["body"], left["is_removed"], left["replies"], left["author"]["id"]) == ("", True, 1, None)
    assert ann.get(f"/api/posts/{post['id']}").json()["comments"] == 1
    assert ben.post(f"/api/posts/{post['id']}/comments", {"body": "x", "parent": root["id"]}).status_code == 409
    assert ann.delete(f"/api/comments/{reply['id']}").status_code == 204, "the post is hers"
    assert listed(ann, post) == []
    assert PostStats.objects.get().comments == 0


def test_closed_comments_are_closed_for_everybody_but_the_author(
    ann: Client, ben: Client, post: dict[str, Any]
) -> None:
    where = f"/api/posts/{post['id']}"
    ann.patch(where, {"comments_open": False}, headers={"If-Match": ann.get(where)["ETag"]})
    assert ben.post(f"{where}/comments", {"body": "x"}).status_code == 403
    said(ann, post, "closed")


def test_the_author_is_told_of_comments_once_for_all_and_whoever_is_named_or_replied_to(
    ann: Client, ben: Client, cid: Client, post: dict[str, Any]
) -> None:
    root = said(ben, post, "look @cid and @ann and @nobody")
    said(cid, post, "hm @BEN", root["id"])

    def told(client: Client) -> list[tuple[str, int, str, str]]:
        found = client.get("/api/notifications").json()["results"]
        return [(one["kind"], one["amount"], one["actor"]["nickname"], one["post"]) for one in found]

    assert told(ann) == [("comment", 2, "cid", post["id"])]
    assert told(ben) == [("reply", 1, "cid", post["id"])]
    assert told(cid) == [("mention", 1, "ben", post["id"])]
    for one in Comment.objects.order_by("-pk"):
        ann.delete(f"/api/comments/{one.pk}")
    assert not Notification.objects.exists()


def test_whoever_may_not_see_a_post_is_not_told_that_he_was_named(ann: Client, ben: Client) -> None:
    set_private(ann)
    published(ann, "hello @ben")
    assert not Notification.objects.filter(user_id=person("ben").pk).exists()
    ann.put(f"/api/profiles/{person('ben').public_id}/block")
    assert ben.get("/api/notifications").json()["results"] == []


def test_whom_the_author_of_a_post_blocks_is_not_told_of_it_by_others(ann: Client, ben: Client, cid: Client) -> None:
    post = published(ann)
    assert ann.put(path("ben", "/block")).status_code == 204
    assert cid.post(f"/api/posts/{post['id']}/comments", {"body": "look @ben"}).status_code == 201
    assert ben.get("/api/notifications").json()["results"] == []


def test_what_others_did_as_well_is_still_told_when_the_last_of_them_is_blocked(
    ann: Client, ben: Client, cid: Client, post: dict[str, Any]
) -> None:
    for client in (ben, cid):
        assert client.put(f"/api/posts/{post['id']}/like").status_code == 204
        root = said(client, post, "hm")
    said(cid, post, "of his own", root["id"])
    ann.put(path("cid", "/block"))
    found = ann.get("/api/notifications").json()["results"]
    assert {(one["kind"], one["actor"]["nickname"]) for one in found} == {("like", "ben"), ("comment", "ben")}
    ann.put(path("ben", "/block"))
    assert ann.get("/api/notifications").json()["results"] == []
    assert not Notification.objects.filter(user_id=person("ann").pk).exists()


@pytest.mark.parametrize("leaves", [False, True])
def test_whose_reply_is_the_last_now_is_told_where_another_s_was_deleted(
    ann: Client, ben: Client, cid: Client, post: dict[str, Any], leaves: bool
) -> None:
    root = said(ann, post, "root")
    one, last = (said(client, post, "reply", root["id"]) for client in (ben, cid))
    assert cid.delete("/api/me" if leaves else f"/api/comments/{last['id']}").status_code == 204
    drain()
    (told,) = [one for one in ann.get("/api/notifications").json()["results"] if one["kind"] == "reply"]
    assert (told["amount"], told["actor"]["nickname"], told["comment"]) == (1, "ben", one["id"])


def test_whoever_is_blocked_is_still_told_what_others_did(
    ann: Client, ben: Client, cid: Client, post: dict[str, Any]
) -> None:
    for client in (ben, cid):
        client.put(f"/api/posts/{post['id']}/like")
    assert cid.put(path("ann", "/block")).status_code == 204
    found = ann.get("/api/notifications").json()["results"]
    assert [(one["kind"], one["actor"]["nickname"]) for one in found] == [("like", "ben")]


def test_what_was_replied_to_somebody_whom_one_blocks_is_not_there(
    ann: Client, ben: Client, cid: Client, post: dict[str, Any]
) -> None:
    root = said(ben, post, "root")
    said(ann, post, "reply", root["id"])
    where = f"/api/comments/{root['id']}/replies"
    assert cid.put(path("ben", "/block")).status_code == 204
    assert cid.get(where).status_code == 404
    ben.delete(f"/api/comments/{root['id']}")
    assert len(cid.get(where).json()["results"]) == 1, "its empty place is nobody's"
