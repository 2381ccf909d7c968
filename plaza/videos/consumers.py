"""What videos does when accounts tell of something; each may come twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plaza.api.outbox import consumes
from plaza.videos.models import Channel, Comment, Playlist, Reaction, Subscription, WatchHistory


@consumes("accounts.deleted", "videos")
def forget(payload: Mapping[str, Any]) -> None:
    """A deleted user's channels, lists and traces go; his comments with the replies to them too."""
    user = payload["user_id"]
    for model, field in ((Channel, "owner"), (Comment, "author"), (Playlist, "owner"), (Reaction, "user"),
                         (Subscription, "user"), (WatchHistory, "user")):  # fmt: skip
        model._default_manager.filter(**{f"{field}_id": user}).delete()
