"""How often an upload is tried: what is away for hours loses none, and one that kills its workers is given up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.utils.timezone import now

from plaza.api import outbox
from plaza.media import movies
from plaza.tests.conftest import Client, on_a_full_disk
from plaza.tests.videos.conftest import begin, send
from plaza.videos import processing
from plaza.videos.models import Channel, Upload, Video


@pytest.fixture(autouse=True)
def _received(ann: Client, channel: Callable[..., Channel], movie: bytes) -> None:
    """A movie of ann's that is to be processed."""
    channel("ann", "anns")
    assert send(ann, begin(ann, movie, channel="anns")["Location"], movie).status_code == 201


def worked() -> Video:
    """After an attempt, and the pause that follows it."""
    assert processing.work()
    assert not processing.work(), "not yet"
    Upload.objects.update(leased_until=None)
    return Video.objects.get()


def raising(error: Exception) -> Callable[..., None]:
    def away(*_: object, **__: object) -> None:
        raise error

    return away


class Refused(Exception):
    """As the clients of S3 raise: no OSError."""


@pytest.mark.parametrize("error", [OSError("no way to 10.0.0.1"), OperationalError("no way to 10.0.0.1")])
def test_what_is_away_for_hours_costs_no_upload_and_is_not_waited_for_for_ever(
    ann: Client, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(processing, "process", raising(error))
    waited = timedelta()
    while worked().state == "processing":
        waited += outbox.pause_after(Upload.objects.get().attempts - 1)
    assert timedelta(hours=15) < waited < timedelta(hours=30)
    video = Video.objects.get()
    assert (video.state, video.failure) == ("failed", processing.UNWORKABLE)
    assert ann.get("/api/me/quota").json()["used"] == 0


@pytest.mark.parametrize("call", ["open", "save"])
def test_a_storage_with_errors_of_its_own_is_away_as_well(monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(default_storage, call, raising(Refused()))
        for _ in range(2 * processing.MOST_ATTEMPTS):
            assert worked().state == "processing"
    assert worked().state == "published"
    assert len(default_storage.listdir("videos")[1]) == 1


def test_a_full_disk_does_not_make_a_sound_movie_a_damaged_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(movies, "NamedTemporaryFile", on_a_full_disk)
        assert worked().state == "processing"
    assert worked().state == "published"


def test_what_fails_as_nobody_knows_why_is_tried_some_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processing, "process", raising(ZeroDivisionError()))
    for _ in range(processing.MOST_ATTEMPTS - 1):
        assert worked().state == "processing"
    video = worked()
    assert (video.state, video.failure) == ("failed", processing.UNWORKABLE)


def test_a_movie_that_kills_whoever_looks_at_it_is_not_tried_for_ever(
    ann: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(processing.MOST_ATTEMPTS):
        assert processing.claim() is not None
        Upload.objects.update(leased_until=now() - timedelta(seconds=1))
    monkeypatch.setattr(processing, "process", lambda upload: pytest.fail("it was tried once more"))
    video = worked()
    assert (video.state, video.failure) == ("failed", processing.UNWORKABLE)
    assert ann.get("/api/me/quota").json()["used"] == 0
