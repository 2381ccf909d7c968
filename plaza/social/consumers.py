"""What social does when accounts tell of something; each may come twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plaza.api.outbox import consumes
from plaza.social.models import Comment, Follow, Image, Liking, Movie, Post, Story, ViewingStory


@consumes("accounts.deleted", "social")
def forget(payload: Mapping[str, Any]) -> None:
    """A deleted user's things go; his comments stay as empty places, for others replied to them."""
    user = payload["user_id"]
    for model, field in ((Post, "author"), (Story, "author"), (Liking, "user"), (ViewingStory, "viewer"),
                         (Follow, "follower"), (Follow, "followed"), (Image, "owner"), (Movie, "owner")):  # fmt: skip
        model._default_manager.filter(**{f"{field}_id": user}).delete()
    Comment.objects.filter(author_id=user).update(body="", is_removed=True)
