"""Files of videos in the storage. Those of rows that go are deleted after the commit, by the outbox: none is left."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.files.storage import default_storage

from plaza.api import outbox
from plaza.videos.models import Upload, VideosMessage

GONE = "videos.files_gone"
BATCH = 100  # files of one message

log = logging.getLogger(__name__)


def folder(upload: Upload) -> str:
    """Where the chunks of an upload lie."""
    return f"uploads/{upload.public_id}"


@contextmanager
def reached() -> Iterator[None]:
    """What a storage raises that is away is an OSError: the clients of S3 have errors of their own."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"the storage could not be used: {type(error).__name__}") from error


def remove(names: Iterable[str]) -> None:
    """Of what was never anybody's. One that cannot be removed stays, and stops nothing."""
    for name in names:
        try:
            if name:
                default_storage.delete(name)
        except Exception as error:  # whatever the storage raises
            log.warning("a file could not be removed: %s", type(error).__name__)


def drop(names: Iterable[str], folders: Iterable[str] = ()) -> None:
    """Inside the transaction that lets go of them: they are deleted after its commit, and however often it takes."""
    wanted = sorted({name for name in names if name})
    for first in range(0, len(wanted), BATCH):
        outbox.tell(VideosMessage, GONE, names=wanted[first : first + BATCH])
    for one in sorted(set(folders)):
        outbox.tell(VideosMessage, GONE, folder=one)


@outbox.consumes(GONE, "videos")
def delete(payload: Mapping[str, Any]) -> None:
    for name in payload.get("names") or _all_of(payload["folder"]):
        default_storage.delete(name)


def _all_of(folder: str) -> list[str]:
    """What lies in it, and where it is one of a disk, itself."""
    try:
        _, found = default_storage.listdir(folder)
    except FileNotFoundError:
        return []
    return [*(f"{folder}/{one}" for one in found), folder]
