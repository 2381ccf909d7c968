"""Deleting videos and channels: with what hangs on them, what they took of a quota, and then their files.

The videos are hidden first, so that nobody new comes to them, and locked then: what is inserted beside them at the same
time waits, and finds them gone.
"""

from __future__ import annotations

from django.db import router, transaction
from django.db.models import QuerySet

from plaza.api.retries import persistent
from plaza.videos import captioning, counters, files, quotas, telling
from plaza.videos.models import Channel, Comment, Privacy, Upload, Video


def delete_video(key: int) -> None:
    """A second time changes nothing."""
    _hide(Video.objects.filter(pk=key))
    _delete_video(key)


def delete_channel(key: int) -> None:
    """A second time changes nothing."""
    _hide(Video.objects.filter(channel=key))
    _delete_channel(key)


def _hide(videos: QuerySet[Video]) -> None:
    videos.filter(state=Video.State.PUBLISHED).update(state=Video.State.DRAFT, privacy=Privacy.PRIVATE)


@persistent
def _delete_video(key: int) -> None:
    with transaction.atomic(using=router.db_for_write(Video)):
        uploads = list(Upload.objects.select_for_update().filter(video=key).order_by("pk"))
        found = Video.objects.select_for_update().filter(pk=key).first()
        if found is None:
            return
        owner = Channel.objects.values_list("owner_id", flat=True).get(pk=found.channel_id)
        _delete_comments(video=key)
        found.delete()
        counters.settle_channel(found.channel_id)
        if found.published_at is not None:
            telling.deleted(owner, [found.public_id])
        quotas.change(owner, used=-found.size_bytes, reserved=-_reserved(uploads))
        files.drop([found.file.name, *captioning.names(found.captions)], map(files.folder, uploads))


@persistent
def _delete_channel(key: int) -> None:
    with transaction.atomic(using=router.db_for_write(Channel)):
        channel = Channel.objects.select_for_update().filter(pk=key).first()
        if channel is None:
            return
        uploads = list(Upload.objects.select_for_update().filter(video__channel=key).order_by("pk"))
        videos = Video.objects.select_for_update().filter(channel=key).order_by("pk")
        rows = list(videos.values_list("file", "size_bytes", "public_id", "published_at", "captions"))
        _delete_comments(video__channel=key)
        channel.delete()
        telling.deleted(channel.owner_id, [public_id for _, _, public_id, published, _ in rows if published])
        quotas.change(channel.owner_id, used=-sum(size for _, size, *_ in rows), reserved=-_reserved(uploads))
        captions = [name for *_, column in rows for name in captioning.names(column)]
        files.drop([channel.banner.name, *(name for name, *_ in rows), *captions], map(files.folder, uploads))


def _delete_comments(**of: int) -> None:
    """Replies first, by the table's own keys: Django's collector would load each of them to delete it."""
    comments = Comment.objects.filter(**of)
    for level in (comments.filter(parent__isnull=False), comments):
        level._raw_delete(router.db_for_write(Comment))  # type: ignore[attr-defined]


def _reserved(uploads: list[Upload]) -> int:
    return sum(upload.size for upload in uploads if upload.state == Upload.State.OPEN)
