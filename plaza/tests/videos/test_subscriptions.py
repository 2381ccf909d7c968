"""Ratings, subscriptions and their feed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils.timezone import now

from plaza.tests.conftest import Client
from plaza.tests.videos.conftest import number_of
from plaza.videos import counters
from plaza.videos.api import feeds
from plaza.videos.models import Channel, ChannelStats, Person, Reaction, Subscription, Video, VideoStats

Make = Callable[..., Video]
FEED = "/api/me/subscriptions/videos"


def test_a_rating_is_one_of_three_and_both_counters_follow_it(ann: Client, ben: Client, video: Make) -> None:
    one = video("ann")
    path = f"/api/videos/{one.public_id}/rating"
    steps = [("like", 1, 0), ("like", 1, 0), ("dislike", 0, 1), ("none", 0, 0), ("none", 0, 0), ("dislike", 0, 1)]
    for rating, likes, dislikes in steps:
        answer = ben.put(path, {"rating": rating})
        assert answer.json() == {"rating": rating, "likes": likes, "dislikes": dislikes}
    ann.put(path, {"rating": "like"})
    stats = VideoStats.objects.get(pk=one.pk)
    assert (stats.likes, stats.dislikes, Reaction.objects.count()) == (1, 1, 2)
    assert ben.put(path, {"rating": "love"}).status_code == 400
    assert ben.put(f"/api/videos/{uuid.uuid4()}/rating", {"rating": "like"}).status_code == 404
    other = uuid.uuid4()
    rated = ben.get(f"/api/me/ratings?ids={one.public_id},{other}").json()
    assert rated == {str(one.public_id): "dislike", str(other): "none"}
    for wrong in ("", "x", ",".join([str(other)[:-2] + f"{n:02x}" for n in range(101)])):
        assert ben.get("/api/me/ratings", {"ids": wrong}).status_code == 400


@pytest.mark.parametrize(
    "change", [{"privacy": "private"}, {"state": "failed"}, None], ids=["private", "failed", "its owner is out"]
)
def test_a_rating_of_a_video_that_one_may_not_see_any_more_is_taken_back_and_tells_nothing_of_it(
    ann: Client, ben: Client, video: Make, change: dict[str, str] | None
) -> None:
    one = video("ann")
    path = f"/api/videos/{one.public_id}/rating"
    for client in (ann, ben):
        client.put(path, {"rating": "like"})
    if change is None:
        Person.objects.filter(pk=number_of("ann")).update(status="suspended")
    else:
        Video.objects.update(**change)
    assert ben.put(path, {"rating": "dislike"}).status_code == 404
    taken = ben.put(path, {"rating": "none"})
    assert (taken.status_code, taken.json()) == (200, {"rating": "none", "likes": 0, "dislikes": 0})
    assert (VideoStats.objects.get(pk=one.pk).likes, Reaction.objects.count()) == (1, 1)
    assert ben.put(path, {"rating": "none"}).status_code == 404, "he has said nothing of it: it is not there for him"


def test_one_subscribes_and_unsubscribes_and_the_counter_follows(
    ann: Client, ben: Client, channel: Callable[..., Channel]
) -> None:
    hers, other = channel("ann", "anns"), channel("ann")
    path = "/api/channels/anns/subscription"
    for _ in range(2):
        assert ben.put(path).status_code == 204
    assert ann.get("/api/channels/anns").json()["subscribers"] == 1
    listed = ben.get("/api/me/subscriptions").json()["results"]
    assert [(one["channel"]["handle"], one["notify"]) for one in listed] == [("anns", True)]
    ben.put(path, {"notify": False})
    assert ben.get("/api/me/subscriptions").json()["results"][0]["notify"] is False
    found = ben.get(f"/api/me/subscriptions/exist?ids={hers.public_id},{other.public_id}").json()
    assert found == {str(hers.public_id): True, str(other.public_id): False}
    for _ in range(2):
        assert ben.delete(path).status_code == 204
    assert (ann.get("/api/channels/anns").json()["subscribers"], Subscription.objects.count()) == (0, 0)
    assert ann.put(path).status_code == 409, "it is her own"
    assert ben.put("/api/channels/nobodys/subscription").status_code == 404


def test_the_feed_has_what_is_subscribed_to_and_everybody_finds_the_newest_first(
    ann: Client, ben: Client, video: Make, channel: Callable[..., Channel]
) -> None:
    first, second, third = (channel("ann") for _ in range(3))
    for one in (first, second):
        ben.put(f"/api/channels/{one.handle}/subscription")
    begin = now() - timedelta(days=1)
    for number in range(6):
        video((first, second)[number % 2], title=str(number), published_at=begin + timedelta(minutes=number))
    video(third, title="not subscribed")
    video(first, title="private", privacy="private")
    video(first, title="draft", state="draft", published_at=None)
    page = ben.get(f"{FEED}?limit=4").json()
    assert [one["title"] for one in page["results"]] == ["5", "4", "3", "2"]
    rest = ben.get(page["next"]).json()
    assert ([one["title"] for one in rest["results"]], rest["next"]) == (["1", "0"], None)
    Person.objects.create(pk=number_of("ann"), public_id=uuid.uuid4(), nickname="ann", name="A", status="suspended")
    assert ben.get(FEED).json()["results"] == []
    for cursor in ("x", "eHx5", "\0", "MjAyNC0wMS0wMXwx"):
        assert ben.get(FEED, {"cursor": cursor}).status_code == 400
    assert ann.get(FEED).json() == {"next": None, "previous": None, "results": []}


@pytest.mark.parametrize("most", [feeds.MERGED, 0])
def test_page_after_page_the_feed_is_what_sorting_everything_gives(
    ben: Client, ann: Client, channel: Callable[..., Channel], monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Both plans, with many videos of one moment, and channels that have published nothing."""
    monkeypatch.setattr(feeds, "MERGED", most)
    dice, me, begin = Random(3), number_of("ben"), now().replace(microsecond=0) - timedelta(days=9)
    channels = [channel("ann") for _ in range(12)]
    Subscription.objects.bulk_create([Subscription(channel=one, user_id=me) for one in channels[:10]])
    Video.objects.bulk_create(
        [
            Video(
                channel=dice.choice(channels[:11]), title="x", state=dice.choice(["published"] * 4 + ["failed"]),
                privacy=dice.choice(["public"] * 4 + ["unlisted"]),
                published_at=begin + timedelta(hours=dice.randrange(20)),
            )
            for _ in range(150)
        ]
    )  # fmt: skip
    counters.recount()
    mine = Video.objects.filter(counters.LISTED, channel__in=channels[:10])
    expected = [feeds.Place(*row) for row in mine.order_by("-published_at", "-pk").values_list("published_at", "pk")]
    found: list[feeds.Place] = []
    while page := feeds.newest(me, found[-1] if found else None, 7):
        found += page
    assert found == expected
    assert ChannelStats.objects.filter(newest_at=None).count() >= 1


def test_a_rating_says_when_it_was_changed(ann: Client, ben: Client, video: Callable[..., Video]) -> None:
    path = f"/api/videos/{video('ann').public_id}/rating"
    ben.put(path, {"rating": "like"})
    Reaction.objects.update(changed_at=now() - timedelta(days=1))
    ben.put(path, {"rating": "dislike"})
    assert Reaction.objects.get().changed_at > now() - timedelta(hours=1)


def test_a_subscription_that_is_taken_back_meanwhile_is_no_channel_that_is_gone(
    ann: Client, ben: Client, video: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """get_or_create finds the row of another request in its way, and then nothing: that was deleted."""
    handle, real, turns = video("ann").channel.handle, Subscription.objects.get_or_create, [1]

    def in_between(*args: Any, **more: Any) -> Any:
        if turns:
            turns.pop()
            raise IntegrityError
        return real(*args, **more)

    monkeypatch.setattr(Subscription.objects, "get_or_create", in_between)
    assert ben.put(f"/api/channels/{handle}/subscription").status_code == 204
    assert Subscription.objects.count() == 1
