"""Threads of comments. Whoever adds to a thread or takes from it locks its root first, then counts."""

from __future__ import annotations

from django.db import router, transaction
from django.utils.timezone import now

from plaza.api.retries import retried
from plaza.videos import counters, telling
from plaza.videos.models import Comment, VideoStats


def is_shown(comment: Comment) -> bool:
    return bool(comment.is_approved) and not comment.is_removed


def add(video: int, author: int, body: str, *, is_approved: bool | None, parent: int | None = None) -> Comment | None:
    """In a transaction. None where the thread was removed."""
    if parent is not None:
        root = Comment.objects.select_for_update().filter(pk=parent).first()
        if root is None or root.is_removed:
            return None
    comment: Comment = Comment.objects.create(
        video_id=video, author_id=author, body=body, is_approved=is_approved, parent_id=parent, created_at=now()
    )
    if is_approved:
        counters.add(VideoStats, video, comments=1)
    telling.commented(comment)
    return comment


@retried
def approve(comment: int) -> None:
    """A second time changes nothing."""
    with transaction.atomic(using=router.db_for_write(Comment)):
        found = Comment.objects.select_for_update().filter(pk=comment, is_removed=False).first()
        if found is None or found.is_approved:
            return
        Comment.objects.filter(pk=comment).update(is_approved=True)
        counters.add(VideoStats, found.video_id, comments=1)
        if found.parent_id is not None:  # the owner knows of a thread, and nobody yet of a reply
            found.is_approved = True
            telling.commented(found)


@retried
def remove(comment: int, root: int) -> bool:
    """A root that has replies stays as an empty place, until the last of them goes. False where it was one already."""
    with transaction.atomic(using=router.db_for_write(Comment)):
        locked = {c.pk: c for c in Comment.objects.select_for_update().filter(pk__in={root, comment}).order_by("pk")}
        found = locked.get(comment)
        if found is None:
            return True
        if found.is_removed:
            return False
        telling.uncommented(found)
        if found.parent_id is None and Comment.objects.filter(parent=comment).exists():
            Comment.objects.filter(pk=comment).update(is_removed=True, body="")
        else:
            Comment.objects.filter(pk=comment).delete()
        if is_shown(found):
            counters.add(VideoStats, found.video_id, comments=-1)
        if found.parent_id and locked[root].is_removed and not Comment.objects.filter(parent=root).exists():
            Comment.objects.filter(pk=root).delete()
    return True
