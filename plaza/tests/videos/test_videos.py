"""Videos: who sees them, what they say, and how their files are played."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils.timezone import now
from pytest_django import fixtures

from plaza.tests.conftest import Client
from plaza.tests.videos.conftest import BYTES, body, drain
from plaza.videos.models import Channel, Video

Make = Callable[..., Video]


def path(video: Video, more: str = "") -> str:
    return f"/api/videos/{video.public_id}{more}"


def test_a_private_video_is_its_owners_alone_and_an_unlisted_one_whosever_has_its_address(
    ann: Client, ben: Client, anybody: Client, video: Make, channel: Callable[..., Channel]
) -> None:
    mine = channel("ann")
    kinds = {privacy: video(mine, privacy=privacy) for privacy in ("public", "unlisted", "private")}
    draft = video(mine, state="draft", published_at=None)
    for client in (ben, anybody):
        assert client.get(path(kinds["public"])).status_code == 200
        assert client.get(path(kinds["unlisted"])).status_code == 200
        assert client.get(path(kinds["private"])).status_code == 404
        assert client.get(path(draft)).status_code == 404
    assert [ann.get(path(one)).status_code for one in (*kinds.values(), draft)] == [200] * 4
    listed = anybody.get("/api/videos").json()["results"]
    assert [one["id"] for one in listed] == [str(kinds["public"].public_id)]


def test_a_video_is_shown_with_its_channel_its_counters_and_ones_own_rating(
    ann: Client, ben: Client, video: Make
) -> None:
    one = video("ann", title="수프 🍲", category="food", language="ko")
    ben.put(path(one, "/rating"), {"rating": "like"})
    ben.put(f"/api/channels/{one.channel.handle}/subscription")
    seen = ben.get(path(one)).json()
    assert (seen["title"], seen["likes"], seen["my_rating"], seen["duration"]) == ("수프 🍲", 1, "like", 60.0)
    assert (seen["channel"]["is_subscribed"], seen["channel"]["subscribers"]) == (True, 1)
    assert "size" not in seen
    assert ann.get(path(one)).json()["size"] == len(BYTES)
    few = ben.get(path(one, "?fields=title,views")).json()
    assert few == {"id": str(one.public_id), "title": "수프 🍲", "views": 0}
    unknown = ben.get(path(one, "?fields=title,nothing"))
    (fault,) = unknown.json()["invalid-params"]
    assert (unknown.status_code, fault["name"], "my_rating" in fault["reason"]) == (400, "fields", True)


def test_its_owner_changes_a_video_from_the_version_that_he_read(ann: Client, ben: Client, video: Make) -> None:
    one = video("ann")
    tag = ann.get(path(one))["ETag"]
    assert ann.get(path(one), headers={"If-None-Match": tag}).status_code == 304
    assert ann.patch(path(one), {"title": "x"}).status_code == 428
    assert ben.patch(path(one), {"title": "x"}, headers={"If-Match": "*"}).status_code == 403
    ben.put(path(one, "/rating"), {"rating": "dislike"})
    assert ann.get(path(one), headers={"If-None-Match": tag}).json()["dislikes"] == 1, (
        "counters are part of what is seen"
    )
    changed = ann.patch(path(one), {"title": "New", "licence": "cc-by"}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["title"], changed.json()["licence"]) == (200, "New", "cc-by")
    assert ann.patch(path(one), {"title": "y"}, headers={"If-Match": tag}).status_code == 412
    assert ann.patch(path(one), {"title": "y"}, headers={"If-Match": changed["ETag"]}).status_code == 200


@pytest.mark.parametrize("change", [{"title": ""}, {"title": "x" * 201}, {"privacy": "secret"}, {"category": "war"},
                                    {"language": "x"}, {"comments_are": "?"}, {"publish_at": "2999-01-01T00:00:00Z"},
                                    {"description": "x" * 5001}])  # fmt: skip
def test_a_change_that_cannot_be_accepted_changes_nothing(ann: Client, video: Make, change: dict[str, str]) -> None:
    one = video("ann")
    answer = ann.patch(path(one), change, headers={"If-Match": "*"})
    assert (answer.status_code, [x["name"] for x in answer.json()["invalid-params"]]) == (400, list(change))
    assert Video.objects.get().version == 1


def test_what_becomes_private_leaves_every_list_and_its_channels_count(
    ann: Client, anybody: Client, video: Make
) -> None:
    one = video("ann")
    channel = f"/api/channels/{one.channel.handle}"
    assert anybody.get(channel).json()["videos"] == 1
    ann.patch(path(one), {"privacy": "private"}, headers={"If-Match": "*"})
    assert anybody.get(channel).json()["videos"] == 0
    assert anybody.get("/api/videos").json()["results"] == []
    ann.patch(path(one), {"privacy": "public"}, headers={"If-Match": "*"})
    assert anybody.get(channel).json()["videos"] == 1


def test_a_deleted_video_is_gone_with_its_file(ann: Client, ben: Client, video: Make) -> None:
    one = video("ann")
    assert ben.delete(path(one)).status_code == 403
    assert ann.delete(path(one)).status_code == 204
    assert ann.delete(path(one)).status_code == 404
    drain()
    assert not default_storage.exists(one.file.name)
    assert ann.get(f"/api/channels/{one.channel.handle}").json()["videos"] == 0


def test_videos_are_listed_by_pages_and_by_category(
    anybody: Client, ann: Client, video: Make, channel: Callable[..., Channel]
) -> None:
    mine = channel("ann")
    for number in range(5):
        moment = now() - timedelta(minutes=number // 2)  # two of a moment
        video(mine, title=str(number), published_at=moment, category="food" if number % 2 else "music")
    found, address = [], "/api/videos?limit=2"
    while address:
        page = anybody.get(address).json()
        found += [one["title"] for one in page["results"]]
        address = page["next"]
    assert sorted(found) == list("01234")
    assert [one["title"] for one in anybody.get("/api/videos?category=food").json()["results"]] == ["1", "3"]
    assert anybody.get("/api/videos?category=war").status_code == 400
    assert anybody.get("/api/videos?cursor=nonsense").status_code == 400
    assert {one["id"] for one in anybody.get("/api/videos/choices").json()["categories"]} >= {"food", "music"}


def test_a_search_finds_titles_that_have_all_words(anybody: Client, ann: Client, video: Make) -> None:
    for title in ("서울 야경 4K", "Seoul at night 100%", "night bus"):
        video("ann", title=title)
    video("ann", title="night, private", privacy="private")

    def found(words: str) -> list[str]:
        return [one["title"] for one in anybody.get("/api/videos/search", {"q": words}).json()["results"]]

    assert found("NIGHT seoul") == ["Seoul at night 100%"]
    assert found("야경") == ["서울 야경 4K"]
    assert found("100%") == ["Seoul at night 100%"]
    assert found("night") == ["night bus", "Seoul at night 100%"]
    for words in ("", " ", "x" * 101, "a b c d e f"):
        assert anybody.get("/api/videos/search", {"q": words}).status_code == 400


# -- playing ----------------------------------------------------------------------------------------------------------
def test_a_file_is_played_whole_and_in_ranges(anybody: Client, ann: Client, video: Make) -> None:
    file = path(video("ann"), "/file")
    whole = anybody.get(file)
    assert (whole.status_code, whole["Accept-Ranges"], body(whole)) == (200, "bytes", BYTES)
    part = anybody.get(file, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part["Content-Range"], body(part)) == (206, f"bytes 10-19/{len(BYTES)}", BYTES[10:20])
    assert body(anybody.get(file, headers={"Range": "bytes=-5"})) == BYTES[-5:]
    assert body(anybody.get(file, headers={"Range": "bytes=5-9", "If-Range": whole["ETag"]})) == BYTES[5:10]
    assert body(anybody.get(file, headers={"Range": "bytes=5-9", "If-Range": '"other"'})) == BYTES
    beyond = anybody.get(file, headers={"Range": f"bytes={len(BYTES)}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(BYTES)}")
    head = anybody.head(file)
    assert (head.status_code, head["Content-Length"], head.content) == (200, str(len(BYTES)), b"")


def test_behind_nginx_it_sends_the_file(anybody: Client, ann: Client, video: Make, settings: fixtures.Settings) -> None:
    settings.X_ACCEL = "/files/"
    one = video("ann")
    answer = anybody.get(path(one, "/file"))
    assert (answer["X-Accel-Redirect"], answer.content) == (f"/files/{one.file.name}", b"")


def test_a_private_file_is_played_by_a_token_that_is_good_for_an_hour(
    ann: Client, ben: Client, anybody: Client, video: Make, settings: fixtures.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = video("ann", privacy="private"), video("ann", privacy="private")
    assert anybody.get(path(one, "/file")).status_code == 404
    assert ben.post(path(one, "/token")).status_code == 404
    assert anybody.post(path(one, "/token")).status_code == 404
    made = ann.post(path(one, "/token"))
    assert made.status_code == 200
    assert body(anybody.get(made.json()["url"], headers={"Range": "bytes=0-3"})) == BYTES[:4]
    token = made.json()["token"]
    assert anybody.get(path(other, f"/file?token={token}")).status_code == 404
    assert anybody.get(path(one, f"/file?token={token}x")).status_code == 404
    later = now().timestamp() + 3601
    with monkeypatch.context() as patch:
        patch.setattr("django.core.signing.time.time", lambda: later)
        assert anybody.get(made.json()["url"]).status_code == 404
    ann.delete(path(one))
    assert anybody.get(made.json()["url"]).status_code == 404


def test_a_video_whose_file_is_missing_is_not_there_to_be_played(ann: Client, video: Make) -> None:
    one = video("ann")
    default_storage.delete(one.file.name)
    assert ann.get(path(one, "/file")).status_code == 404
    assert ann.get(f"/api/videos/{uuid.uuid4()}/file").status_code == 404
