"""Videos with a password: others need it, or a token that was got with it, wherever the video is shown or played."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connections, router
from django.test import Client as DjangoClient
from pytest_django import fixtures

from plaza.api import throttles
from plaza.tests.conftest import Client
from plaza.tests.videos.conftest import BYTES, body, number_of
from plaza.tests.videos.test_costs import queries
from plaza.videos.api import passwords
from plaza.videos.models import Comment, Playlist, PlaylistItem, Video, VideosRequest, WatchHistory

Make = Callable[..., Video]
WORD = "open sesame"
GOOD, BAD = {"X-Video-Password": WORD}, {"X-Video-Password": "open barley"}
WANTED, WRONG = "urn:plaza:video_password_required", "urn:plaza:video_password_wrong"


def path(video: Video, more: str = "") -> str:
    return f"/api/videos/{video.public_id}{more}"


@pytest.fixture
def locked(ann: Client, video: Make) -> Video:
    """Ann's, with captions, chapters and a comment."""
    one = video("ann", title="Locked")
    assert ann.put(path(one, "/password"), {"password": WORD}).status_code == 204
    assert ann.patch(path(one), {"privacy": "password"}, headers={"If-Match": "*"}).status_code == 200
    ann.send(path(one, "/captions/en"), b"WEBVTT\n", "text/vtt")
    ann.put(path(one, "/chapters"), {"chapters": [{"title": "x", "start": 0}]})
    Comment.objects.create(video=one, author_id=number_of("ann"), body="x", is_approved=True)
    one.refresh_from_db()
    return one


BEAT, SAID = {"session_id": "0" * 32, "position": 1}, {"body": "x"}
READ = {"": "GET", "/file": "GET", "/captions": "GET", "/captions/en": "GET", "/chapters": "GET", "/comments": "GET",
        "/comments/{}/replies": "GET", "/views": "POST", "/token": "POST"}  # fmt: skip
"""Everything that shows something of a video, or takes something for it: for everybody."""
WRITTEN: list[tuple[str, str, Any]] = [
    ("PUT", "/rating", {"rating": "like"}), ("POST", "/comments", SAID), ("POST", "/comments/{}/replies", SAID),
]  # fmt: skip
ALL = [(method, more, BEAT if more == "/views" else None) for more, method in READ.items()] + WRITTEN


def ask(client: Client, one: Video, asked: tuple[str, str, Any], query: str = "", **more: Any) -> Any:
    """A stream is read to its end, which closes its file."""
    method, where, said = asked
    act = getattr(client, method.lower())
    to = path(one, where.format(Comment.objects.earliest("pk").pk) + query)
    answer = act(to, **more) if method == "GET" else act(to, said, **more)
    if answer.streaming:
        body(answer)
    return answer


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"]


def test_without_the_password_nothing_of_a_video_is_shown_and_with_it_all(
    locked: Video, ann: Client, ben: Client, anybody: Client
) -> None:
    for asked in ALL:
        for client in (ben, anybody):
            if client is anybody and asked in WRITTEN:
                assert ask(client, locked, asked).status_code == 401
                continue
            assert refused(ask(client, locked, asked)) == (403, WANTED), asked
            assert refused(ask(client, locked, asked, headers=BAD)) == (403, WRONG), asked
            assert ask(client, locked, asked, headers=GOOD).status_code in (200, 201, 202), asked
        assert ask(ann, locked, asked).status_code in (200, 201, 202), f"{asked}: it is her own"
    assert ben.get(path(locked), headers=GOOD).json()["privacy"] == "password"
    assert "pass" not in ann.get(path(locked)).content.decode().replace('"privacy":"password"', "")


def test_what_is_changed_by_its_owner_is_not_changed_by_who_has_the_password(locked: Video, ben: Client) -> None:
    for answer in (
        ben.patch(path(locked), {"title": "x"}, headers={"If-Match": "*", **GOOD}),
        ben.delete(path(locked), headers=GOOD),
        ben.put(path(locked, "/password"), {"password": "mine, mine"}, headers=GOOD),
        ben.put(path(locked, "/chapters"), {"chapters": []}, headers=GOOD),
        ben.delete(path(locked, "/captions/en"), headers=GOOD),
    ):
        assert answer.status_code in (403, 404)
    root = Comment.objects.get().pk
    assert ben.delete(path(locked, f"/comments/{root}")).json()["type"] == WANTED
    assert ben.delete(path(locked, f"/comments/{root}"), headers=GOOD).json()["type"] == "urn:plaza:permission_denied"
    assert ben.get(path(locked, "/comments?waiting=1"), headers=GOOD).status_code == 403


