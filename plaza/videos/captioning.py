"""Captions of a video: a file of the storage for each language, and their names by language in the video's row.

Not the texts themselves: a row is read with all of its columns in many places, and texts of several megabytes with it.
A file is there before its row names it and goes after that, so whoever reads a name finds its file, or reads anew.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import router, transaction
from django.utils.timezone import now

from plaza.api.problems import Conflict
from plaza.api.retries import retried
from plaza.videos import files
from plaza.videos.models import Video

MOST = 100
"""Languages of one video."""

LARGEST = 2**20
"""Bytes of one language."""

Captions = dict[str, dict[str, Any]]


def kept(column: Any) -> Captions:
    """What a row says; rows of before this was an endpoint may say something else."""
    known = column if isinstance(column, dict) else {}
    return {language: made for language, made in known.items() if isinstance(made, dict) and "file" in made}


def names(column: Any) -> list[str]:
    """The files of a row."""
    return [one["file"] for one in kept(column).values()]


def put(video: int, language: str, data: bytes) -> dict[str, Any] | None:
    """In place of what was there; None where the video has gone."""
    name = default_storage.save(f"captions/{uuid.uuid4().hex}.vtt", ContentFile(data))
    made = {
        "file": name,
        "size": len(data),
        "digest": hashlib.sha256(data).hexdigest(),
        "changed_at": now().isoformat().replace("+00:00", "Z"),
    }

    def add(captions: Captions) -> None:
        if language not in captions and len(captions) >= MOST:
            raise Conflict(f"A video has captions in at most {MOST} languages.")
        captions[language] = made

    try:
        was = _change(video, add)
    except BaseException:
        files.remove([name])
        raise
    if was is None:
        files.remove([name])
        return None
    return made


def delete(video: int, language: str) -> None:
    """One that is not there is no error."""
    _change(video, lambda captions: captions.pop(language, None))


@retried
def _change(video: int, act: Callable[[Captions], Any]) -> Captions | None:
    """What was there before; files that it no longer names go. Of two who change at once the second sees what the first
    wrote: it waits for the row.
    """
    with transaction.atomic(using=router.db_for_write(Video)):
        row = Video.objects.select_for_update().filter(pk=video).values_list("captions", flat=True)
        found = list(row)
        if not found:
            return None
        was = kept(found[0])
        captions = dict(was)
        act(captions)
        if captions != was:
            Video.objects.filter(pk=video).update(captions=captions or None)
            files.drop(set(names(was)) - set(names(captions)))
        return was
