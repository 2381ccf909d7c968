"""Uploads that are resumed, and what becomes of them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connections, router, transaction
from django.utils.timezone import now
from pytest_django import fixtures

from plaza.api.health import used_aliases
from plaza.tests.conftest import Client
from plaza.tests.videos.conftest import begin, body, drain, make_movie, number_of, send
from plaza.videos import processing, uploading
from plaza.videos.models import Channel, Quota, Upload, UploadChunk, Video, Viewing

ALIAS = router.db_for_write(Upload)


@pytest.fixture
def started(ann: Client, channel: Callable[..., Channel], movie: bytes) -> str:
    """Where ann sends the bytes of the movie."""
    channel("ann", "anns")
    answer = begin(ann, movie, channel="anns", title="Soup")
    assert answer.status_code == 201, answer.content
    assert answer["Location"] == answer.json()["url"]
    return str(answer["Location"])


def spans(data: bytes, size: int) -> list[tuple[bytes, str]]:
    starts = range(0, len(data), size)
    return [
        (data[a : a + size], f"bytes {a}-{min(a + size, len(data)) - 1}/{len(data)}") for a in starts
    ]  # fmt: skip


def sent(client: Client, path: str, data: bytes, size: int = 4096) -> Any:
    answer = None
    for part, span in spans(data, size):
        answer = send(client, path, part, span)
    return answer


def test_a_movie_is_sent_in_chunks_processed_published_and_played(
    ann: Client, anybody: Client, started: str, movie: bytes
) -> None:
    parts = spans(movie, 2048)
    assert len(parts) > 2
    for part, span in parts[:-1]:
        answer = send(ann, started, part, span)
        assert (answer.status_code, answer["Range"]) == (308, f"bytes=0-{span.split('-')[1].split('/')[0]}")
    video = ann.get(started).json()["video"]
    assert ann.get(f"/api/videos/{video}").json()["state"] == "uploading"
    last = send(ann, started, *parts[-1])
    assert (last.status_code, last.json()["state"]) == (201, "received")
    assert ann.get(f"/api/videos/{video}").json()["state"] == "processing"
    assert anybody.get(f"/api/videos/{video}").status_code == 404
    call_command("plaza_process", once=True)
    seen = anybody.get(f"/api/videos/{video}").json()
    assert (seen["state"], seen["title"], seen["width"], seen["height"]) == ("published", "Soup", 64, 48)
    assert seen["duration"] == pytest.approx(2, abs=0.2)
    assert seen["frame_rate"] == 10
    assert body(anybody.get(f"/api/videos/{video}/file"))[4:8] == b"ftyp"
    assert anybody.get("/api/videos").json()["results"][0]["id"] == video
    drain()
    assert default_storage.listdir("uploads")[0] == []
    assert ann.get("/api/me/quota").json() == {"limit": 20 * 2**30, "used": len(movie), "reserved": 0}


def test_an_upload_goes_on_where_it_stopped(ann: Client, started: str, movie: bytes) -> None:
    parts = spans(movie, 4096)
    ask = f"bytes */{len(movie)}"
    nothing = send(ann, started, b"", ask)
    assert (nothing.status_code, nothing.has_header("Range")) == (308, False)
    send(ann, started, *parts[0])
    assert send(ann, started, b"", ask)["Range"] == "bytes=0-4095"
    assert ann.get(started).json()["received"] == 4096
    assert send(ann, started, *parts[0]).status_code == 308, "its answer was lost: it comes again"
    gap = send(ann, started, *parts[2])
    assert (gap.status_code, gap["Range"], gap["Content-Type"]) == (409, "bytes=0-4095", "application/problem+json")
    other = bytes(reversed(parts[0][0]))
    assert send(ann, started, other, parts[0][1]).status_code == 409, "these are other bytes"
    for part in parts[1:]:
        last = send(ann, started, *part)
    assert last.status_code == 201
    assert send(ann, started, *parts[-1]).status_code == 200
    assert send(ann, started, b"", ask).status_code == 200
    assert UploadChunk.objects.count() == len(parts)
    call_command("plaza_process", once=True)
    assert send(ann, started, *parts[-1]).json()["state"] == "done", "also when it was processed"


def test_a_small_file_is_sent_in_one_piece_without_content_range(ann: Client, started: str, movie: bytes) -> None:
    assert send(ann, started, movie).status_code == 201


@pytest.mark.parametrize(
    ("data", "span"),
    [
        (b"x" * 10, "bytes 0-9/999"), (b"x" * 10, "bytes 9-0/{size}"), (b"x" * 10, "bytes 0-8/{size}"),
        (b"x" * 10, "items 0-9/{size}"), (b"x" * 10, ""), (b"x" * 10, "bytes 0-9/{size}"), (b"", "bytes 0-9/{size}"),
    ],
)  # fmt: skip
def test_a_chunk_that_is_not_what_it_says_is_refused(
    ann: Client, started: str, movie: bytes, data: bytes, span: str
) -> None:
    """The sixth is too small to be one of not too many."""
    answer = send(ann, started, data, span.format(size=len(movie)) or " ")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert not UploadChunk.objects.exists()


def test_what_is_no_movie_is_refused_at_its_type_at_its_first_bytes_or_fails_with_the_reason(
    ann: Client, channel: Callable[..., Channel]
) -> None:
    channel("ann", "anns")
    assert begin(ann, b"x", channel="anns", type="image/png").status_code == 415
    text = b"no movie " * 500
    assert send(ann, begin(ann, text, channel="anns")["Location"], text).status_code == 422
    broken = make_movie()[:3000]
    started = begin(ann, broken, channel="anns")
    assert send(ann, started["Location"], broken).status_code == 201
    call_command("plaza_process", once=True)
    path = f"/api/videos/{started.json()['video']}"
    seen = ann.get(path).json()
    assert (seen["state"], seen["failure"][:30]) == ("failed", "This movie cannot be read: it ")
    assert ann.get("/api/me/quota").json()["used"] == 0
    again = begin(ann, make_movie(), video=seen["id"])
    assert (again.status_code, ann.get(path).json()["state"]) == (201, "uploading")


def test_so_many_uploads_are_open_at_once(
    ann: Client, ben: Client, channel: Callable[..., Channel], movie: bytes, settings: fixtures.Settings
) -> None:
    settings.VIDEO_UPLOADS = 2
    for name in ("ann", "ben"):
        channel(name, f"{name}s")
    first, second = (begin(ann, movie, channel="anns")["Location"] for _ in range(2))
    third = begin(ann, movie, channel="anns")
    assert (third.status_code, third["Retry-After"]) == (429, "60")
    assert third.json()["type"] == "urn:plaza:too_many_uploads"
    assert (Upload.objects.count(), Video.objects.count()) == (2, 2), "what was refused leaves no draft behind"
    assert ann.get("/api/me/quota").json()["reserved"] == 2 * len(movie)
    assert begin(ben, movie, channel="bens").status_code == 201
    assert send(ann, first, movie).status_code == 201
    third = begin(ann, movie, channel="anns")
    assert third.status_code == 201, "one that is processed is not open any more"
    assert begin(ann, movie, channel="anns").status_code == 429
    assert ann.delete(second).status_code == 204
    assert begin(ann, movie, channel="anns").status_code == 201
    Upload.objects.filter(user_id=number_of("ann")).update(expires_at=now())
    assert begin(ann, movie, channel="anns").status_code == 201, "those that are over are not open"


def test_the_quota_is_reserved_settled_and_given_back(
    ann: Client, channel: Callable[..., Channel], movie: bytes, settings: fixtures.Settings
) -> None:
    channel("ann", "anns")
    settings.VIDEO_QUOTA = len(movie) * 2 + 10
    first = begin(ann, movie, channel="anns")["Location"]
    second = begin(ann, movie, channel="anns")["Location"]
    third = begin(ann, movie, channel="anns")
    assert (third.status_code, third.json()["type"]) == (413, "urn:plaza:quota_reached")
    assert Video.objects.count() == 2, "nothing is left of the one that was refused"
    assert ann.delete(second).status_code == 204
    assert ann.delete(second).status_code == 404
    third = begin(ann, movie, channel="anns")
    assert third.status_code == 201
    Quota.objects.update(limit=0)
    assert send(ann, first, movie).status_code == 201, "what was reserved is kept"
    assert ann.get("/api/me/quota").json() == {"limit": 0, "used": len(movie), "reserved": len(movie)}
    video = ann.get(first).json()["video"]
    assert ann.delete(first).status_code == 409
    assert ann.delete(f"/api/videos/{video}").status_code == 204
    assert ann.get("/api/me/quota").json() == {"limit": 0, "used": 0, "reserved": len(movie)}
    assert ann.get(first).status_code == 404
    call_command("plaza_process", once=True)


def test_what_is_too_large_is_not_begun(
    ann: Client, channel: Callable[..., Channel], movie: bytes, settings: fixtures.Settings
) -> None:
    channel("ann", "anns")
    settings.MEDIA_LIMITS = {**settings.MEDIA_LIMITS, "video": 5_000, "chunk": 2_000}
    assert begin(ann, b"x" * 5_001, channel="anns").status_code == 413
    started = begin(ann, b"x" * 5_000, channel="anns")["Location"]
    assert send(ann, started, b"x" * 2_001, "bytes 0-2000/5000").status_code == 413


@pytest.mark.parametrize("change", [{}, {"channel": "anns", "video": "0" * 32}, {"channel": "anns", "size": 0},
                                    {"channel": "anns", "name": ""}, {"channel": "anns", "title": ""},
                                    {"channel": "anns", "size": 10**30}])  # fmt: skip
def test_an_upload_says_what_it_is_for(ann: Client, channel: Callable[..., Channel], change: dict[str, str]) -> None:
    channel("ann", "anns")
    assert begin(ann, b"x", **change).status_code == 400
    assert not Upload.objects.exists()


def test_a_video_has_one_upload_at_a_time_and_nobody_elses(
    ann: Client, ben: Client, channel: Callable[..., Channel], movie: bytes
) -> None:
    channel("ann", "anns")
    draft = ann.post("/api/videos", {"channel": "anns", "title": "Soup"}).json()
    assert draft["state"] == "draft"
    assert begin(ben, movie, video=draft["id"]).status_code == 404
    assert begin(ben, movie, channel="anns").status_code == 403
    started = begin(ann, movie, video=draft["id"])
    assert (started.status_code, started.json()["video"]) == (201, draft["id"])
    assert begin(ann, movie, video=draft["id"]).status_code == 409
    for answer in (
        ben.get(started["Location"]),
        send(ben, started["Location"], movie),
        ben.delete(started["Location"]),
    ):
        assert answer.status_code == 404
    assert ann.delete(started["Location"]).status_code == 204
    assert ann.get(f"/api/videos/{draft['id']}").json()["state"] == "draft"
    assert begin(ann, movie, video=draft["id"]).status_code == 201


def test_an_upload_that_nobody_goes_on_with_ends(ann: Client, started: str, movie: bytes) -> None:
    send(ann, started, *spans(movie, 4096)[0])
    Upload.objects.update(expires_at=now() - timedelta(seconds=1))
    assert send(ann, started, *spans(movie, 4096)[1]).status_code == 404
    assert processing.sweep() == 1
    assert not Upload.objects.exists()
    drain()
    assert default_storage.listdir("uploads")[0] == []
    assert Quota.objects.get(pk=number_of("ann")).reserved == 0
    assert Video.objects.get().state == "draft"


def test_a_chunk_that_came_too_late_is_taken_by_nobody(
    ann: Client, started: str, movie: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another client's chunk is taken while this one's bytes are written: what was written goes."""
    part, span = spans(movie, 4096)[0]
    save = default_storage.save

    def first(name: str, content: Any) -> Any:
        Upload.objects.update(received=4096)
        return save(name, content)

    monkeypatch.setattr(uploading.default_storage, "save", first)
    answer = send(ann, started, part, span)
    assert (answer.status_code, answer["Range"]) == (409, "bytes=0-4095")
    folder = default_storage.listdir("uploads")[0][0]
    assert default_storage.listdir(f"uploads/{folder}") == ([], [])


