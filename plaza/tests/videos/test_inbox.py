"""Subscribers are told of a new video, once; owners and authors of who answers them, and of nothing that is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client as DjangoClient
from django.utils.timezone import now

from plaza.api import outbox
from plaza.social import cleaning, hearing
from plaza.social.models import Notification, Person, Withdrawn
from plaza.tests.bookings.conftest import drain
from plaza.tests.conftest import Client
from plaza.tests.videos.conftest import begin, number_of, send
from plaza.videos import processing, telling
from plaza.videos.models import Channel, Subscription, Video, VideosMessage

Make = Callable[..., Video]


def told(client: Client) -> list[tuple[str, str]]:
    """Kind and event of all that one is told, the latest first."""
    drain()
    rows = client.get("/api/notifications").json()["results"]
    return [(row["kind"], row["about"]["event"]) for row in rows]


def hear(topic: str, payload: Any) -> None:
    outbox._handlers[topic]["social"](payload)


def messages(topic: str) -> list[Any]:
    rows = VideosMessage.objects.filter(topic=topic).order_by("pk")
    return list(rows.values_list("payload", flat=True))


@pytest.fixture
def cem(registered: Callable[..., Client]) -> Client:
    return registered("cem")


@pytest.fixture
def anns(ann: Client, ben: Client, channel: Callable[..., Channel]) -> Channel:
    """Ann's channel, to which Ben subscribes; all of them are known."""
    made = channel("ann", "anns")
    assert ben.put("/api/channels/anns/subscription").status_code == 204
    drain()
    return made


def ready(video: Make, channel: Channel, **values: Any) -> Video:
    """A video that waits for its moment, which has come."""
    before = now() - timedelta(minutes=1)
    return video(channel, state="processing", processed_at=before, published_at=None, publish_at=before, **values)


def change(client: Client, video: Video, **values: Any) -> None:
    path = f"/api/videos/{video.public_id}"
    assert client.patch(path, values, headers={"If-Match": "*"}).status_code == 200


def test_a_video_that_is_processed_and_public_is_told_to_those_who_want_it(
    anns: Channel, ann: Client, ben: Client, cem: Client, movie: bytes
) -> None:
    cem.put("/api/channels/anns/subscription", {"notify": False})
    path = begin(ann, movie, channel="anns", title="First").headers["Location"]
    assert send(ann, path, movie, f"bytes 0-{len(movie) - 1}/{len(movie)}").status_code in (200, 201)
    assert processing.work()
    assert (told(ben), told(cem), told(ann)) == ([("video", "published")], [], [])
    row = ben.get("/api/notifications").json()["results"][0]
    about = {name: value for name, value in row["about"].items() if value is not None}
    assert row["actor"]["nickname"] == "ann"
    assert about == {
        "event": "published", "title": "First", "channel": "anns", "video": str(Video.objects.get().public_id),
    }  # fmt: skip


def test_a_video_is_told_when_its_moment_comes_and_again_by_nothing(
    anns: Channel, ann: Client, ben: Client, video: Make
) -> None:
    one = ready(video, anns)
    ready(video, anns, privacy="private")
    assert told(ben) == []
    assert processing.publish_due() == 2
    for privacy in ("unlisted", "public"):
        change(ann, one, privacy=privacy)
    assert told(ben) == [("video", "published")]
    drain()
    assert Notification.objects.count() == 1


def test_subscribers_are_told_in_batches_each_once_however_often_a_message_comes(
    anns: Channel, video: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "BATCH", 2)
    numbers = []
    for n in range(5):
        user = User.objects.create(username=f"s{n}")
        Person.objects.create(pk=user.pk, public_id=f"00000000-0000-0000-0000-00000000000{n}", nickname=user.username)
        Subscription.objects.create(channel=anns, user_id=user.pk)
        numbers.append(user.pk)
    ready(video, anns)
    processing.publish_due()
    (first,) = messages("videos.appeared")
    for _ in range(2):
        outbox._handlers["videos.appeared"]["videos"](first)
    assert [len(one["users"]) for one in messages("videos.published")] == [2, 2]
    drain()
    found = Notification.objects.order_by("user_id").values_list("user_id", flat=True)
    assert list(found) == sorted([number_of("ben"), *numbers])


