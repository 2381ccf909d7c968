"""Movies that are worked on later: whatever happens meanwhile, what was sent is not lost, and nothing is left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils.timezone import now

from plaza.api import outbox
from plaza.media import movies
from plaza.social import uploading
from plaza.social.models import Movie, SocialMessage, Upload
from plaza.tests.conftest import Client, on_a_full_disk
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
    with monkeypatch.context() as patch:
        patch.setattr(movies, "NamedTemporaryFile", on_a_full_disk)
        assert outbox.drain(SocialMessage) == (0, 1)
    upload.refresh_from_db()
    assert (upload.state, default_storage.exists(upload.raw)) == ("processing", True)
    SocialMessage.objects.update(due_at=now())
    drain()
    upload.refresh_from_db()
    assert upload.state == "ready"


@pytest.mark.parametrize("when", ["reads", "writes"])
def test_of_two_who_work_on_a_movie_none_deletes_what_the_other_has_published(
    upload: Upload, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """A second one works on it from its beginning to its end while the first is just reading it, or has written it."""
    work, payload = uploading.work_on_movie, {"upload": upload.pk}
    where, name = {"reads": (movies, "probe"), "writes": (default_storage, "save")}[when]
    act, delete = getattr(where, name), default_storage.delete
    deleted = list[str]()

    def gone(name: str) -> None:
        deleted.append(name)
        delete(name)

    def late(*args: Any) -> Any:
        patch.undo()
        found = act(*args)
        work(payload)
        return found

    monkeypatch.setattr(default_storage, "delete", gone)
    with monkeypatch.context() as patch:
        patch.setattr(where, name, late)
        work(payload)
    drain()
    upload.refresh_from_db()
    made = Movie.objects.get()
    assert (upload.state, upload.media, upload.kept) == ("ready", f"movie-{made.pk}", made.file.name)
    assert default_storage.listdir("movies")[1] == [made.file.name.removeprefix("movies/")]
    assert default_storage.listdir("uploads")[1] == []
    assert made.file.name not in deleted


def test_a_movie_whose_worker_was_killed_leaves_no_file_of_his(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(name: str) -> int:
        raise SystemExit  # as far as the drain gets

    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "size", killed)
        for _ in range(2):
            with pytest.raises(SystemExit):
                uploading.work_on_movie({"upload": upload.pk})
    drain()
    assert default_storage.listdir("movies")[1] == [Movie.objects.get().file.name.removeprefix("movies/")]


def test_a_movie_is_one_drains_for_longer_than_a_small_message(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    until = list[timedelta]()

    def look(payload: object) -> None:
        claimed = SocialMessage.objects.get(topic=uploading.RECEIVED).claimed_until
        assert claimed is not None
        until.append(claimed - now())

    monkeypatch.setitem(outbox._handlers, uploading.RECEIVED, {"social": look})
    outbox.drain(SocialMessage)
    assert until[0] > timedelta(minutes=50)