def test_a_video_that_is_to_be_published_later_waits_for_its_moment(
    ann: Client, anybody: Client, channel: Callable[..., Channel], movie: bytes
) -> None:
    channel("ann", "anns")
    moment = (now() + timedelta(hours=1)).isoformat()
    started = begin(ann, movie, channel="anns", publish_at=moment)
    send(ann, started["Location"], movie)
    call_command("plaza_process", once=True)
    path = f"/api/videos/{started.json()['video']}"
    assert (ann.get(path).json()["state"], anybody.get(path).status_code) == ("processing", 404)
    Video.objects.update(publish_at=now())
    call_command("plaza_process", once=True)
    seen = anybody.get(path).json()
    assert seen["state"] == "published"
    assert anybody.get("/api/channels/anns").json()["videos"] == 1
    past = ann.post("/api/videos", {"channel": "anns", "title": "x", "publish_at": "2001-01-01T00:00:00Z"})
    assert (past.status_code, past.json()["invalid-params"][0]["name"]) == (400, "publish_at")


def test_of_two_workers_one_has_an_upload_and_a_killed_ones_comes_again(
    ann: Client, started: str, movie: bytes
) -> None:
    sent(ann, started, movie)
    first = processing.claim()
    assert first is not None
    assert processing.claim() is None
    Upload.objects.update(leased_until=now() - timedelta(seconds=1))
    second = processing.claim()
    assert second is not None
    assert second.attempts == 2 * first.attempts
    processing.process(first)
    assert Video.objects.get().state == "processing", "it is not the first one's any more"
    processing.process(second)
    video = Video.objects.get()
    assert (video.state, default_storage.listdir("videos")[1]) == ("published", [video.file.name.split("/")[1]])