def test_a_video_that_is_made_private_is_not_shown_and_public_again_it_is_where_it_was(
    anns: Channel, ann: Client, ben: Client, video: Make
) -> None:
    one = ready(video, anns)
    processing.publish_due()
    assert told(ben) == [("video", "published")]
    at = Notification.objects.get().updated_at
    change(ann, one, privacy="private")
    assert told(ben) == []
    change(ann, one, privacy="public")
    assert told(ben) == [("video", "published")]
    assert Notification.objects.get().updated_at == at
    assert ann.delete(f"/api/videos/{one.public_id}").status_code == 204
    assert told(ben) == []
    assert not Notification.objects.exists()


def test_a_video_that_gets_a_password_is_not_shown_to_subscribers_and_its_owner_is_told_of_comments(
    anns: Channel, ann: Client, ben: Client, cem: Client, video: Make
) -> None:
    one, here = ready(video, anns), {"X-Video-Password": "open sesame"}
    processing.publish_due()
    assert told(ben) == [("video", "published")]
    ann.put(f"/api/videos/{one.public_id}/password", {"password": "open sesame"})
    change(ann, one, privacy="password")
    drain()
    made = cem.post(f"/api/videos/{one.public_id}/comments", {"body": "x"}, headers=here)
    assert made.status_code == 201, made.content
    assert (told(ben), told(ann)) == ([], [("video_comment", "commented")])
    change(ann, one, privacy="unlisted")
    assert told(ben) == [("video", "published")]
    other = ready(video, anns, privacy="password", password=Video.objects.get().password)
    assert processing.publish_due() == 1
    drain()
    assert told(ben) == [("video", "published")], f"and nobody is told of {other}"


def test_a_video_that_is_gone_before_its_message_comes_is_told_to_nobody(
    anns: Channel, ann: Client, ben: Client, video: Make
) -> None:
    one = ready(video, anns)
    processing.publish_due()
    outbox._handlers["videos.appeared"]["videos"](messages("videos.appeared")[0])
    (published,) = messages("videos.published")
    change(ann, one, privacy="private")
    change(ann, one, privacy="unlisted")
    hidden, seen = messages("videos.seen")
    for payload in (seen, hidden, published):
        hear("videos.seen" if "is_seen" in payload else "videos.published", payload)
    assert Notification.objects.count() == 1, "a late message hides nothing"
    assert len(ben.get("/api/notifications").json()["results"]) == 1
    ann.delete(f"/api/videos/{one.public_id}")
    drain()
    hear("videos.published", published)
    hear("videos.seen", seen)
    assert not Notification.objects.exists()
    assert Withdrawn.objects.get().version == hearing.FINAL
    assert cleaning.clean_withdrawn() == 0
    Withdrawn.objects.update(changed_at=now() - cleaning.LATEST - timedelta(days=1))
    assert cleaning.clean_withdrawn() == 1


@pytest.mark.parametrize("gone", ["channel", "account"])
def test_with_a_channel_or_its_owner_all_that_was_told_of_it_goes(
    anns: Channel, ann: Client, ben: Client, video: Make, gone: str
) -> None:
    ready(video, anns)
    processing.publish_due()
    assert told(ben) == [("video", "published")]
    late = {"users": [number_of("ben")], "owner_id": number_of("ann"), "version": 9, "title": "x", "channel": "anns",
            "video": str(Video.objects.get().public_id)}  # fmt: skip
    assert ann.delete("/api/channels/anns" if gone == "channel" else "/api/me").status_code == 204
    assert told(ben) == []
    hear("videos.published", late)
    assert not Notification.objects.exists()


