"""Rows as they are answered: read as plain values by names, without model instances, and shown as plain dicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from plaza.api import people
from plaza.media.links import link
from plaza.videos.models import Channel, Person, Reaction, Subscription, Video

Row = Mapping[str, Any]
RATINGS = {1: "like", -1: "dislike", None: "none"}
VALUES = {"like": 1, "dislike": -1, "none": None}

CHANNEL = (
    "id", "public_id", "handle", "title", "description", "banner", "is_verified", "created_at", "owner_id", "version",
    "stats__subscribers", "stats__videos",
)  # fmt: skip
CARD = (
    "id", "public_id", "title", "state", "privacy", "category", "duration", "published_at", "created_at",
    "channel__public_id", "channel__handle", "channel__title", "stats__views", "stats__likes",
)  # fmt: skip
DETAIL = (
    *CARD, "channel_id", "channel__owner_id", "channel__stats__subscribers", "description", "licence", "language",
    "comments_are", "width", "height", "frame_rate", "publish_at", "failure", "size_bytes", "version", "file",
    "password", "stats__dislikes", "stats__comments",
)  # fmt: skip


def seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def channel(row: Row) -> dict[str, Any]:
    return {
        "id": str(row["public_id"]),
        "handle": row["handle"],
        "title": row["title"],
        "description": row["description"],
        "banner": link(row["banner"]) if row["banner"] else None,
        "is_verified": row["is_verified"],
        "subscribers": row["stats__subscribers"] or 0,
        "videos": row["stats__videos"] or 0,
        "created_at": row["created_at"],
    }


def channel_detail(row: Row, viewer: int | None) -> dict[str, Any]:
    """For a row with ``is_subscribed`` (see ``with_subscription``)."""
    return {
        **channel(row),
        "owner": people.shown(Person, [row["owner_id"]])[row["owner_id"]],
        "is_mine": row["owner_id"] == viewer,
        "is_subscribed": bool(row["is_subscribed"]),
    }


def with_subscription(channels: QuerySet[Channel], viewer: int | None) -> QuerySet[Channel]:
    return channels.annotate(
        is_subscribed=Exists(Subscription.objects.filter(channel=OuterRef("pk"), user=viewer or 0))
    )


def video(row: Row) -> dict[str, Any]:
    """For a row of CARD."""
    return {
        "id": str(row["public_id"]),
        "title": row["title"],
        "state": row["state"],
        "privacy": row["privacy"],
        "category": row["category"],
        "duration": seconds(row["duration"]),
        "views": row["stats__views"] or 0,
        "likes": row["stats__likes"] or 0,
        "channel": {
            "id": str(row["channel__public_id"]),
            "handle": row["channel__handle"],
            "title": row["channel__title"],
        },
        "created_at": row["created_at"],
        "published_at": row["published_at"],
    }


def videos(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [video(row) for row in rows]


def within(row: Row, prefix: str, names: Iterable[str]) -> dict[str, Any]:
    """The columns of what a row points at, as if they were its own."""
    return {name: row[f"{prefix}__{name}"] for name in names}


def prefixed(prefix: str, names: Iterable[str]) -> list[str]:
    return [f"{prefix}__{name}" for name in names]


def with_mine(videos: QuerySet[Video], viewer: int | None) -> QuerySet[Any, dict[str, Any]]:
    """Rows of DETAIL, with what the viewer himself has to do with each: in the same query."""
    mine = Reaction.objects.filter(video=OuterRef("pk"), user=viewer or 0).values("value")
    subscribed = Subscription.objects.filter(channel=OuterRef("channel_id"), user=viewer or 0)
    return videos.annotate(my_rating=Subquery(mine), is_subscribed=Exists(subscribed)).values(
        *DETAIL, "my_rating", "is_subscribed"
    )


def detail(row: Row, viewer: int | None) -> dict[str, Any]:
    """For a row of ``with_mine``."""
    owner = row["channel__owner_id"]
    found = video(row)
    found["channel"] |= {
        "subscribers": row["channel__stats__subscribers"] or 0,
        "is_subscribed": bool(row["is_subscribed"]),
        "owner": people.shown(Person, [owner])[owner],
    }
    found |= {
        "description": row["description"],
        "licence": row["licence"],
        "language": row["language"],
        "comments_are": row["comments_are"],
        "dislikes": row["stats__dislikes"] or 0,
        "comments": row["stats__comments"] or 0,
        "width": row["width"],
        "height": row["height"],
        "frame_rate": row["frame_rate"],
        "my_rating": RATINGS[row["my_rating"]],
    }
    if owner == viewer:
        found |= {"publish_at": row["publish_at"], "failure": row["failure"], "size": row["size_bytes"]}
    return found