def test_what_is_done_with_is_swept(ann: Client, started: str, movie: bytes) -> None:
    sent(ann, started, movie)
    call_command("plaza_process", once=True)
    long_ago = now() - timedelta(days=2)
    Viewing.objects.create(video=Video.objects.get(), session_id=Upload.objects.get().public_id, seen_at=long_ago)
    Upload.objects.update(expires_at=long_ago)
    processing.sweep()
    assert not Upload.objects.exists()
    assert not Viewing.objects.exists()
    assert Video.objects.get().state == "published"


def test_more_sessions_than_one_batch_are_swept_at_once(
    ann: Client, video: Callable[..., Video], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processing, "BATCH", 2)
    of, old = video("ann"), now() - timedelta(days=2)
    Viewing.objects.bulk_create([Viewing(video=of, session_id=uuid.uuid4(), seen_at=old) for _ in range(5)])
    Viewing.objects.create(video=of, session_id=uuid.uuid4())
    assert processing.sweep() == 5
    assert Viewing.objects.count() == 1


@pytest.mark.skipif(connections[ALIAS].vendor == "sqlite", reason="SQLite has one writer at a time")
@pytest.mark.django_db(databases=used_aliases(), transaction=True)
def test_an_upload_whose_last_chunk_comes_while_it_is_given_up_stays() -> None:
    user = User.objects.create(username="ann").pk
    video = Video.objects.create(channel=Channel.objects.create(owner_id=user, handle="anns"), state="uploading")
    Quota.objects.create(pk=user, reserved=5)
    upload = Upload.objects.create(user_id=user, video=video, size=5, expires_at=now() + timedelta(days=1))

    def given_up() -> bool:
        try:
            return uploading.give_up(upload)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(using=ALIAS):
            assert uploading._take(upload, uploading.Chunk(0, 5, BytesIO()), "x", "mp4", "x")
            end = pool.submit(given_up)
            time.sleep(0.7)
            assert not end.done()
        assert end.result(10) is False
    video.refresh_from_db()
    assert (Upload.objects.get().state, video.state) == ("received", "processing")
    assert Quota.objects.values("used", "reserved").get() == {"used": 5, "reserved": 0}


