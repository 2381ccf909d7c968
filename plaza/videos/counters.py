"""What is counted of videos and channels, in rows of their own.

A counter changes in the transaction of the row that is counted, after it; stats of a video before those of its
channel, several of one table in the order of their keys. Views cannot be counted anew: their sessions are forgotten.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import models, router, transaction
from django.db.models import BigIntegerField, Count, DateTimeField, F, Max, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from plaza.api.retries import retried
from plaza.videos.models import (
    Channel,
    ChannelStats,
    Comment,
    Privacy,
    Quota,
    Reaction,
    Subscription,
    Upload,
    Video,
    VideoStats,
)  # fmt: skip

LISTED = Q(state=Video.State.PUBLISHED, privacy=Privacy.PUBLIC)
"""What everybody finds."""

SHOWN_COMMENT = Q(is_approved=True, is_removed=False)
MADE_AT_ONCE = 1_000
AT_ONCE = 500  # rows that are locked while they are counted
LONG_AGO = Value(datetime(1970, 1, 1, tzinfo=UTC), output_field=DateTimeField())


def add(model: type[models.Model], key: int, **changes: int) -> None:
    """Add to counters of one row, which is made where it is missing."""
    added = {name: F(name) + change for name, change in changes.items()}
    if not model._default_manager.filter(pk=key).update(**added):
        model._default_manager.get_or_create(pk=key)
        model._default_manager.filter(pk=key).update(**added)


def settle_channel(channel: int) -> None:
    """Count what everybody finds in a channel, after a change of it. The row is locked first: of two that change a
    channel at once, the second counts what the first has changed.
    """
    ChannelStats.objects.get_or_create(pk=channel)
    list(ChannelStats.objects.select_for_update().filter(pk=channel).values_list("pk"))
    ChannelStats.objects.filter(pk=channel).update(**_of_channel(None))


def recount_video(video: int) -> None:
    """Count one video's comments and reactions anew, under its lock."""
    VideoStats.objects.get_or_create(pk=video)
    list(VideoStats.objects.select_for_update().filter(pk=video).values_list("pk"))
    VideoStats.objects.filter(pk=video).update(**_of_video(None))


def recount(using: str | None = None) -> int:
    """Put every counter right, and make those that are missing; returns how many were wrong."""
    wrong = _make_missing(Video, VideoStats, "video_id", using) + _make_missing(
        Channel, ChannelStats, "channel_id", using
    )
    subscribers = _count(Subscription, "channel", using)
    wrong += _right(VideoStats, _of_video(using), using)
    wrong += _right(ChannelStats, {"subscribers": subscribers, **_of_channel(using)}, using)
    return wrong + _right(Quota, _of_quota(using), using)


def _of_video(using: str | None) -> dict[str, Any]:
    return {
        "likes": _count(Reaction, "video", using, Q(value=Reaction.Value.LIKE)),
        "dislikes": _count(Reaction, "video", using, Q(value=Reaction.Value.DISLIKE)),
        "comments": _count(Comment, "video", using, SHOWN_COMMENT),
    }


def _of_channel(using: str | None) -> dict[str, Any]:
    newest = Video.objects.using(using).filter(LISTED, channel=OuterRef("pk")).order_by().values("channel")
    return {
        "videos": _count(Video, "channel", using, LISTED),
        "newest_at": Subquery(newest.annotate(last=Max("published_at")).values("last")),
    }


def _of_quota(using: str | None) -> dict[str, Any]:
    videos = Video.objects.using(using).filter(channel__owner=OuterRef("pk")).order_by().values("channel__owner")
    uploads = Upload.objects.using(using).filter(user=OuterRef("pk"), state=Upload.State.OPEN).order_by().values("user")
    return {
        "used": _or_zero(videos.annotate(total=Sum("size_bytes")).values("total")),
        "reserved": _or_zero(uploads.annotate(total=Sum("size")).values("total")),
    }


def _count(model: type[models.Model], key: str, using: str | None, condition: Q | None = None) -> Coalesce:
    rows = model._default_manager.using(using).filter(condition or Q(), **{key: OuterRef("pk")}).order_by().values(key)
    return _or_zero(rows.annotate(total=Count("*")).values("total"))


def _or_zero(rows: models.QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(rows, output_field=BigIntegerField()), Value(0), output_field=BigIntegerField())


def _right(stats: type[models.Model], counted: dict[str, Any], using: str | None) -> int:
    """Found by a SELECT, and counted again under the lock of each: what one UPDATE of all counts in MySQL is as old as
    its beginning, and the rows that it compares with that are as they are now: it would undo a like of meanwhile."""
    differs = Q()
    for name, value in counted.items():
        found: Any = F(name)
        if stats._meta.get_field(name).null:
            found, value = Coalesce(found, LONG_AGO), Coalesce(value, LONG_AGO)
        differs |= ~Q(Exact(found, value))
    rows = stats._default_manager.using(using)
    keys = list(rows.filter(differs).order_by("pk").values_list("pk", flat=True))
    pieces = [keys[first : first + AT_ONCE] for first in range(0, len(keys), AT_ONCE)]
    return sum(_right_now(rows.filter(pk__in=piece), differs, counted) for piece in pieces)


@retried
def _right_now(rows: models.QuerySet[Any], differs: Q, counted: dict[str, Any]) -> int:
    with transaction.atomic(using=rows._db or router.db_for_write(rows.model)):
        list(rows.select_for_update().order_by("pk").values_list("pk"))
        return rows.filter(differs).update(**counted)


def _make_missing(model: type[models.Model], stats: type[models.Model], key: str, using: str | None) -> int:
    """Rows for what has none, in batches."""
    made = 0
    missing = model._default_manager.using(using).filter(stats__isnull=True).order_by("pk")
    while keys := list(missing.values_list("pk", flat=True)[:MADE_AT_ONCE]):
        rows = [stats(**{key: pk}) for pk in keys]
        stats._default_manager.using(using).bulk_create(rows, ignore_conflicts=True)
        made += len(keys)
    return made
