"""What videos holds of a user: his channels and what is in them, and what he said, rated, watched and collected."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from plaza.api.exports import rows
from plaza.videos.models import (
    Channel,
    Comment,
    Playlist,
    PlaylistItem,
    Reaction,
    Subscription,
    Upload,
    Video,
    Watcher,
    WatchHistory,
)  # fmt: skip


def documents(user_id: int) -> Iterator[dict[str, Any]]:
    return chain(
        rows("channel", Channel.objects.filter(owner_id=user_id), "public_id", "handle", "title", "description",
             "banner", "created_at"),
        rows("video", Video.objects.filter(channel__owner_id=user_id), "public_id", "channel__handle", "title",
             "description", "state", "privacy", "file", "size_bytes", "duration", "created_at", "published_at"),
        rows("comment", Comment.objects.filter(author_id=user_id), "id", "video__public_id", "parent_id", "body",
             "is_removed", "created_at"),
        rows("rating", Reaction.objects.filter(user_id=user_id), "video__public_id", "value", "changed_at"),
        rows("subscription", Subscription.objects.filter(user_id=user_id), "channel__handle", "created_at"),
        rows("playlist", Playlist.objects.filter(owner_id=user_id), "public_id", "title", "kind", "privacy",
             "created_at"),
        rows("playlist item", PlaylistItem.objects.filter(playlist__owner_id=user_id), "playlist__public_id",
             "video__public_id", "position", "starts", "stops", "added_at"),
        rows("upload", Upload.objects.filter(user_id=user_id), "public_id", "video__public_id", "name", "size",
             "received", "state", "created_at"),
        rows("history", Watcher.objects.filter(user_id=user_id), "is_paused", "cleared_at"),
        rows("watched", WatchHistory.objects.filter(user_id=user_id), "video__public_id", "ip", "position",
             "fraction", "watched_at"),
    )  # fmt: skip