def test_an_owner_is_told_of_threads_an_author_of_replies_and_nobody_of_his_own(
    ann: Client, ben: Client, cem: Client, video: Make
) -> None:
    drain()
    one = video("ann")
    path = f"/api/videos/{one.public_id}/comments"
    ann.post(path, {"body": "mine"})
    root = ben.post(path, {"body": "first"}).json()["id"]
    ben.post(f"{path}/{root}/replies", {"body": "to myself"})
    assert (told(ann), told(ben)) == ([("video_comment", "commented")], [])
    reply = cem.post(f"{path}/{root}/replies", {"body": "yes"}).json()["id"]
    assert (told(ann), told(ben)) == ([("video_comment", "commented")], [("video_reply", "replied")])
    row = ben.get("/api/notifications").json()["results"][0]
    assert (row["actor"]["nickname"], row["about"]["thread"], row["about"]["video_comment"]) == ("cem", root, reply)
    (message,) = [dict(row.details, kind="video_reply") for row in Notification.objects.filter(kind="video_reply")]
    late = {**message, "author_id": number_of("cem"), "reader_id": number_of("ben")}
    hear("videos.commented", late)
    assert Notification.objects.filter(kind="video_reply").count() == 1, "twice is as once"
    assert ann.delete(f"{path}/{reply}").status_code == 204
    assert told(ben) == []
    hear("videos.commented", late)
    assert told(ben) == [], "what is late is of a comment that is gone"
    assert ben.delete(f"{path}/{root}").status_code == 204
    assert told(ann) == []
    assert not Notification.objects.exists()


def test_what_waits_for_the_owner_is_told_to_him_and_a_reply_when_he_approves_it(
    ann: Client, ben: Client, cem: Client, video: Make
) -> None:
    drain()
    path = f"/api/videos/{video('ann', comments_are='approved').public_id}/comments"
    root = ben.post(path, {"body": "first"}).json()["id"]
    assert told(ann) == [("video_comment", "waiting")]
    ann.put(f"{path}/{root}/approval")
    reply = cem.post(f"{path}/{root}/replies", {"body": "yes"}).json()["id"]
    assert told(ben) == []
    for _ in range(2):
        assert ann.put(f"{path}/{reply}/approval").status_code == 204
    assert told(ben) == [("video_reply", "replied")]


def test_nobody_is_told_of_whom_he_has_blocked(anns: Channel, ann: Client, ben: Client, video: Make) -> None:
    person = Person.objects.get(nickname="ann")
    assert ben.put(f"/api/profiles/{person.public_id}/block").status_code in (200, 204)
    one = ready(video, anns)
    processing.publish_due()
    root = ben.post(f"/api/videos/{one.public_id}/comments", {"body": "x"}).json()["id"]
    ann.post(f"/api/videos/{one.public_id}/comments/{root}/replies", {"body": "x"})
    assert told(ben) == []
    assert not Notification.objects.filter(user_id=number_of("ben")).exists()


@pytest.mark.parametrize("who", ["ann", "ben"])
@pytest.mark.parametrize("is_known", [True, False])
def test_neither_reader_nor_author_of_a_message_may_be_deleted_or_unknown(
    anns: Channel, ann: Client, ben: Client, video: Make, who: str, is_known: bool
) -> None:
    one = ready(video, anns)
    processing.publish_due()
    ben.post(f"/api/videos/{one.public_id}/comments", {"body": "x"})
    rows = Person.objects.filter(nickname=who)
    if is_known:
        rows.update(status="deleted")
    else:
        rows.delete()
    drain()
    assert not Notification.objects.exists()


def test_a_video_that_the_admin_hides_is_not_shown_and_one_that_he_publishes_is(
    anns: Channel, ben: Client, video: Make
) -> None:
    boss, one = DjangoClient(), ready(video, anns)
    boss.force_login(User.objects.create_superuser("boss", "", "secret"))
    fields = {"title", "description", "source_url", "size_bytes", "category", "licence", "comments_are", "version",
              "width", "height", "privacy", "state"}  # fmt: skip
    for step, seen in (({"state": "published"}, True), ({"privacy": "private"}, False), ({"privacy": "public"}, True)):
        one.refresh_from_db()
        sent = {name: getattr(one, name) for name in fields} | step
        sent |= {"channel": anns.pk, "metadata": "{}", "captions": "", "created_at_0": "2026-01-01",
                 "created_at_1": "00:00:00"}  # fmt: skip
        answer = boss.post(f"/admin/videos/video/{one.pk}/change/", sent)
        assert answer.status_code == 302, answer.content
        assert told(ben) == ([("video", "published")] if seen else [])
