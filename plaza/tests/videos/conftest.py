"""Channels, movies and videos that are there."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import av
import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.timezone import now
from pytest_django import fixtures

from plaza.api import outbox
from plaza.tests.conftest import Client
from plaza.videos import counters
from plaza.videos.models import Channel, ChannelStats, Video, VideoStats

BYTES = bytes(range(256)) * 16


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, settings: fixtures.Settings) -> None:
    """Files in a folder of the test's own, and heartbeats written at once."""
    settings.MEDIA_ROOT, settings.BEATS_SECONDS = str(tmp_path), 0


def make_movie(frames: int = 20) -> bytes:
    """64 × 48 at 10 frames a second, of noise that is always the same."""
    file, noise = BytesIO(), Random(frames)
    with av.open(file, "w", format="mp4") as container:
        stream: Any = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height = 64, 48
        for _ in range(frames):
            frame = av.VideoFrame(64, 48, "yuv420p")
            for plane in frame.planes:
                plane.update(noise.randbytes(plane.buffer_size))
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return file.getvalue()


@pytest.fixture(scope="session")
def movie() -> bytes:
    return make_movie()


def number_of(name: str) -> int:
    return int(User.objects.get(username=name).pk)


@pytest.fixture
def channel() -> Callable[..., Channel]:
    """`channel("ann")` is a channel of hers."""

    def make(owner: str, handle: str | None = None) -> Channel:
        handle = handle or f"{owner}-{uuid.uuid4().hex[:8]}"
        made = Channel.objects.create(owner_id=number_of(owner), handle=handle, title=f"{owner}'s")
        ChannelStats.objects.create(channel=made)
        return made

    return make


@pytest.fixture
def video(channel: Callable[..., Channel]) -> Callable[..., Video]:
    """`video("ann", privacy="private")` is a video of hers that is published; or of a channel."""

    def make(of: str | Channel, **values: Any) -> Video:
        where = of if isinstance(of, Channel) else channel(of)
        name = default_storage.save("videos/x.mp4", ContentFile(BYTES))
        ready = {
            "title": "A video", "state": "published", "published_at": now(), "file": name, "size_bytes": len(BYTES),
            "duration": timedelta(seconds=60), "created_at": now(),
        }  # fmt: skip
        made = Video.objects.create(channel=where, **{**ready, **values})
        VideoStats.objects.create(video=made)
        counters.settle_channel(where.pk)
        return made

    return make


def drain() -> None:
    """Whatever one database has to tell another, and which files are to go."""
    for model in outbox.outboxes():
        while outbox.drain(model)[0]:
            pass


def send(client: Client, path: str, data: bytes, span: str | None = None) -> Any:
    """PUT bytes."""
    return client.send(path, data, **({"Content-Range": span} if span else {}))


def body(answer: Any) -> bytes:
    """What was sent as a stream, to its end, where its file is closed."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def begin(client: Client, data: bytes, **wanted: Any) -> Any:
    told = {"name": "a.mp4", "size": len(data), "type": "video/mp4", **wanted}
    return client.post("/api/videos/uploads", told)
