"""All that the service holds of somebody: a job, a file for him alone, gone after a week and with the account."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connections, router
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from plaza.accounts import export as accounts_export
from plaza.accounts import exporting
from plaza.accounts.models import Export
from plaza.api import exports
from plaza.bookings.models import Booking, Restaurant, Table
from plaza.social.models import Liking, Notification, Post, Story, ViewingStory
from plaza.tests.conftest import Client
from plaza.videos.models import Channel, Video, WatchHistory

Commits = Callable[[], AbstractContextManager[object]]


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def ordered(client: Client) -> str:
    """Where its order is."""
    answer = client.post("/api/me/export")
    assert answer.status_code == 202, answer.content
    return answer["Location"]


def opened(client: Client, path: str) -> dict[str, list[dict[str, Any]]]:
    """App → documents."""
    file = Client().get(client.get(path).json()["file"])
    assert (file.status_code, file["Content-Type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(b"".join(file.streaming_content))) as archive:
        texts = {name.removesuffix(".jsonl"): archive.read(name).decode() for name in archive.namelist()}
    return {app: [json.loads(line) for line in text.splitlines()] for app, text in texts.items()}


def test_an_export_is_ordered_made_by_a_worker_and_read_by_its_owner(ann: Client) -> None:
    path = ordered(ann)
    waiting = ann.get(path).json()
    assert (waiting["status"], waiting["file"], waiting["expires_at"]) == ("ordered", None, None)
    call_command("plaza_export", "--once")
    assert ann.get(path).json()["status"] == "ready"
    documents = opened(ann, path)["accounts"]
    assert {one["kind"] for one in documents} == {"profile", "address", "session"}
    profile = next(one for one in documents if one["kind"] == "profile")
    assert (profile["nickname"], profile["public_id"]) == ("ann", ann.get("/api/me").json()["id"])
    assert "refresh" not in json.dumps(documents)


def test_an_export_holds_what_belongs_to_its_owner_and_nobody_else(ann: Client, ben: Client) -> None:
    path = ordered(ann)
    exporting.work()
    said = json.dumps(opened(ann, path))
    assert "ann@example.org" in said
    assert "ben" not in said


def test_each_app_gives_what_it_holds(ann: Client, ben: Client) -> None:
    for name in ("ann", "ben"):
        user = User.objects.get(username=name).pk
        post = Post.objects.create(author_id=user, body=f"post of {name} 🙂")
        Liking.objects.create(post=post, user_id=user)
        channel = Channel.objects.create(owner_id=user, handle=name, title=f"channel of {name}")
        video = Video.objects.create(channel=channel, title=f"video of {name}", duration=timedelta(seconds=3))
        WatchHistory.objects.create(user_id=user, video=video, position=timedelta(seconds=1))
        place = Restaurant.objects.create(owner_id=user, name=f"restaurant of {name}", slug=name)
        table = Table.objects.create(restaurant=place, label="1", seats=2)
        Booking.objects.create(table=table, guest_id=user, guest_name=name, party_size=2, price="12.50",
                               starts_at=now(), ends_at=now() + timedelta(hours=1))  # fmt: skip
    path = ordered(ann)
    assert exporting.work() == (1, 0)
    found = opened(ann, path)
    assert {app: {one["kind"] for one in documents} for app, documents in found.items()} == {
        "accounts": {"profile", "address", "session"}, "social": {"post", "like"},
        "videos": {"channel", "video", "watched"}, "bookings": {"restaurant", "booking"},
    }  # fmt: skip
    said = json.dumps(found, ensure_ascii=False)
    assert "post of ann 🙂" in said
    assert "of ben" not in said


def test_nobody_else_learns_that_there_is_an_export(ann: Client, ben: Client, anybody: Client) -> None:
    path = ordered(ann)
    exporting.work()
    assert (ben.get(path).status_code, anybody.get(path).status_code, ann.get(path).status_code) == (404, 401, 200)


def test_whoever_waits_for_one_gets_no_second(ann: Client) -> None:
    first = ordered(ann)
    assert ordered(ann) == first
    exporting.work()
    assert ordered(ann) != first


def test_a_retry_is_told_the_same_place(ann: Client) -> None:
    headers = {"Idempotency-Key": "one"}
    first = ann.post("/api/me/export", headers=headers)
    exporting.work()
    again = ann.post("/api/me/export", headers=headers)
    assert (again.status_code, again["Location"]) == (202, first["Location"])


def test_a_file_is_gone_after_a_week(ann: Client) -> None:
    path = ordered(ann)
    exporting.work()
    name = Export.objects.get().name
    Export.objects.update(expires_at=now() - timedelta(seconds=1))
    assert ann.get(path).status_code == 404
    call_command("plaza_export", "--once")
    assert not default_storage.exists(name)
    assert not Export.objects.exists()


def test_files_and_orders_go_with_the_account(ann: Client, commits: Commits) -> None:
    path = ordered(ann)
    exporting.work()
    name = Export.objects.get().name
    ordered(ann)
    with commits():
        assert ann.delete("/api/me").status_code == 204
    assert not default_storage.exists(name)
    assert not Export.objects.exists()
    assert ann.get(path).status_code == 410


def test_an_account_that_is_deleted_while_its_file_is_made_leaves_no_file(
    ann: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered(ann)

    def leave(user_id: int) -> list[Any]:
        assert ann.delete("/api/me").status_code == 204
        return []

    monkeypatch.setattr(accounts_export, "documents", leave)
    exporting.work()
    assert default_storage.listdir("exports")[1] == []
    exporting.sweep()  # as the commit does
    assert not Export.objects.exists()


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A worker that is killed when its file is written, and its row is not."""
    save = default_storage.save

    def work() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(exporting, "CLAIM", timedelta(seconds=-1))  # it is over at once
            patch.setattr(default_storage, "save", lambda *said: sys.exit(save(*said)))
            with pytest.raises(SystemExit):
                exporting.work()
        assert len(default_storage.listdir("exports")[1]) == 1

    return work


