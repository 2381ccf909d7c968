"""Threads of comments, and who may write in them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils.timezone import now

from plaza.api import outbox
from plaza.tests.conftest import Client
from plaza.tests.videos.conftest import number_of
from plaza.videos.models import Comment, Person, Video, VideoStats

Make = Callable[..., Video]


@pytest.fixture
def where(ann: Client, video: Make) -> str:
    """The comments of a video of Ann's."""
    return f"/api/videos/{video('ann').public_id}/comments"


def said(client: Client, where: str, body: str = "Nice!") -> str:
    answer = client.post(where, {"body": body})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def counted(client: Client, where: str) -> int:
    return int(client.get(where.removesuffix("/comments")).json()["comments"])


def bodies(client: Client, path: str) -> list[str]:
    return [one["body"] for one in client.get(path).json()["results"]]


def test_threads_have_replies_and_the_video_counts_all_of_them(
    ann: Client, ben: Client, anybody: Client, where: str
) -> None:
    first, second = said(ben, where, "one"), said(ann, where, "two 🙂")
    for body in ("a", "b"):
        said(ann, f"{where}/{first}/replies", body)
    threads = anybody.get(where).json()["results"]
    assert [(one["id"], one["replies"], one["author"]["nickname"]) for one in threads] == [
        (second, 0, "ann"), (first, 2, "ben"),
    ]  # fmt: skip
    assert bodies(anybody, f"{where}/{first}/replies") == ["a", "b"]
    assert [one["is_mine"] for one in ben.get(where).json()["results"]] == [False, True]
    assert counted(anybody, where) == 4
    reply = ann.get(f"{where}/{first}/replies").json()["results"][0]["id"]
    assert ben.post(f"{where}/{reply}/replies", {"body": "x"}).status_code == 404, "there are two levels"
    assert anybody.post(where, {"body": "x"}).status_code == 401


@pytest.mark.parametrize("body", ["", " ", None, "x" * 10_001, "a\0b", {}])
def test_a_comment_has_words(ben: Client, where: str, body: object) -> None:
    answer = ben.post(where, {"body": body})
    assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, "body")


def test_the_writer_and_the_channels_owner_delete_a_comment_and_nobody_else(
    ann: Client, ben: Client, registered: Callable[..., Client], where: str
) -> None:
    cat = registered("cat")
    mine, hers = said(ben, where), said(cat, where)
    assert cat.delete(f"{where}/{mine}").status_code == 403
    assert ben.delete(f"{where}/{mine}").status_code == 204
    assert ben.delete(f"{where}/{mine}").status_code == 404
    assert ann.delete(f"{where}/{hers}").status_code == 204
    assert counted(ann, where) == 0
    for other in ("0", "9" * 30, "x", "-1"):
        assert ann.delete(f"{where}/{other}").status_code == 404


def test_a_thread_that_is_deleted_stays_as_an_empty_place_while_it_has_replies(
    ann: Client, ben: Client, where: str
) -> None:
    root = said(ben, where)
    replies = [said(ann, f"{where}/{root}/replies", body) for body in ("a", "b")]
    assert ben.delete(f"{where}/{root}").status_code == 204
    assert ben.delete(f"{where}/{root}").status_code == 409
    shown = ann.get(where).json()["results"][0]
    assert (shown["is_removed"], shown["body"], shown["author"]["id"], shown["replies"]) == (True, "", None, 2)
    assert ben.post(f"{where}/{root}/replies", {"body": "x"}).status_code == 409
    assert counted(ann, where) == 2
    for reply in replies:
        assert ann.delete(f"{where}/{reply}").status_code == 204
    assert not Comment.objects.exists()
    assert counted(ann, where) == 0


def test_comments_wait_for_approval_where_the_owner_wishes_so(
    ann: Client, ben: Client, anybody: Client, where: str
) -> None:
    Video.objects.update(comments_are="approved")
    said(ann, where, "the owner's is shown at once")
    waiting = said(ben, where, "waits")
    assert (len(bodies(anybody, where)), len(bodies(ben, where)), counted(ann, where)) == (1, 2, 1)
    assert ben.get(f"{where}?waiting=true").status_code == 403
    assert bodies(ann, f"{where}?waiting=true") == ["waits"]
    assert [ann.get(f"{where}?waiting={said}").status_code for said in ("0", "banana")] == [200, 400]
    assert ben.put(f"{where}/{waiting}/approval").status_code == 403
    assert [ann.put(f"{where}/{waiting}/approval").status_code for _ in range(2)] == [204, 204]
    assert (bodies(anybody, where)[0], counted(ann, where)) == ("waits", 2)
    refused = said(ben, where, "spam")
    assert anybody.delete(f"{where}/{refused}").status_code == 401
    assert ann.delete(f"{where}/{refused}").status_code == 204
    assert counted(ann, where) == 2


def test_where_comments_are_closed_nobody_writes_and_what_is_there_stays(ann: Client, ben: Client, where: str) -> None:
    root = said(ben, where)
    Video.objects.update(comments_are="closed")
    for client in (ann, ben):
        assert client.post(where, {"body": "x"}).status_code == 403
        assert client.post(f"{where}/{root}/replies", {"body": "x"}).status_code == 403
    assert bodies(ann, where) == ["Nice!"]


def test_whom_the_channels_owner_blocks_does_not_comment_and_is_not_read_by_him(
    ann: Client, ben: Client, anybody: Client, where: str
) -> None:
    said(ben, where)
    told = {"blocker": number_of("ann"), "blocked": number_of("ben")}
    block = outbox._handlers["social.blocked"]["videos"]
    for _ in range(2):
        block({**told, "is_blocked": True, "version": 6})
    assert ben.post(where, {"body": "x"}).status_code == 403
    assert (bodies(ann, where), len(bodies(anybody, where))) == ([], 1)
    for told_late in ({"is_blocked": False, "version": 7}, {"is_blocked": True, "version": 6}):
        block({**told, **told_late})
    assert ben.post(where, {"body": "x"}).status_code == 201
    block({**told, "is_blocked": True, "version": 8})
    assert ben.post(where, {"body": "x"}).status_code == 403


def test_what_a_blocked_user_wrote_is_read_by_nobody(ann: Client, ben: Client, anybody: Client, where: str) -> None:
    said(ben, where)
    Person.objects.filter(pk=number_of("ben")).update(status="suspended", told_at=now())
    assert bodies(anybody, where) == []
    assert ben.post(where, {"body": "x"}).status_code == 403


def test_comments_of_a_private_video_are_its_owners(ann: Client, ben: Client, anybody: Client, where: str) -> None:
    root = said(ben, where)
    Video.objects.update(privacy="private")
    for client, path in ((ben, where), (anybody, where), (ben, f"{where}/{root}/replies")):
        assert client.get(path).status_code == 404
    assert ben.post(where, {"body": "x"}).status_code == 404
    assert ann.get(where).status_code == 200


def test_who_may_not_see_a_video_any_more_takes_back_what_he_wrote_there_and_nothing_else(
    ann: Client, ben: Client, where: str
) -> None:
    his, hers = said(ben, where), said(ann, where)
    Video.objects.update(privacy="private")
    assert ben.delete(f"{where}/{hers}").status_code == 404
    for status in (204, 404):
        assert ben.delete(f"{where}/{his}").status_code == status
    assert list(Comment.objects.values_list("pk", flat=True)) == [int(hers)]
    assert VideoStats.objects.get().comments == 1
