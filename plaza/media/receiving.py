"""Bytes from a request's body, in pieces: no more than allowed, and memory for a megabyte of them at most."""

from __future__ import annotations

from collections.abc import Mapping
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from plaza.api.problems import TooLarge

PIECE = 64 * 1024
IN_MEMORY = 1024 * 1024


class Bytes(BaseParser):
    """For ``parser_classes``: the body as it is, whatever it says that it is."""

    media_type = "*/*"

    def parse(self, stream: IO[bytes], media_type: str | None = None, context: Mapping[str, Any] | None = None) -> Any:
        return stream


def received(request: Request, limit: int) -> IO[bytes]:
    """The body of a request, as a file that is gone when it is closed.

    :raises TooLarge: 413, more than ``limit`` bytes were announced or sent
    :raises ParseError: 400, it was not said how many there are, or fewer came
    """
    said = str(request.META.get("CONTENT_LENGTH") or "0")
    if not (said.isascii() and said.isdigit()) or "Transfer-Encoding" in request.headers:
        raise ParseError("Say how many bytes there are: send Content-Length, and all of them at once.")
    announced = int(said)
    if announced > limit:
        raise _too_large(limit)
    file: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # its reader closes it
    got = 0
    stream = request.data if announced else None
    while stream and (piece := stream.read(min(PIECE, announced - got))):
        got += len(piece)
        file.write(piece)
    if got != announced:
        file.close()
        raise ParseError(f"{got} of {announced} bytes arrived: send them again.")
    file.seek(0)
    return file


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"This is too large: expected at most {limit:,} bytes.")
