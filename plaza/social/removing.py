"""What goes with what: a post with everything under it, comments, likes, and all that a deleted user had.

Everything is deleted by the tables' own keys, children first: Django's collector would load a thousand comments to
delete them. Each function that changes counters holds them: see plaza.social.models.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import router, transaction
from django.db.models import Model, Q

from plaza.social import blocking, counters, files, following, inbox
from plaza.social.models import (
    Block,
    Comment,
    Follow,
    FollowRequest,
    Image,
    Liking,
    Marker,
    Movie,
    Notification,
    Post,
    PostStats,
    ProfileStats,
    SocialRequest,
    Story,
    Upload,
    ViewingStory,
)  # fmt: skip

BATCH = 200
MEDIA: tuple[type[Image] | type[Movie], ...] = (Image, Movie)


def remove_post(post: Post) -> None:
    """With its author's counters and its own locked, in this order."""
    mine: dict[str, Any] = {"post_id": post.pk}
    for media in MEDIA:
        files.drop(media._default_manager.filter(**mine).values_list("file", flat=True))
    Notification.objects.filter(Q(**mine) | Q(comment__post_id=post.pk)).delete()
    _at_once(Comment, parent__isnull=False, **mine)
    for model in (Comment, Liking, Post.tags.through, Image, Movie, PostStats):
        _at_once(model, **mine)
    if not post.is_archived:
        counters.add(ProfileStats, post.author_id, posts=-1)
    _at_once(Post, pk=post.pk)


def remove_comment(comment: Comment, owner: int) -> None:
    """Its place stays, for others replied to it. With the counters of its post locked."""
    changed = Comment.objects.filter(pk=comment.pk, is_removed=False).update(is_removed=True, body="")
    if changed:
        counters.add(PostStats, comment.post_id, comments=-1)
        inbox.uncommented(comment, owner)


def unlike(post: int, owner: int, user: int) -> bool:
    """Whether there was a like. With the counters of the post locked."""
    gone, _ = Liking.objects.filter(post_id=post, user_id=user).delete()
    if gone:
        counters.add(PostStats, post, likes=-1)
        inbox.unliked(post, owner, user)
    return bool(gone)


def remove_story(story: Story) -> bool:
    """Whether it was there. Locked first: nobody who looks at it meanwhile is left without it."""
    if not list(Story.objects.select_for_update().filter(pk=story.pk).values_list("pk", flat=True)):
        return False
    files.drop([story.file.name])
    _at_once(ViewingStory, story_id=story.pk)
    _at_once(Story, pk=story.pk)
    return True


def remove_user(user: int) -> None:
    """Everything that a deleted user had here, a transaction for each thing: killed half way, it goes on from there.

    Uploads go before pictures, for an upload that is there may still become one.
    """
    _each(Post.objects.filter(author_id=user), _post_of)
    _each(Comment.objects.filter(author_id=user, is_removed=False), _comment_of)
    _each(Liking.objects.filter(user_id=user), _like_of)
    _each(Follow.objects.filter(Q(follower_id=user) | Q(followed_id=user)), _follow_of)
    _each(Story.objects.filter(author_id=user), remove_story)
    _each(Upload.objects.filter(owner_id=user), _upload_of)
    for media in MEDIA:
        _each(media._default_manager.filter(owner_id=user), _media_of)
    for model, keys in (
        (FollowRequest, ("sender", "target")), (Block, ("blocker", "blocked")), (ViewingStory, ("viewer",)),
        (Notification, ("user", "actor")), (Marker, ("user",)), (SocialRequest, ("user",)),
    ):  # fmt: skip
        for key in keys:
            _at_once(model, **{f"{key}_id": user})
    ProfileStats.objects.filter(pk=user).update(posts=0, followers=0, following=0, published=None)


def remove(row: Model) -> None:
    """One row as whoever has it would: with what hangs on it, with its file, and out of the counters."""
    with transaction.atomic(using=router.db_for_write(type(row))):
        ALONE[type(row)](row)


def _each(rows: Any, act: Callable[[Any], Any]) -> None:
    using = router.db_for_write(rows.model)
    while batch := list(rows.order_by("pk")[:BATCH]):
        for row in batch:
            with transaction.atomic(using=using):
                act(row)


def _post_of(post: Post) -> None:
    counters.lock_people(post.author_id)
    if counters.lock_post(post.pk):
        remove_post(post)


def _comment_of(comment: Comment) -> None:
    if counters.lock_post(comment.post_id):
        remove_comment(comment, Post.objects.values_list("author_id", flat=True).get(pk=comment.post_id))


def _like_of(like: Liking) -> None:
    if counters.lock_post(like.post_id):
        unlike(like.post_id, Post.objects.values_list("author_id", flat=True).get(pk=like.post_id), like.user_id)


def _follow_of(follow: Follow) -> None:
    counters.lock_people(follow.follower_id, follow.followed_id)
    following.end(follow.follower_id, follow.followed_id)


def _block_of(block: Block) -> None:
    blocking.end(block.blocker_id, block.blocked_id)


def _media_of(media: Image | Movie) -> None:
    if _at_once(type(media), pk=media.pk):
        files.drop([media.file.name])


def _upload_of(upload: Upload) -> None:
    if _at_once(Upload, pk=upload.pk):
        files.drop([upload.raw, upload.kept])


ALONE: dict[type[Model], Callable[[Any], Any]] = {
    Post: _post_of, Comment: _comment_of, Liking: _like_of, Follow: _follow_of, Block: _block_of,
    Story: remove_story, Image: _media_of, Movie: _media_of, Upload: _upload_of,
}  # fmt: skip


def _at_once(model: type[Model], **which: Any) -> int:
    """Delete by one statement, whose condition the database tests on each row that it locks; returns how many."""
    rows = model._default_manager.filter(**which)
    return int(rows._raw_delete(router.db_for_write(model)))  # type: ignore[attr-defined]