def test_what_a_killed_worker_has_written_goes_with_the_account(
    ann: Client, commits: Commits, killed: Callable[[], None]
) -> None:
    ordered(ann)
    killed()
    with commits():
        assert ann.delete("/api/me").status_code == 204
    assert default_storage.listdir("exports")[1] == []
    assert not Export.objects.exists()


def test_a_worker_that_was_taken_for_dead_takes_no_file_of_the_one_that_was_quicker(
    ann: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, documents = ordered(ann), accounts_export.documents

    def slow(user_id: int) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(accounts_export, "documents", documents)
            Export.objects.update(claimed_until=now() - timedelta(seconds=1))
            assert exporting.work() == (1, 0)
        return documents(user_id)

    monkeypatch.setattr(accounts_export, "documents", slow)
    exporting.work()
    assert len(default_storage.listdir("exports")[1]) == 1
    assert {one["kind"] for one in opened(ann, path)["accounts"]} >= {"profile"}


def test_what_a_killed_worker_has_written_is_written_again(ann: Client, killed: Callable[[], None]) -> None:
    path = ordered(ann)
    killed()
    assert exporting.work() == (1, 0)
    assert len(default_storage.listdir("exports")[1]) == 1
    assert {one["kind"] for one in opened(ann, path)["accounts"]} >= {"profile"}


def test_a_database_that_is_away_delays_an_export_and_loses_none(ann: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ordered(ann)

    def away(user_id: int) -> list[Any]:
        raise OSError("no route to host")

    with monkeypatch.context() as patch:
        patch.setattr(accounts_export, "documents", away)
        assert exporting.work() == (0, 1)
    waiting = Export.objects.get()
    assert (waiting.error, waiting.attempts, waiting.due_at > now()) == ("OSError", 1, True)
    Export.objects.update(due_at=now())
    assert exporting.work() == (1, 0)
    assert ann.get(path).json()["status"] == "ready"


def test_a_file_that_cannot_be_deleted_now_keeps_no_other_from_it(
    ann: Client, ben: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for client in (ann, ben):
        ordered(client)
    assert exporting.work() == (2, 0)
    Export.objects.update(expires_at=now())
    first, _ = Export.objects.order_by("pk").values_list("name", flat=True)
    delete = default_storage.delete

    def refused(name: str) -> None:
        if name == first:
            raise OSError("no route to the storage")
        delete(name)

    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "delete", refused)
        assert [exporting.sweep() for _ in range(2)] == [1, 0]
    waiting = Export.objects.get()
    assert (waiting.name, waiting.due_at > now()) == (first, True)
    Export.objects.update(due_at=now())
    assert exporting.sweep() == 1
    assert default_storage.listdir("exports")[1] == []


def test_what_another_worker_has_claimed_is_left_to_it(ann: Client) -> None:
    ordered(ann)
    Export.objects.update(claimed_until=now() + exporting.CLAIM)
    assert exporting.work() == (0, 0)
    Export.objects.update(claimed_until=now() - timedelta(seconds=1))
    assert exporting.work() == (1, 0)


def test_what_there_is_is_read_in_pieces_on_every_engine(ann: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PIECE", 2)
    number = User.objects.get().pk
    Post.objects.bulk_create(Post(author_id=number, body=str(n)) for n in range(5))
    with CaptureQueriesContext(connections[router.db_for_read(Post)]) as asked:
        found = list(exports.rows("post", Post.objects.filter(author_id=number), "body"))
    assert found == [{"kind": "post", "body": str(n)} for n in range(5)]
    assert ["LIMIT 2" in one["sql"] for one in asked] == [True] * 3


def test_an_export_holds_what_one_saw_and_was_told(ann: Client, ben: Client) -> None:
    number, other = (User.objects.get(username=name).pk for name in ("ann", "ben"))
    story = Story.objects.create(author_id=other, file="x.jpg", expires_at=now() + timedelta(days=1))
    ViewingStory.objects.create(story=story, viewer_id=number)
    Notification.objects.create(user_id=number, actor_id=other, key=f"follow:{other}", kind="follow")
    path = ordered(ann)
    call_command("plaza_export", "--once")
    found = {one["kind"]: one for one in opened(ann, path)["social"]}
    assert (found["seen story"]["story_id"], found["notification"]["about"]) == (story.pk, "follow")
