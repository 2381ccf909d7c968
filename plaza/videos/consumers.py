"""What videos does when accounts, social or itself tell of something; each may come twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, router, transaction
from django.utils.timezone import now

from plaza.api import locks, people
from plaza.api.outbox import consumes
from plaza.api.retries import retried
from plaza.videos import commenting, counters, removing, subscribing, telling, upserts
from plaza.videos.models import (
    Blocked,
    Channel,
    Comment,
    Person,
    Playlist,
    Quota,
    Reaction,
    Subscription,
    Upload,
    VideosRequest,
    Watcher,
    WatchHistory,
)  # fmt: skip

BATCH = 500


def forget(user: int) -> None:
    """A deleted user's channels, lists and traces go. Where others replied to his comment, its empty place stays."""
    for channel in Channel.objects.filter(owner=user).values_list("pk", flat=True):
        removing.delete_channel(channel)
    while comments := list(_comments(user)):
        for pk, parent in comments:
            commenting.remove(pk, parent or pk)
    while videos := list(Reaction.objects.filter(user=user).order_by("video").values_list("video", flat=True)[:BATCH]):
        _take_back(user, videos)
    while channels := list(Subscription.objects.filter(user=user).values_list("channel", flat=True)[:BATCH]):
        for channel in channels:
            subscribing.unsubscribe(user, channel)
    while history := list(WatchHistory.objects.filter(user=user).values_list("pk", flat=True)[:BATCH]):
        WatchHistory.objects.filter(pk__in=history).delete()
    for model, field in ((Playlist, "owner"), (Upload, "user"), (Quota, "user"), (Watcher, "user"),
                         (Blocked, "blocker"), (Blocked, "blocked"), (VideosRequest, "user")):  # fmt: skip
        model._default_manager.filter(**{f"{field}_id": user}).delete()


people.consume(Person, "videos", forget)


def _comments(user: int) -> Any:
    mine = Comment.objects.filter(author=user, is_removed=False)
    return mine.order_by("pk").values_list("pk", "parent")[:BATCH]


@retried
def _take_back(user: int, videos: list[int]) -> None:
    """Ratings of a user: a handful in one transaction, in the order of their videos."""
    with transaction.atomic(using=router.db_for_write(Reaction)):
        Reaction.objects.filter(user=user, video__in=videos).delete()
        for video in videos:
            counters.recount_video(video)


consumes(telling.APPEARED, telling.APP)(telling.tell_subscribers)


@consumes("social.blocked", "videos")
def block(payload: Mapping[str, Any]) -> None:
    """Who is blocked by a channel's owner comments there no more, until it is lifted; the newest version counts."""
    pair = payload["blocker"], payload["blocked"]
    row = (*pair, not payload["is_blocked"], payload.get("version", 0), now())
    names = ("blocker", "blocked", "is_lifted", "version", "created_at")
    try:
        with transaction.atomic(using=router.db_for_write(Blocked)):
            known = locks.held(Person, pair).values()
            if not any(person.status == Person.Status.DELETED for person in known):
                upserts.newest(Blocked, [row], names, key=names[:2], moment="version", kept=("created_at",))
    except IntegrityError:  # one of them has gone
        return
