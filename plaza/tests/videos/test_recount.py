"""Counting anew while the service goes on: what was right stays right."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connections, router, transaction

from plaza.api.health import used_aliases
from plaza.videos import counters, rating
from plaza.videos.models import Channel, Reaction, Video, VideoStats

ALIAS = router.db_for_write(Video)
SECONDS = 3


def rate_until(end: float, user: int, videos: list[int]) -> None:
    try:
        while time.monotonic() < end:
            with transaction.atomic(using=ALIAS):
                rating.rate(user, random.choice(videos), random.choice([1, -1, None]))
    finally:
        connections.close_all()


@pytest.mark.skipif(connections[ALIAS].vendor == "sqlite", reason="SQLite has one writer at a time")
@pytest.mark.django_db(databases=used_aliases(), transaction=True)
def test_a_recount_does_not_undo_what_is_rated_during_it() -> None:
    """An UPDATE that counts in a subquery does in MySQL and MariaDB: what it counts is older than its rows are."""
    users = [User.objects.create(username=f"u{number}").pk for number in range(3)]
    channel = Channel.objects.create(owner_id=users[0], handle="anns")
    Video.objects.bulk_create([Video(channel=channel, title="x") for _ in range(2_000)])
    videos = list(Video.objects.values_list("pk", flat=True))
    VideoStats.objects.bulk_create([VideoStats(video_id=video) for video in videos])
    counters.recount()
    end = time.monotonic() + SECONDS
    with ThreadPoolExecutor(len(users)) as pool:
        rating_ = [pool.submit(rate_until, end, user, videos) for user in users]
        found = []
        while time.monotonic() < end:
            found.append(counters.recount())
        for one in rating_:
            one.result()
    assert set(found) == {0}
    assert (Reaction.objects.exists(), counters.recount()) == (True, 0)
    VideoStats.objects.filter(video_id__in=videos[:3]).update(likes=99)
    assert (counters.recount(), counters.recount()) == (3, 0)
