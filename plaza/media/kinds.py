"""What a file is, by its first bytes: a name or a Content-Type is only what somebody says."""

from __future__ import annotations

from typing import IO, NamedTuple

import filetype
from rest_framework.exceptions import UnsupportedMediaType

HEAD = 8192  # bytes, of which the signatures of ``filetype`` look at the first


class Kind(NamedTuple):
    mime: str
    extension: str
    family: str


IMAGES = {
    "image/jpeg": Kind("image/jpeg", "jpg", "image"),
    "image/png": Kind("image/png", "png", "image"),
    "image/webp": Kind("image/webp", "webp", "image"),
}
MOVIES = {
    "video/mp4": Kind("video/mp4", "mp4", "movie"),
    "video/x-m4v": Kind("video/mp4", "mp4", "movie"),
    "video/quicktime": Kind("video/quicktime", "mov", "movie"),
    "video/webm": Kind("video/webm", "webm", "movie"),
    "video/x-matroska": Kind("video/x-matroska", "mkv", "movie"),
}


class NotThisKind(UnsupportedMediaType):
    """415 for a file of a type that is not taken."""

    def __init__(self, found: str | None, allowed: dict[str, Kind]) -> None:
        said = f"This file is {found}" if found else "What this file is cannot be told from its first bytes"
        names = ", ".join(sorted({kind.mime for kind in allowed.values()}))
        super().__init__(found or "", f"{said}; expected one of {names}.")


def sniff(file: IO[bytes], allowed: dict[str, Kind]) -> Kind:
    """The kind of a file; it is read from its beginning and left there.

    :raises NotThisKind: 415, for any other than the allowed ones
    """
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    mime = filetype.guess_mime(head)
    if mime not in allowed:
        raise NotThisKind(mime, allowed)
    return allowed[mime]
