"""People whom social knows, and what they publish."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from PIL import Image
from pytest_django import fixtures

from plaza.accounts.api import tokens
from plaza.accounts.models import Profile
from plaza.api import outbox
from plaza.social.models import Person, ProfileStats
from plaza.tests.conftest import Client


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: fixtures.Settings) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def drain() -> None:
    """Whatever one database has to tell another."""
    for _ in range(3):
        done = [outbox.drain(model, 1000) for model in outbox.outboxes()]
        assert not any(failed for _, failed in done)
        if not any(some for some, _ in done):
            return


@pytest.fixture
def told() -> Callable[[str], Client]:
    """`told("cid")` has an account that social knows, and a token; without the time that a password takes."""
    return make


def make(name: str) -> Client:
    user = User.objects.create(username=name, password="!")
    profile = Profile.objects.create(user=user, nickname=name, name=name)
    Person.objects.create(
        user_id=user.pk, public_id=profile.public_id, nickname=name, name=name, told_at=profile.updated_at
    )
    client = Client()
    client.tokens = tokens.begin(user, client="", ip=None).as_dict()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {client.tokens['access']}")
    return client


@pytest.fixture
def ann(told: Callable[[str], Client]) -> Client:
    return told("ann")


@pytest.fixture
def ben(told: Callable[[str], Client]) -> Client:
    return told("ben")


@pytest.fixture
def cid(told: Callable[[str], Client]) -> Client:
    return told("cid")


def person(name: str) -> Person:
    return Person.objects.get(nickname=name)


def stats(name: str) -> ProfileStats:
    return ProfileStats.objects.get(pk=person(name).pk)


def path(name: str, more: str = "") -> str:
    """The address of a profile's `more`."""
    return f"/api/profiles/{person(name).public_id}{more}"


def follow(client: Client, name: str) -> None:
    answer = client.post(path(name, "/follow"))
    assert (answer.status_code, answer.json()["following"]) == (200, True), answer.content


def set_private(client: Client, is_private: bool = True) -> None:
    me = client.get("/api/me")
    assert client.patch("/api/me", {"is_private": is_private}, headers={"If-Match": me["ETag"]}).status_code == 200
    drain()


def picture(color: str = "red") -> bytes:
    """40 × 20, taken in Seoul."""
    file, exif = BytesIO(), Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (37.0, 33.0, 0.0), 3: "E", 4: (126.0, 58.0, 0.0)})
    Image.new("RGB", (40, 20), color).save(file, "JPEG", exif=exif)
    return file.getvalue()


def movie() -> bytes:
    """Half a second of 64 × 48."""
    import av

    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream: Any = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height = 64, 48
        for number in range(5):
            frame = av.VideoFrame(64, 48, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


def a_day_later(name: str) -> None:
    """What somebody published was published a day earlier."""
    row = stats(name)
    row.published = {what: [one - 24 * 3600 for one in moments] for what, moments in row.published.items()}
    row.save()


def put(client: Client, address: str, sent: bytes) -> Any:
    return client.generic("PUT", address, sent, content_type="application/octet-stream")


def uploaded(client: Client, sent: bytes | None = None, kind: str = "image", **more: Any) -> str:
    """The media of an upload that is ready."""
    sent = picture() if sent is None else sent
    begun = client.post("/api/uploads", {"kind": kind, "size_bytes": len(sent), **more}).json()
    assert put(client, begun["put"], sent).status_code == 204
    answer = client.post(f"/api/uploads/{begun['id']}/complete")
    if answer.status_code == 202:
        drain()
        answer = client.post(f"/api/uploads/{begun['id']}/complete")
    assert answer.status_code == 200, answer.content
    return str(answer.json()["media"])


def published(client: Client, body: str = "", **more: Any) -> dict[str, Any]:
    """A post of one picture, as it was answered."""
    answer = client.post("/api/posts", {"media": [uploaded(client)], "body": body, **more})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def told_story(client: Client, **more: Any) -> dict[str, Any]:
    answer = client.post("/api/stories", {"media": uploaded(client), **more})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())
