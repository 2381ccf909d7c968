"""What becomes of an upload that is complete: its chunks are joined, looked at, and published or failed with a reason.

A worker (`manage.py plaza_process`, as many as wished) claims one upload for an hour: rows that another worker is just
claiming are skipped where the engine can. One that is killed leaves its claim to end, and the next one begins anew.
Whoever finishes proves by a conditional UPDATE that the claim is his still.

An attempt counts HEAVY from its beginning, so that an upload that kills its workers is soon given up; but one alone
where it finds that a storage or a database is away, which is no fault of the upload's: it is tried for about a day.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from shutil import copyfileobj
from tempfile import NamedTemporaryFile
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connections, router, transaction
from django.db.models import F, Q
from django.utils.timezone import now

from plaza.api import outbox
from plaza.api.problems import Unprocessable
from plaza.api.retries import retried
from plaza.media import movies
from plaza.videos import counters, files, quotas, states, telling, uploading
from plaza.videos.models import Upload, Video, Viewing

LEASE = timedelta(hours=1)
MOST_ATTEMPTS = 5  # that kill who works on it, or fail as nobody knows why
HEAVY = outbox.A_DAY // MOST_ATTEMPTS
UNWORKABLE = "It could not be processed: try another upload."
KEPT = timedelta(days=1)  # what is done with: uploads, so that a chunk that comes again is known, and sessions
BATCH = 500
PIECE = 1024 * 1024

log = logging.getLogger(__name__)


def work() -> bool:
    """Process one upload; whether there was one."""
    upload = claim()
    if upload is None:
        return False
    try:
        if upload.attempts > outbox.A_DAY:  # whoever tried it before was killed, perhaps by it; or all was away
            raise Unprocessable(UNWORKABLE)
        process(upload)
    except Unprocessable as error:
        fail(upload, str(error.detail))
    except outbox.AWAY as error:
        before = upload.attempts - HEAVY
        _later(upload, error, outbox.pause_after(before), attempts=before + 1)
    except Exception as error:
        if upload.attempts >= outbox.A_DAY:
            log.warning("upload %s is given up: %s", upload.public_id, type(error).__name__)
            fail(upload, UNWORKABLE)
        else:
            _later(upload, error, timedelta(seconds=10 * 2 ** (upload.attempts // HEAVY)))
    return True


def _later(upload: Upload, error: Exception, pause: timedelta, **changes: int) -> None:
    """The claim ends, and it is tried again."""
    log.warning("upload %s was not processed: %s", upload.public_id, type(error).__name__)
    _mine(upload).update(leased_until=now() + pause, **changes)


@retried
def claim() -> Upload | None:
    using = router.db_for_write(Upload)
    skip = connections[using].features.has_select_for_update_skip_locked
    free = Q(leased_until=None) | Q(leased_until__lt=now())
    if not Upload.objects.filter(free, state=Upload.State.RECEIVED).exists():
        return None  # SQLite has one lock for all who write: who looks does not take it
    with transaction.atomic(using=using):
        due = Upload.objects.select_for_update(skip_locked=skip).filter(free, state=Upload.State.RECEIVED)
        upload = due.order_by("expires_at", "pk").first()
        if upload is None:
            return None
        until = now() + LEASE
        Upload.objects.filter(pk=upload.pk).update(leased_until=until, attempts=F("attempts") + HEAVY)
    upload.leased_until, upload.attempts = until, upload.attempts + HEAVY
    return upload


def process(upload: Upload) -> None:
    """
    :raises Unprocessable: it is no movie that can be read
    """
    with _joined(upload) as whole:
        found = movies.probe(whole)
        with movies.bare(whole, upload.extension) as bare, files.reached():
            name = default_storage.save(_name(upload, upload.attempts), File(bare))
    if not _publish(upload, name, found):
        files.remove([name])  # the chunks are those of who has it now


def _name(upload: Upload, attempt: int) -> str:
    """Of what an attempt makes; no two begin with the same count."""
    return f"videos/{upload.public_id}-{attempt}.{upload.extension}"


@contextmanager
def _joined(upload: Upload) -> Iterator[IO[bytes]]:
    with NamedTemporaryFile(suffix=f".{upload.extension}") as whole:
        for chunk in upload.chunks.order_by("start"):
            with files.reached(), default_storage.open(chunk.file.name, "rb") as part:
                copyfileobj(part, whole, PIECE)
        whole.flush()
        yield whole.file


def _mine(upload: Upload) -> Any:
    return Upload.objects.filter(pk=upload.pk, state=Upload.State.RECEIVED, leased_until=upload.leased_until)


@retried
def _publish(upload: Upload, name: str, found: movies.Movie) -> bool:
    """False where somebody else has the upload now, or the video was deleted."""
    with transaction.atomic(using=router.db_for_write(Video)):
        if not _mine(upload).update(state=Upload.State.DONE):
            return False
        video = Video.objects.filter(pk=upload.video_id, state=Video.State.PROCESSING)
        values = {
            "file": name, "duration": found.duration, "frame_rate": found.frame_rate, "width": found.width,
            "height": found.height, "processed_at": now(), "version": F("version") + 1,
        }  # fmt: skip
        if not video.update(**values):
            return False
        _appear(upload.video_id)
        killed = (
            _name(upload, earlier) for earlier in range(HEAVY, upload.attempts)
        )  # what such workers may have left
        files.drop(killed, [files.folder(upload)])
    return True


def _appear(video: int) -> bool:
    """Publish what is processed, and whose time has come."""
    due = Q(publish_at=None) | Q(publish_at__lte=now())
    ready = Video.objects.filter(due, pk=video, state=Video.State.PROCESSING, processed_at__isnull=False)
    values = {"published_at": now(), "publish_at": None, "version": F("version") + 1}
    if not ready.update(state=Video.State.PUBLISHED, **values):
        return False
    found = Video.objects.select_related("channel").get(pk=video)
    counters.settle_channel(found.channel_id)
    telling.changed(found, Video.State.PROCESSING, found.privacy)
    return True


@retried
def fail(upload: Upload, reason: str) -> None:
    with transaction.atomic(using=router.db_for_write(Video)):
        if not _mine(upload).update(state=Upload.State.DONE):
            return
        values = {"failure": reason[:200], "size_bytes": 0, "version": F("version") + 1}
        if states.move(upload.video_id, Video.State.FAILED, **values):
            quotas.change(upload.user_id, used=-upload.size)
        files.drop([], [files.folder(upload)])


def publish_due() -> int:
    """Videos that waited for their moment."""
    ready = Video.objects.filter(publish_at__lte=now(), state=Video.State.PROCESSING, processed_at__isnull=False)
    return sum(map(_publish_one, ready.order_by("publish_at").values_list("pk", flat=True)[:BATCH]))


@retried
def _publish_one(video: int) -> bool:
    with transaction.atomic(using=router.db_for_write(Video)):
        return _appear(video)


def sweep() -> int:
    """Uploads that nobody goes on with are given up; what is done with is forgotten."""
    open_, over = Upload.objects.filter(state=Upload.State.OPEN), {"expires_at__lte": now()}
    swept = sum(uploading.give_up(one, **over) for one in open_.filter(**over).order_by("expires_at")[:BATCH])
    swept += _forget(Upload, Q(state=Upload.State.DONE, expires_at__lte=now()))
    return swept + _forget(Viewing, Q(seen_at__lt=now() - KEPT))


def _forget(model: type[Upload] | type[Viewing], old: Q) -> int:
    """All of it, in small steps that nobody waits for: one client alone may begin more sessions a minute than BATCH."""
    done = 0
    while True:
        keys = list(model._default_manager.filter(old).values_list("pk", flat=True)[:BATCH])
        done += model._default_manager.filter(old, pk__in=keys).delete()[0]
        if len(keys) < BATCH:
            return done
