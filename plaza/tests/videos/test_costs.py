"""How many queries an answer takes, over all databases: few, and no more for a longer page."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from plaza.api.health import used_aliases
from plaza.tests.conftest import Client
from plaza.tests.videos.conftest import body, number_of
from plaza.videos.models import Channel, Comment, Playlist, PlaylistItem, Subscription, Video, WatchHistory

MOST = 8


@contextmanager
def queries() -> Iterator[list[CaptureQueriesContext]]:
    with ExitStack() as stack:
        yield [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in used_aliases()]


def asked(client: Client, path: str) -> int:
    with queries() as found:
        assert client.get(path).status_code == 200
    return sum(len(one) for one in found)


@pytest.fixture
def many(ann: Client, ben: Client, channel: Callable[..., Channel], video: Callable[..., Video]) -> dict[str, str]:
    """Where ben reads ten of everything of ten channels."""
    me, her = number_of("ben"), number_of("ann")
    playlist = Playlist.objects.create(owner_id=me, title="x")
    one = video("ann")
    for number in range(10):
        Subscription.objects.create(channel=(where := channel("ann")), user_id=me)
        each = video(where, title="soup")
        WatchHistory.objects.create(user_id=me, video=each, position=each.duration)
        PlaylistItem.objects.create(playlist=playlist, video=each, position=number + 1)
        Playlist.objects.create(owner_id=me, title="x")
        root = Comment.objects.create(video=one, author_id=(me, her)[number % 2], body="x", is_approved=True)
        Comment.objects.create(video=one, author_id=me, body="x", is_approved=True, parent=root)
        channel("ben")
    return {
        "videos": "/api/videos",
        "search": "/api/videos/search?q=soup",
        "feed": "/api/me/subscriptions/videos",
        "subscriptions": "/api/me/subscriptions",
        "history": "/api/me/history",
        "comments": f"/api/videos/{one.public_id}/comments",
        "replies": f"/api/videos/{one.public_id}/comments/{root.pk}/replies",
        "playlists": "/api/me/playlists",
        "items": f"/api/playlists/{playlist.public_id}/items",
        "channels": "/api/me/channels",
        "channel's videos": f"/api/channels/{one.channel.handle}/videos",
    }


LISTS = {"videos": 1, "search": 1, "feed": 3, "subscriptions": 1, "history": 1, "comments": 4, "replies": 4,
         "playlists": 1, "items": 2, "channels": 1, "channel's videos": 2}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_as_many_queries_for_ten_as_for_two(ben: Client, many: dict[str, str], name: str) -> None:
    path = many[name]
    join = "&" if "?" in path else "?"
    two, ten = asked(ben, f"{path}{join}limit=2"), asked(ben, path)
    assert (two, ten) == (LISTS[name], LISTS[name])
    assert ten <= MOST


def test_a_video_a_channel_and_a_list_take_few(
    ben: Client, ann: Client, anybody: Client, video: Callable[..., Video]
) -> None:
    one = video("ann")
    playlist = Playlist.objects.create(owner_id=number_of("ben"), title="x")
    for client in (ben, ann, anybody):
        assert asked(client, f"/api/videos/{one.public_id}") == 2
        assert asked(client, f"/api/channels/{one.channel.handle}") == 2
    assert asked(ben, f"/api/playlists/{playlist.public_id}") == 2


def test_a_heartbeat_and_a_piece_of_a_file_take_one(ben: Client, ann: Client, video: Callable[..., Video],
                                                    monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    one, kept = video("ann"), []
    monkeypatch.setattr("plaza.videos.beats.buffer.add", kept.append)
    with queries() as found:
        sent = {"session_id": str(uuid.uuid4()), "position": 1}
        assert ben.post(f"/api/videos/{one.public_id}/views", sent).status_code == 202
    assert (sum(len(each) for each in found), len(kept)) == (1, 1)
    with queries() as found:
        assert body(ben.get(f"/api/videos/{one.public_id}/file", headers={"Range": "bytes=0-3"}))
    assert sum(len(each) for each in found) == 1