def test_a_token_that_was_got_with_the_password_stands_for_it_until_that_is_another(
    locked: Video, ann: Client, ben: Client, anybody: Client, video: Make
) -> None:
    for client in (ben, anybody):
        made = client.post(path(locked, "/token"), headers=GOOD).json()
        query = f"?token={made['token']}"
        for asked in ALL:
            if client is ben or asked not in WRITTEN:
                assert ask(client, locked, asked, query).status_code in (200, 201, 202), asked
        assert body(anybody.get(made["url"], headers={"Range": "bytes=0-3"})) == BYTES[:4], "a player has nothing else"
        assert ann.get(path(video("ann"), f"/file{query}")).status_code == 404, "it is another video's"
    assert ann.put(path(locked, "/password"), {"password": "another one"}).status_code == 204
    assert refused(anybody.get(made["url"])) == (403, WANTED)
    assert refused(ben.get(path(locked), headers=GOOD)) == (403, WRONG)
    assert ben.get(path(locked), headers={"X-Video-Password": "another one"}).status_code == 200


def test_a_token_of_a_time_without_password_does_not_open_a_video_that_has_one_now(
    ann: Client, ben: Client, anybody: Client, video: Make
) -> None:
    one = video("ann")
    url = ben.post(path(one, "/token")).json()["url"]
    hers = ann.post(path(one, "/token")).json()["url"]
    ann.put(path(one, "/password"), {"password": WORD})
    assert body(anybody.get(url)) == BYTES, "a password alone locks nothing"
    ann.patch(path(one), {"privacy": "password"}, headers={"If-Match": "*"})
    assert refused(anybody.get(url)) == (403, WANTED)
    assert body(anybody.get(hers)) == BYTES, "it is as good as she is, in a player"
    assert refused(anybody.get(path(one, "/comments" + hers[hers.index("?") :]))) == (403, WANTED), "and only there"


def test_no_list_shows_it_to_others(locked: Video, ann: Client, ben: Client, anybody: Client) -> None:
    me = number_of("ben")
    playlist = Playlist.objects.create(owner_id=number_of("ann"), title="x", privacy="public")
    PlaylistItem.objects.create(playlist=playlist, video=locked, position=1)
    ben.put(f"/api/channels/{locked.channel.handle}/subscription")
    ben.post(path(locked, "/views"), {"session_id": "0" * 32, "position": 1}, headers=GOOD)
    assert WatchHistory.objects.filter(user_id=me).exists()
    lists = ("/api/videos", "/api/videos/search?q=locked", f"/api/channels/{locked.channel.handle}/videos",
             "/api/me/subscriptions/videos", "/api/me/history",
             f"/api/playlists/{playlist.public_id}/items")  # fmt: skip
    for each in lists:
        assert ben.get(each, headers=GOOD).json()["results"] == [], each
    assert ben.get(f"/api/playlists/{playlist.public_id}").json()["items"] == 0
    assert anybody.get(f"/api/channels/{locked.channel.handle}").json()["videos"] == 0
    mine = ben.post("/api/playlists", {"title": "x"}).json()["id"]
    added = ben.post(f"/api/playlists/{mine}/items", {"video": str(locked.public_id)}, headers=GOOD)
    assert added.status_code == 404
    assert [one["id"] for one in ann.get("/api/me/videos").json()["results"]] == [str(locked.public_id)]


@pytest.mark.parametrize(
    "password", ["short", "x" * 101, " spaces outside ", "비밀번호예요", "tab\tin it", "a line\n", "", None]
)
def test_a_password_that_cannot_be_sent_in_a_header_is_refused(ann: Client, video: Make, password: Any) -> None:
    one = video("ann")
    answer = ann.put(path(one, "/password"), {"password": password})
    assert (answer.status_code, [each["name"] for each in answer.json()["invalid-params"]]) == (400, ["password"])
    assert Video.objects.get().password is None


def test_a_video_without_a_password_cannot_be_made_to_need_one(ann: Client, video: Make) -> None:
    one = video("ann")
    said = ann.patch(path(one), {"privacy": "password"}, headers={"If-Match": "*"})
    assert (said.status_code, said.json()["invalid-params"][0]["name"]) == (400, "privacy")
    wanted = {"channel": one.channel.handle, "title": "x", "privacy": "password"}
    upload = {**wanted, "name": "x.mp4", "size": 9, "type": "video/mp4"}
    for answer in (
        ann.post("/api/videos", wanted), ann.post("/api/videos/uploads", upload),
        ann.post("/api/playlists", {"title": "x", "privacy": "password"}),
    ):  # fmt: skip
        assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, "privacy")
    Video.objects.update(privacy="password")  # as the admin can
    assert ann.get(path(one)).status_code == 200


