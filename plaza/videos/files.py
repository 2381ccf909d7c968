"""Files of videos in the storage. They are removed after their rows: what is left by a crash in between is nobody's."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.core.files.storage import default_storage

if TYPE_CHECKING:
    from plaza.videos.models import Upload

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
    """One that cannot be removed stays, and stops nothing."""
    for name in names:
        try:
            if name:
                default_storage.delete(name)
        except Exception as error:  # whatever the storage raises
            log.warning("a file could not be removed: %s", type(error).__name__)


def remove_folder(name: str) -> None:
    """All that lies in it, and where it is one of a disk, itself."""
    try:
        _, files = default_storage.listdir(name)
    except FileNotFoundError:
        return
    except Exception as error:
        log.warning("a folder could not be listed: %s", type(error).__name__)
        return
    remove([*(f"{name}/{file}" for file in files), name])
