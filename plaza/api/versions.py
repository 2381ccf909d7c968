"""ETags: what was not changed is not sent again (304), and a change says what it was made from (412, 428)."""

from __future__ import annotations

import hashlib

from rest_framework.request import Request
from rest_framework.response import Response

from plaza.api.problems import Stale, VersionRequired


def etag(*parts: object) -> str:
    """A strong ETag of a row's key and version, in its quotes; it depends on no replica's delay."""
    return '"' + hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32] + '"'


def whole(version: str, *parts: object) -> str:
    """The ETag of a version together with what changes by itself, such as counters: new likes are not sent as a 304,
    and do not make a change of the text stale (see require)."""
    return f'{version[:-1]}.{etag(*parts)[1:17]}"'


def tag(kind: str, key: int, version: int, *also: object) -> str:
    """The ETag of what its owner wrote and, where it is named, of what changes besides it, such as counters."""
    written = etag(kind, key, version)
    return whole(written, *also) if also else written


def _given(request: Request, header: str) -> list[str]:
    return [one.strip() for one in request.headers.get(header, "").split(",") if one.strip()]


def is_known(request: Request, tag: str) -> bool:
    """Whether the client has it."""
    known = [one.removeprefix("W/") for one in _given(request, "If-None-Match")]
    return tag in known or "*" in known


def answer(request: Request, data: object, tag: str) -> Response:
    """The data with its ETag, or 304 where the client has it."""
    if is_known(request, tag):
        return Response(status=304, headers={"ETag": tag})
    return Response(data, headers={"ETag": tag})


def require(request: Request, tag: str) -> None:
    """Refuse a change that does not name the version that it was made from."""
    given = _given(request, "If-Match")
    if not given:
        raise VersionRequired
    if _written(tag) not in map(_written, given) and given != ["*"]:
        raise Stale


def _written(tag: str) -> str:
    """The part of a tag that stands for what its owner wrote."""
    return tag.partition(".")[0].rstrip('"')
