"""What social holds of a user: what he said, liked, saw and asked, what he was told, and whom he follows or blocks, by
their names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.db.models import F, OuterRef, Subquery

from plaza.api.exports import rows
from plaza.social.models import (
    Block,
    Comment,
    Follow,
    FollowRequest,
    Image,
    Liking,
    Movie,
    Notification,
    Person,
    Post,
    Story,
    ViewingStory,
)  # fmt: skip


def name_of(column: str) -> Subquery:
    return Subquery(Person.objects.filter(pk=OuterRef(column)).values("nickname")[:1])


def documents(user_id: int) -> Iterator[dict[str, Any]]:
    told = Notification.objects.filter(user_id=user_id, amount__gte=1)
    media = ("id", "post_id", "file", "width", "height", "size_bytes", "created_at")
    return chain(
        rows("post", Post.objects.filter(author_id=user_id), "id", "body", "location__name", "is_archived",
             "comments_open", "created_at", "edited_at"),
        rows("image", Image.objects.filter(owner_id=user_id), *media, "alt_text"),
        rows("movie", Movie.objects.filter(owner_id=user_id), *media, "duration"),
        rows("comment", Comment.objects.filter(author_id=user_id), "id", "post_id", "parent_id", "body", "is_removed",
             "created_at"),
        rows("like", Liking.objects.filter(user_id=user_id), "post_id", "created_at"),
        rows("story", Story.objects.filter(author_id=user_id), "id", "file", "kind", "caption", "created_at",
             "expires_at"),
        rows("seen story", ViewingStory.objects.filter(viewer_id=user_id), "story_id", "viewed_at"),
        rows("notification", told.annotate(who=name_of("actor_id"), about=F("kind")), "about", "who", "amount",
             "post_id", "comment_id", "details", "created_at", "updated_at"),
        rows("follow", Follow.objects.filter(follower_id=user_id).annotate(who=name_of("followed_id")), "who",
             "created_at"),
        rows("request", FollowRequest.objects.filter(sender_id=user_id).annotate(who=name_of("target_id")), "who",
             "created_at"),
        rows("block", Block.objects.filter(blocker_id=user_id).annotate(who=name_of("blocked_id")), "who",
             "created_at"),
    )  # fmt: skip
