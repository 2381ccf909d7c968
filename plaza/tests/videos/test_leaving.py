"""A user who leaves takes what is his, and every counter is right afterwards; counting anew finds what is wrong."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.test import Client as DjangoClient
from django.utils.timezone import now

from plaza.api import outbox, people
from plaza.tests.conftest import Client
from plaza.tests.test_media import picture
from plaza.tests.videos.conftest import begin, drain, number_of, send
from plaza.videos import beats, consumers, counters, quotas, removing
from plaza.videos.models import (
    Blocked,
    Channel,
    ChannelStats,
    Comment,
    Person,
    Playlist,
    Quota,
    Reaction,
    Subscription,
    Upload,
    Video,
    VideoStats,
    Watcher,
    WatchHistory,
)  # fmt: skip

Make = Callable[..., Video]


def away(name: str) -> None:
    """What a storage does."""
    raise OSError("no way to 10.0.0.1")


def drain_later() -> None:
    """As after every pause."""
    for model in outbox.outboxes():
        model.objects.update(due_at=now())
    drain()


def test_a_user_who_leaves_takes_everything_along_and_the_counters_are_right(
    ann: Client, ben: Client, anybody: Client, video: Make, channel: Callable[..., Channel]
) -> None:
    hers, his = video("ann"), video("ben")
    where = f"/api/videos/{his.public_id}/comments"
    root = ann.post(where, {"body": "hers, with a reply"}).json()["id"]
    ann.post(where, {"body": "hers"})
    reply = ben.post(f"{where}/{root}/replies", {"body": "his"}).json()["id"]
    ann.post(f"{where}/{root}/replies", {"body": "hers"})
    for client in (ann, ben):
        client.put(f"/api/videos/{his.public_id}/rating", {"rating": "like"})
    ann.put(f"/api/channels/{his.channel.handle}/subscription")
    ann.get("/api/me/playlists/later")
    ann.put("/api/me/history/pause", {"is_paused": False})
    begin(ann, b"x" * 5000, channel=hers.channel.handle)
    beats.write([it := beats.Beat(his.pk, uuid.uuid4(), his.created_at, his.duration, None, number_of("ann"))],
                {(his.pk, it.session): it.at})  # fmt: skip
    for pair in ((number_of("ann"), number_of("ben")), (number_of("ben"), number_of("ann"))):
        Blocked.objects.create(blocker_id=pair[0], blocked_id=pair[1])
    user = number_of("ann")
    assert ann.delete("/api/me").status_code == 204
    for _ in range(2):  # a message may come twice
        consumers.forget(user)
        for model in outbox.outboxes():
            outbox.drain(model)
    owned = {Channel: "owner", Playlist: "owner", Reaction: "user", Subscription: "user", Upload: "user", Quota: "user",
             WatchHistory: "user", Watcher: "user", Blocked: "blocker"}  # fmt: skip
    assert {m.__name__: m.objects.filter(**{f"{f}_id": user}).count() for m, f in owned.items()} == dict.fromkeys(
        (m.__name__ for m in owned), 0
    )
    assert not default_storage.exists(hers.file.name)
    assert Person.objects.get(pk=user).status == "deleted"
    shown = anybody.get(where).json()["results"]
    assert [(one["is_removed"], one["body"], one["replies"]) for one in shown] == [(True, "", 1)]
    assert Comment.objects.exclude(pk=root).get().pk == int(reply)
    seen = anybody.get(f"/api/videos/{his.public_id}").json()
    assert (seen["likes"], seen["comments"], seen["channel"]["subscribers"]) == (1, 1, 0)
    assert counters.recount() == 0
    assert ann.post(where, {"body": "a ghost's"}).status_code == 410


def test_counting_anew_puts_right_what_is_wrong_and_makes_what_is_missing(
    ann: Client, ben: Client, video: Make
) -> None:
    one, other = video("ann"), video("ann")
    ben.put(f"/api/videos/{one.public_id}/rating", {"rating": "like"})
    ben.post(f"/api/videos/{one.public_id}/comments", {"body": "x"})
    ben.put(f"/api/channels/{one.channel.handle}/subscription")
    quotas.of(number_of("ann"))
    assert counters.recount() == 0
    VideoStats.objects.filter(pk=one.pk).update(likes=9, views=7)
    ChannelStats.objects.filter(pk=one.channel_id).update(newest_at=None)
    VideoStats.objects.filter(pk=other.pk).delete()
    Quota.objects.update(used=0)
    assert counters.recount() == 4
    assert counters.recount() == 0
    stats = VideoStats.objects.get(pk=one.pk)
    assert (stats.likes, stats.comments, stats.views) == (1, 1, 7)
    channel = ChannelStats.objects.get(pk=one.channel_id)
    assert (channel.subscribers, channel.videos, channel.newest_at) == (1, 1, one.published_at)


def test_a_counter_that_is_missing_is_made_when_it_is_needed(ann: Client, ben: Client, video: Make) -> None:
    one = video("ann")
    VideoStats.objects.all().delete()
    assert ben.get(f"/api/videos/{one.public_id}").json()["likes"] == 0
    ben.put(f"/api/videos/{one.public_id}/rating", {"rating": "like"})
    assert VideoStats.objects.get().likes == 1


def test_replies_of_whom_one_does_not_see_are_not_counted(ann: Client, ben: Client, video: Make) -> None:
    where = f"/api/videos/{video('ann').public_id}/comments"
    root = ann.post(where, {"body": "hers"}).json()["id"]
    ben.post(f"{where}/{root}/replies", {"body": "his"})
    assert [one["replies"] for one in ann.get(where).json()["results"]] == [1]
    Person.objects.filter(pk=number_of("ben")).update(status=Person.Status.SUSPENDED)
    assert [one["replies"] for one in ann.get(where).json()["results"]] == [0]
    assert ann.get(f"{where}/{root}/replies").json()["results"] == []


def test_a_block_that_is_told_of_after_one_of_the_two_has_left_is_not_kept(ann: Client, ben: Client) -> None:
    pair = {"blocker": number_of("ann"), "blocked": number_of("ben"), "is_blocked": True}
    people.bury(Person, number_of("ben"))
    consumers.block(pair)
    assert not Blocked.objects.exists()


@pytest.mark.parametrize("remove", [removing.delete_video, removing.delete_channel])
def test_a_video_goes_without_its_comments_being_read(
    ann: Client, video: Make, monkeypatch: pytest.MonkeyPatch, remove: Callable[[int], None]
) -> None:
    one, more = video("ann"), {"author_id": number_of("ann"), "body": "x", "is_approved": True}
    Comment.objects.create(video=one, parent=Comment.objects.create(video=one, **more), **more)
    monkeypatch.setattr(Comment, "from_db", lambda *_: pytest.fail("one was read"))
    remove(one.pk if remove is removing.delete_video else one.channel_id)
    assert (Comment.objects.count(), Video.objects.count()) == (0, 0)


def test_a_storage_that_fails_once_keeps_no_file_of_who_has_left(
    ann: Client, video: Make, movie: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = video("ann").channel.handle
    for path in (f"/api/channels/{handle}/banner", "/api/me/image"):
        send(ann, path, picture().getvalue())
    send(ann, begin(ann, movie, channel=handle)["Location"], movie[:4096], f"bytes 0-4095/{len(movie)}")
    folders = ("videos", "banners", "profiles")
    assert [len(default_storage.listdir(folder)[1]) for folder in folders] == [1, 1, 1]
    assert len(default_storage.listdir("uploads")[0]) == 1

    assert ann.delete("/api/me").status_code == 204
    with monkeypatch.context() as patch:
        for call in ("delete", "listdir"):
            patch.setattr(default_storage, call, away)
        drain()
    assert not Channel.objects.exists()
    drain_later()
    assert [default_storage.listdir(folder)[1] for folder in folders] == [[], [], []]
    assert default_storage.listdir("uploads")[0] == []


def test_a_file_that_is_replaced_while_the_storage_fails_is_deleted_later(
    ann: Client, video: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, captions = video("ann"), b"WEBVTT\n\n00:01.000 --> 00:02.000\nx"
    sent = {
        f"/api/channels/{one.channel.handle}/banner": picture().getvalue(),
        "/api/me/image": picture().getvalue(),
        f"/api/videos/{one.public_id}/captions/en": captions,
    }
    folders = ("banners", "profiles", "captions")
    for path, data in sent.items():
        send(ann, path, data)
    first = {name for folder in folders for name in default_storage.listdir(folder)[1]}
    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "delete", away)
        assert {send(ann, path, data).status_code for path, data in sent.items()} == {200}
        drain()
    assert [len(default_storage.listdir(folder)[1]) for folder in folders] == [2, 2, 2]
    drain_later()
    left = [default_storage.listdir(folder)[1] for folder in folders]
    assert [len(names) for names in left] == [1, 1, 1]
    assert first.isdisjoint(name for names in left for name in names)


@pytest.mark.parametrize("kind", ["video", "channel", "comment", "reaction", "subscription"])
def test_what_is_deleted_in_the_admin_leaves_no_file_and_is_counted_out(
    ann: Client, ben: Client, video: Make, kind: str
) -> None:
    one, boss = video("ann"), DjangoClient()
    boss.force_login(User.objects.create_superuser("boss", "", "secret"))
    Quota.objects.create(pk=number_of("ann"), used=one.size_bytes)
    ben.post(f"/api/videos/{one.public_id}/comments", {"body": "x"})
    ben.put(f"/api/videos/{one.public_id}/rating", {"rating": "like"})
    ben.put(f"/api/channels/{one.channel.handle}/subscription")
    rows = apps.get_model("videos", kind).objects
    assert boss.post(f"/admin/videos/{kind}/{rows.get().pk}/delete/", {"post": "yes"}).status_code == 302
    assert (rows.count(), counters.recount()) == (0, 0)
    drain()
    assert len(default_storage.listdir("videos")[1]) == Video.objects.count()
