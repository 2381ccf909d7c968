"""Files of videos in the storage. Those of rows that go are deleted after the commit, by the outbox: none is left."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.core.files.storage import default_storage

from plaza.api.files import Dropped
from plaza.videos.models import Upload, VideosMessage

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


drop = Dropped(VideosMessage)