def test_a_locked_video_that_has_no_password_is_opened_by_none(ben: Client, ann: Client, video: Make) -> None:
    one = video("ann", privacy="password")
    assert refused(ben.get(path(one))) == (403, WANTED)
    for word in ("", "!", "None", "null"):
        assert ben.get(path(one), headers={"X-Video-Password": word}).status_code == 403


def test_it_is_hashed_once_and_not_for_each_range(
    locked: Video, anybody: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def check(said: str, encoded: str) -> bool:
        hashed.append(said)
        return check_password(said, encoded)

    monkeypatch.setattr(passwords, "check_password", check)
    for first in range(5):
        answer = anybody.get(path(locked, "/file"), headers={"Range": f"bytes={first}-9", **GOOD})
        assert body(answer) == BYTES[first:10]
    assert hashed == [WORD]
    url = anybody.post(path(locked, "/token"), headers=GOOD).json()["url"]
    cache.clear()
    assert body(anybody.get(url)) == BYTES
    assert hashed == [WORD], "a token needs none"
    assert anybody.get(path(locked), headers=BAD).status_code == 403
    assert anybody.get(path(locked), headers=BAD).status_code == 403
    assert hashed == [WORD, BAD["X-Video-Password"], BAD["X-Video-Password"]]


def test_it_is_hashed_while_no_transaction_is_open(locked: Video, ben: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    depth: list[int] = []
    connection = connections[router.db_for_write(Video)]

    def check(said: str, encoded: str) -> bool:
        depth.append(len(connection.savepoint_ids))
        return check_password(said, encoded)

    monkeypatch.setattr(passwords, "check_password", check)
    outside = len(connection.savepoint_ids)
    for asked in WRITTEN:
        cache.clear()
        depth.clear()
        assert ask(ben, locked, asked, headers=GOOD).status_code in (200, 201), asked
        assert depth == [outside], asked


def test_tries_are_limited_for_each_user_and_video_and_what_is_known_is_none(
    locked: Video, ann: Client, ben: Client, anybody: Client, video: Make, settings: fixtures.Settings
) -> None:
    other = video("ann", privacy="password", password=locked.password)
    settings.PLAZA_LIMITS = {"video_password": "3/5 minutes"}
    throttles.limit_of.cache_clear()
    for _ in range(5):
        assert ben.get(path(locked), headers=GOOD).status_code == 200
    assert [ben.get(path(locked, "/file"), headers=BAD).status_code for _ in range(4)] == [403, 403, 429, 429]
    late = ben.post(path(locked, "/comments"), {"body": "x"}, headers=BAD)
    assert (late.status_code, late["RateLimit-Policy"], int(late["Retry-After"]) > 0) == (
        429, '"video_password";q=3;w=300', True,
    )  # fmt: skip
    assert ben.get(path(locked)).json()["type"] == WANTED
    assert ben.get(path(locked), headers=GOOD).status_code == 200, "who has shown it before goes on"
    assert ben.get(path(other), headers=GOOD).status_code == 200, "another video"
    assert anybody.get(path(locked), headers=GOOD).status_code == 200, "another viewer"
    assert ann.get(path(locked), headers=BAD).status_code == 200


def test_it_costs_no_query_more(locked: Video, ben: Client) -> None:
    for more, amount in (("", 2), ("/captions", 1), ("/captions/en", 1), ("/chapters", 1), ("/comments", 4)):
        with queries() as found:
            assert ben.get(path(locked, more), headers=GOOD).status_code == 200
        assert sum(len(one) for one in found) == amount, more


def test_neither_it_nor_its_hash_is_kept_or_shown_elsewhere(locked: Video, ann: Client, ben: Client) -> None:
    assert locked.password
    assert WORD not in locked.password
    ben.post(path(locked, "/comments"), {"body": "x"}, headers=GOOD)
    kept = str(list(VideosRequest.objects.values()))
    assert WORD not in kept
    boss = DjangoClient()
    boss.force_login(User.objects.create_superuser("boss", "", "secret"))
    page = boss.get(f"/admin/videos/video/{locked.pk}/change/").content.decode()
    assert locked.password not in page
    assert 'name="password"' not in page
