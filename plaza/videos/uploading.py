"""Receiving a file in chunks, by whichever process they come to.

How much is there is a number in the database, and a chunk counts when a compare-and-set moves it from where the chunk
begins to where it ends: of two clients that send at once one wins, and the other is told where to go on. Its bytes are
an object of the storage by then, written outside of any transaction. The last chunk only hands the upload to
``processing``, which joins them.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta
from typing import IO, NamedTuple

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import router, transaction
from django.utils.timezone import now

from plaza.api.problems import Conflict, Unprocessable
from plaza.api.retries import retried
from plaza.media import kinds
from plaza.videos import files, quotas, states
from plaza.videos.models import Upload, UploadChunk, Video

LIVES = timedelta(days=1)  # after its last chunk
MOST_CHUNKS = 1_000
LEAST = 1024  # bytes of a chunk that is not the last


class Chunk(NamedTuple):
    first: int
    size: int
    file: IO[bytes]


class Elsewhere(Conflict):
    """409: the upload goes on somewhere else than where this chunk begins."""

    default_detail = "This chunk does not begin where the upload goes on: see Range for what is there."


def least(upload: Upload) -> int:
    return max(LEAST, -(-upload.size // MOST_CHUNKS))


def begin(user: int, video: int, wanted: dict[str, object]) -> Upload | None:
    """In a transaction; None where the video is being uploaded already, or is whole."""
    if not states.move(video, Video.State.UPLOADING, failure=""):
        return None
    return Upload.objects.create(
        user_id=user, video_id=video, name=wanted["name"], content_type=wanted["type"], size=wanted["size"],
        expires_at=now() + LIVES,
    )  # fmt: skip


def open_of(user: int) -> int:
    """How many uploads of a user are open. In a transaction that has changed his quota, and so keeps it locked, nobody
    else begins one meanwhile.
    """
    return Upload.objects.filter(user_id=user, state=Upload.State.OPEN, expires_at__gt=now()).count()


def receive(upload: Upload, chunk: Chunk) -> bool:
    """Take a chunk; whether it is the last one that was missing.

    :raises Elsewhere: 409, it does not begin where the upload goes on
    :raises Unprocessable: 422, the first bytes are no movie's
    """
    digest = hashlib.file_digest(chunk.file, "sha256").hexdigest()
    if chunk.first != upload.received or upload.state != Upload.State.OPEN:
        _again(upload, chunk, digest)
        return False
    extension = upload.extension or _extension(chunk.file)
    chunk.file.seek(0)
    name = f"{files.folder(upload)}/{chunk.first:016d}-{uuid.uuid4().hex[:12]}"
    name = default_storage.save(name, File(chunk.file))
    try:
        is_whole = _take(upload, chunk, digest, extension, name)
    except BaseException:
        files.remove([name])
        raise
    return is_whole


def _again(upload: Upload, chunk: Chunk, digest: str) -> None:
    """A chunk whose answer was lost comes twice: it is there."""
    if not UploadChunk.objects.filter(upload=upload, start=chunk.first, size=chunk.size, sha256=digest).exists():
        raise Elsewhere


def _extension(file: IO[bytes]) -> str:
    try:
        return kinds.sniff(file, kinds.MOVIES).extension
    except kinds.NotThisKind as error:
        raise Unprocessable(str(error.detail)) from None


@retried
def _take(upload: Upload, chunk: Chunk, digest: str, extension: str, name: str) -> bool:
    end = chunk.first + chunk.size
    is_whole = end == upload.size
    with transaction.atomic(using=router.db_for_write(Upload)):
        mine = Upload.objects.filter(pk=upload.pk, received=chunk.first, state=Upload.State.OPEN)
        state = Upload.State.RECEIVED if is_whole else Upload.State.OPEN
        if not mine.update(received=end, extension=extension, state=state, expires_at=now() + LIVES):
            raise Elsewhere
        UploadChunk.objects.create(upload=upload, start=chunk.first, size=chunk.size, sha256=digest, file=name)
        if is_whole:
            states.move(upload.video_id, Video.State.PROCESSING, size_bytes=upload.size)
            quotas.settle(upload.user_id, upload.size)
    return is_whole


@retried
def give_up(upload: Upload, **still: object) -> bool:
    """End an open upload, of which all of this ``still`` holds: its video is a draft again, and nothing is reserved any
    more. Its row is locked first: Django deletes by the key alone, also what its last chunk has just made whole.
    """
    with transaction.atomic(using=router.db_for_write(Upload)):
        mine = Upload.objects.filter(pk=upload.pk)
        if not mine.select_for_update().filter(state=Upload.State.OPEN, **still):
            return False
        mine.delete()
        states.move(upload.video_id, Video.State.DRAFT)
        quotas.change(upload.user_id, reserved=-upload.size)
        files.drop([], [files.folder(upload)])
    return True
