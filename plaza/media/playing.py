"""Files as they are sent: whole, or the range that a player asks for (RFC 9110, section 14).

Django's FileResponse knows no ranges. Where nginx is in front (X_ACCEL names its internal location) it sends the file,
and where the files lie in S3 its address is answered; else plaza reads the file itself, in pieces.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import IO
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from rest_framework.exceptions import NotFound

from plaza.api import versions
from plaza.api.problems import NoSuchRange
from plaza.media import kinds
from plaza.media.links import is_local

PIECE = 256 * 1024
TYPES = {f".{kind.extension}": kind.mime for kind in (*kinds.IMAGES.values(), *kinds.MOVIES.values())}
"""What a file is by its end, which plaza gave it. Python asks the machine, and a slim image does not know Matroska,
nor before Python 3.13 WebP: with "nosniff" a browser would show neither."""
RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{1,18})?|-(\d{1,18}))")


def answer(
    request: HttpRequest, name: str, *, content_type: str | None = None, seconds: int | None = None
) -> HttpResponseBase:
    """The file of this name, to whom it may be sent: that was asked before. A browser keeps it for so long at most.

    :raises NotFound: there is no such file
    :raises NoSuchRange: 416, it has no such bytes
    """
    if not is_local():
        return HttpResponseRedirect(default_storage.url(name))
    known = TYPES.get(PurePath(name).suffix) or mimetypes.guess_type(name)[0]
    try:
        size = default_storage.size(name)
    except FileNotFoundError:
        raise NotFound("This file is not there any more.") from None
    tag = versions.etag("file", name, size)
    response = _by_nginx(name) if settings.X_ACCEL else _by_oneself(request, name, size, tag)
    response["Content-Type"] = content_type or known or "application/octet-stream"
    most = settings.MEDIA_LINK_SECONDS
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = f"private, max-age={most if seconds is None else min(seconds, most)}"
    response["ETag"] = tag
    return response


def _by_nginx(name: str) -> HttpResponse:
    response = HttpResponse()
    response["X-Accel-Redirect"] = settings.X_ACCEL + quote(name)
    return response


def _by_oneself(request: HttpRequest, name: str, size: int, tag: str) -> HttpResponseBase:
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304)
    wanted = _range(request, size, tag)
    if wanted == ():
        raise NoSuchRange(size)
    first, last = wanted or (0, size - 1)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse()
    else:
        response = StreamingHttpResponse(Part(default_storage.open(name, "rb"), first, last - first + 1))
    response.status_code = 206 if wanted else 200
    response["Accept-Ranges"] = "bytes"
    response["Content-Length"] = str(last - first + 1)
    if wanted:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _range(request: HttpRequest, size: int, tag: str) -> tuple[int, int] | tuple[()] | None:
    """(first, last) of the bytes that are wanted; () for what cannot be; None for all of them.

    A range that is not understood, several at once, and one of a file that has changed since are answered by the
    whole file, as RFC 9110 allows.
    """
    said = RANGE.fullmatch(request.headers.get("Range", ""))
    if said is None or request.headers.get("If-Range", tag) != tag:
        return None
    first, last, end = said.groups()
    if end is not None:
        length = min(int(end), size)
        return (size - length, size - 1) if length else ()
    if last is not None and int(last) < int(first):
        return None
    return (int(first), min(int(last or size), size - 1)) if int(first) < size else ()


class Part:
    """A part of a file, in pieces; the server closes it, also where its client has gone before the first of them."""

    def __init__(self, file: IO[bytes], first: int, length: int) -> None:
        self._file, self._first, self._length = file, first, length

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(self._first)
        left = self._length
        while left > 0 and (piece := self._file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece

    def close(self) -> None:
        self._file.close()
