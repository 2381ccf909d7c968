"""What nobody needs any more is deleted, and its files with it: stories that are over, and uploads that were given up.

Each row is deleted by a condition that is tested while it is locked, so that a file which a post claims meanwhile
stays; what somebody else has locked has its turn the next time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import connections, router, transaction
from django.db.models import Q
from django.utils.timezone import now

from plaza.social import files, hearing, removing
from plaza.social.clock import DatabaseNow
from plaza.social.models import Image, Movie, Story, Upload, Withdrawn

BATCH = 200
UNUSED = timedelta(hours=24)  # after which an upload was given up
LATEST = timedelta(days=30)  # that a message of another database comes after a newer one


def clean_stories() -> int:
    """Stories that are over; returns how many."""
    using, done = router.db_for_write(Story), 0
    skip = connections[using].features.has_select_for_update_skip_locked
    while True:
        with transaction.atomic(using=using):
            over = Story.objects.select_for_update(skip_locked=skip).filter(expires_at__lte=DatabaseNow())
            batch = list(over.order_by("pk")[:BATCH])
            done += sum(removing.remove_story(story) for story in batch)
        if len(batch) < BATCH:
            return done


def clean_uploads() -> int:
    """Uploads that were never completed, and pictures and movies that no post or story has claimed."""
    before = now() - UNUSED
    done = 0
    for upload in _in_batches(Upload.objects.filter(changed_at__lt=before)):
        ready = upload.state == Upload.State.READY  # its picture has a row of its own
        unchanged = {"state": upload.state, "changed_at": upload.changed_at}
        done += _deleted(upload, [] if ready else [upload.raw, upload.kept], **unchanged) and not ready
    for media in (Image, Movie):
        unclaimed = media._default_manager.filter(post=None, created_at__lt=before)
        for row in _in_batches(unclaimed):
            done += _deleted(row, [row.file.name or ""], post__isnull=True)
    return done


def clean_withdrawn() -> int:
    """What came back, or never will, and of which no message can be late any more."""
    done = Q(is_lifted=True) | Q(version=hearing.FINAL)
    rows = Withdrawn.objects.filter(done, changed_at__lt=now() - LATEST)
    return rows._raw_delete(router.db_for_write(Withdrawn))  # type: ignore[attr-defined,no-any-return]


def _in_batches(rows: Any) -> Iterator[Any]:
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield from batch
        last = batch[-1].pk


def _deleted(row: Any, names: list[str], **condition: Any) -> int:
    using = router.db_for_write(type(row))
    with transaction.atomic(using=using):
        gone = type(row)._default_manager.filter(pk=row.pk, **condition)._raw_delete(using)
        if gone:
            files.drop(names)
    return int(gone)
