"""Movies that are worked on later: whatever happens meanwhile, what was sent is not lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils.timezone import now

from plaza.api import outbox
from plaza.media import movies
from plaza.social.models import SocialMessage, Upload
from plaza.tests.conftest import Client
from plaza.tests.social.conftest import drain, movie, put


@pytest.fixture
def upload(ann: Client) -> Upload:
    """A movie of ann's that is complete, and to be worked on."""
    sent = movie()
    begun = ann.post("/api/uploads", {"kind": "movie", "size_bytes": len(sent)}).json()
    assert put(ann, begun["put"], sent).status_code == 204
    assert ann.post(f"/api/uploads/{begun['id']}/complete").status_code == 202
    return Upload.objects.get()


def test_a_full_disk_does_not_make_a_sound_movie_a_damaged_one(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def full(**_: Any) -> Iterator[Any]:
        with open("/dev/full", "r+b") as file:
            yield SimpleNamespace(name="/dev/full", file=file)

    with monkeypatch.context() as patch:
        patch.setattr(movies, "NamedTemporaryFile", full)
        assert outbox.drain(SocialMessage) == (0, 1)
    upload.refresh_from_db()
    assert (upload.state, default_storage.exists(upload.raw)) == ("processing", True)
    SocialMessage.objects.update(due_at=now())
    drain()
    upload.refresh_from_db()
    assert upload.state == "ready"