def test_an_upload_that_goes_on_while_others_are_swept_stays(
    ann: Client, started: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Upload.objects.update(expires_at=now() - timedelta(seconds=1))
    give_up = uploading.give_up

    def late(upload: Upload, **still: Any) -> bool:
        Upload.objects.update(expires_at=now() + timedelta(days=1))  # by a chunk that came
        return give_up(upload, **still)

    monkeypatch.setattr(uploading, "give_up", late)
    assert processing.sweep() == 0
    assert ann.get(started).json()["state"] == "open"


def test_a_file_s_name_that_is_too_long_for_a_title_is_not_cut(ann: Client, channel: Callable[..., Channel]) -> None:
    channel("ann", "anns")
    answer = begin(ann, b"x" * 2000, channel="anns", name="n" * 201)
    assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, "title")
    assert begin(ann, b"x" * 2000, channel="anns", name="n" * 201, title="Soup").status_code == 201
    assert begin(ann, b"x" * 2000, channel="anns", name="n" * 200).status_code == 201


def test_what_an_upload_says_of_a_video_that_exists_is_refused_and_not_ignored(
    ann: Client, channel: Callable[..., Channel]
) -> None:
    channel("ann", "anns")
    draft = ann.post("/api/videos", {"channel": "anns", "title": "Soup"}).json()["id"]
    answer = begin(ann, b"x" * 2000, video=draft, title="Stew", privacy="private")
    assert answer.status_code == 400
    assert {one["name"] for one in answer.json()["invalid-params"]} == {"title", "privacy"}
    assert begin(ann, b"x" * 2000, video=draft).status_code == 201
