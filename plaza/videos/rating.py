"""A user's rating of a video: the reaction's row is locked first, then both counters change in one UPDATE."""

from __future__ import annotations

from django.db import IntegrityError, router, transaction
from django.utils.timezone import now

from plaza.videos import counters
from plaza.videos.models import Reaction, VideoStats

LIKE, DISLIKE = Reaction.Value.LIKE, Reaction.Value.DISLIKE


def rate(user: int, video: int, value: int | None) -> None:
    """In a transaction. None takes a rating back.

    :raises IntegrityError: the video was just deleted
    """
    was = _lock(user, video)
    if was is None and value is not None:
        if _insert(user, video, value):
            _count(video, None, value)
            return
        was = _lock(user, video)  # another request of the same user was first
    if was == value:
        return
    mine = Reaction.objects.filter(video=video, user=user)
    changed = mine.delete()[0] if value is None else mine.update(value=value, changed_at=now())
    if changed:
        _count(video, was, value)


def _lock(user: int, video: int) -> int | None:
    rows = Reaction.objects.select_for_update().filter(video=video, user=user)
    return rows.values_list("value", flat=True).first()


def _insert(user: int, video: int, value: int) -> bool:
    """False where there is one. One that was in the way and is gone by now is no video that is gone: tried again."""
    for is_last in (False, False, True):
        try:
            with transaction.atomic(using=router.db_for_write(Reaction)):
                Reaction.objects.create(user_id=user, video_id=video, value=value)
        except IntegrityError:
            if Reaction.objects.filter(user=user, video=video).exists():
                return False
            if is_last:
                raise
        else:
            break
    return True


def _count(video: int, was: int | None, value: int | None) -> None:
    counters.add(
        VideoStats, video, likes=(value == LIKE) - (was == LIKE), dislikes=(value == DISLIKE) - (was == DISLIKE)
    )
