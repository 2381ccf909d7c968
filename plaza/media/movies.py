"""Movies, by PyAV: how large and how long one is, and a copy without what its camera wrote, such as a place."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from tempfile import NamedTemporaryFile
from typing import IO, Any, NamedTuple

from plaza.api.problems import Unprocessable

FORMATS = {"mp4": "mp4", "mov": "mov", "webm": "webm", "mkv": "matroska"}
COPIED = ("video", "audio")
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}


class Movie(NamedTuple):
    width: int  # pixels
    height: int
    duration: timedelta
    frame_rate: float | None  # a second


def probe(file: IO[bytes]) -> Movie:
    """What a movie is. PyAV is imported here alone: only the processes that work on movies need its memory.

    :raises Unprocessable: 422, it cannot be read, or there is no picture in it
    """
    with _opened(file) as container:
        video = container.streams.video[0]
        if not video.width or not video.height or next(container.decode(video), None) is None:
            raise Unprocessable("This movie has no picture that can be shown.")
        rate = video.average_rate
        length = container.duration or 0  # microseconds
        return Movie(video.width, video.height, timedelta(microseconds=length), float(rate) if rate else None)


@contextmanager
def bare(file: IO[bytes], extension: str) -> Iterator[IO[bytes]]:
    """A copy of its pictures and sound alone, ready to be played while it is loaded; gone afterwards.

    :raises Unprocessable: 422, it cannot be read
    :raises OSError: there is no room for the copy, or its disk is broken; the movie may be sound
    """
    import av

    with NamedTemporaryFile(suffix=f".{extension}") as copy:
        options = {"movflags": "faststart"} if extension in ("mp4", "mov") else {}
        made_by = {"format": FORMATS[extension], "options": options}
        with _opened(file, copy.name) as source, av.open(copy.name, "w", **made_by) as target:
            kept = [stream for stream in source.streams if stream.type in COPIED]
            new: dict[int, Any] = {stream.index: target.add_stream_from_template(stream) for stream in kept}
            for stream in new.values():
                stream.metadata.clear()
            for packet in source.demux(*kept):
                if packet.dts is not None:  # the last one of each stream is empty
                    packet.stream = new[packet.stream.index]
                    target.mux(packet)
        yield copy.file


@contextmanager
def _opened(file: IO[bytes], target: str = "") -> Iterator[Any]:
    """To be read, and perhaps written to a target, of which FFmpeg says by the same errors what is wrong with it."""
    import av

    file.seek(0)
    try:
        with av.open(file, "r") as container:
            if not container.streams.video:
                raise Unprocessable("There is no picture in this movie.")
            yield container
    except (av.error.FFmpegError, ValueError, UnicodeDecodeError) as error:
        if isinstance(error, OSError) and error.filename == target and error.errno in NO_ROOM:
            raise
        raise Unprocessable("This movie cannot be read: it is damaged, or not what its first bytes say.") from error
