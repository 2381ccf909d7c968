"""Playlists: their order, who sees what, and the one to watch later."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.db import router, transaction

from plaza.tests.conftest import Client
from plaza.tests.videos.conftest import number_of
from plaza.videos import ordering
from plaza.videos.api.views import playlists
from plaza.videos.models import Channel, Playlist, PlaylistItem, Video

Make = Callable[..., Video]


def made(client: Client, **wanted: str) -> str:
    answer = client.post("/api/playlists", {"title": "List", **wanted})
    assert answer.status_code == 201, answer.content
    return f"/api/playlists/{answer.json()['id']}"


def add(client: Client, path: str, video: Video, **more: Any) -> Any:
    return client.post(f"{path}/items", {"video": str(video.public_id), **more})


def titles(client: Client, path: str) -> list[str]:
    return [one["video"]["title"] for one in client.get(f"{path}/items").json()["results"]]


def test_a_list_is_made_changed_seen_and_deleted(ann: Client, ben: Client, anybody: Client) -> None:
    path = made(ann, title="Soups 🍲")
    assert [client.get(path).status_code for client in (ann, ben, anybody)] == [200, 404, 404]
    tag = ann.get(path)["ETag"]
    assert ann.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert ann.patch(path, {"privacy": "public"}).status_code == 428
    changed = ann.patch(path, {"privacy": "public"}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["privacy"]) == (200, "public")
    assert ann.patch(path, {"privacy": "private"}, headers={"If-Match": tag}).status_code == 412
    seen = anybody.get(path).json()
    assert (seen["title"], seen["owner"]["nickname"], seen["is_mine"], seen["items"]) == ("Soups 🍲", "ann", False, 0)
    for send in (ben.patch(path, {"title": "x"}, headers={"If-Match": "*"}), ben.delete(path)):
        assert send.status_code == 403
    assert [one["title"] for one in ann.get("/api/me/playlists").json()["results"]] == ["Soups 🍲"]
    assert [ann.delete(path).status_code for _ in range(2)] == [204, 404]
    for wrong in ({"title": ""}, {"title": "x" * 151}, {"privacy": "?"}):
        assert ann.post("/api/playlists", {"title": "x", **wrong}).status_code == 400


def test_videos_are_added_moved_and_removed(ann: Client, ben: Client, video: Make) -> None:
    path = made(ann, privacy="public")
    videos = [video("ben", title=title) for title in "abcd"]
    items = [add(ann, path, one).json()["id"] for one in videos]
    assert add(ann, path, videos[0]).status_code == 409, "it is in it"
    assert titles(ben, path) == list("abcd")
    place = f"{path}/items/{items[3]}/position"
    assert ann.put(place, {"after": None}).status_code == 428
    tag = ann.get(path)["ETag"]
    moved = ann.put(place, {"after": None}, headers={"If-Match": tag})
    assert (moved.status_code, titles(ben, path)) == (200, list("dabc"))
    assert ann.put(place, {"after": items[0]}, headers={"If-Match": tag}).status_code == 412
    ann.put(place, {"after": items[0]}, headers={"If-Match": moved["ETag"]})
    assert titles(ben, path) == list("adbc")
    for wrong in ("0", items[3], "x", "9" * 19):
        assert ann.put(place, {"after": wrong}, headers={"If-Match": "*"}).status_code == 400
    assert ann.put(f"{path}/items/0/position", {"after": None}, headers={"If-Match": "*"}).status_code == 404
    assert ben.put(place, {"after": None}, headers={"If-Match": "*"}).status_code == 403
    assert ben.delete(f"{path}/items/{items[0]}").status_code == 403
    assert [ann.delete(f"{path}/items/{items[0]}").status_code for _ in range(2)] == [204, 204]
    assert titles(ben, path) == list("dbc")
    page = ben.get(f"{path}/items?limit=2").json()
    assert len(ben.get(page["next"]).json()["results"]) == 1


def test_a_part_of_a_video_is_in_a_list(ann: Client, ben: Client, video: Make) -> None:
    path, one = made(ann), video("ben")
    assert add(ann, path, one, starts=9, stops=5).status_code == 400
    item = add(ann, path, one, starts=2.5, stops=5)
    assert (item.status_code, item.json()["starts"], item.json()["stops"]) == (201, 2.5, 5.0)
    assert add(ann, path, Video(public_id=uuid.uuid4())).status_code == 404


def test_a_private_video_in_a_public_list_is_hidden_and_its_place_is_the_owners_to_clear(
    ann: Client, ben: Client, anybody: Client, video: Make
) -> None:
    path = made(ann, privacy="public")
    shown, hidden = video("ben", title="shown"), video("ben", title="hidden")
    item = add(ann, path, hidden).json()["id"]
    add(ann, path, shown)
    Video.objects.filter(pk=hidden.pk).update(privacy="private")
    assert titles(anybody, path) == ["shown"]
    assert anybody.get(path).json()["items"] == 1
    assert titles(ben, path) == ["hidden", "shown"], "it is his"
    places = ann.get(f"{path}/items").json()["results"]
    assert [one["video"] and one["video"]["title"] for one in places] == [None, "shown"]
    assert ann.get(path).json()["items"] == 2
    assert ann.delete(f"{path}/items/{item}").status_code == 204
    assert add(ann, path, hidden).status_code == 404


def test_watch_later_is_there_once_and_for_good(ann: Client, ben: Client, video: Make) -> None:
    first, again = (ann.get("/api/me/playlists/later") for _ in range(2))
    assert (first.status_code, first.json()["id"], first.json()["kind"]) == (200, again.json()["id"], "later")
    path = f"/api/playlists/{first.json()['id']}"
    assert ben.get(path).status_code == 404
    assert ann.delete(path).status_code == 409
    assert ann.patch(path, {"privacy": "public"}, headers={"If-Match": "*"}).status_code == 409
    assert add(ann, path, video("ben", title="soon")).status_code == 201
    assert titles(ann, path) == ["soon"]
    assert ben.get("/api/me/playlists/later").json()["id"] != first.json()["id"]


def test_of_two_who_make_it_at_once_one_does(ann: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    user = number_of("ann")
    first = playlists.later(user)

    class Nothing:
        def order_by(self, *_: str) -> Nothing:
            return self

        def first(self) -> None:
            return None

    monkeypatch.setattr(Playlist.objects, "filter", lambda **_: Nothing())
    assert playlists.later(user).pk == first.pk


def test_one_asks_which_of_ones_lists_have_a_video(ann: Client, ben: Client, video: Make) -> None:
    one, other = video("ben"), video("ben")
    mine, his = made(ann), made(ben)
    item = add(ann, mine, one).json()["id"]
    add(ben, his, one)
    found = ann.get(f"/api/playlists/exists?ids={one.public_id},{other.public_id}").json()
    assert found == {
        str(one.public_id): [{"playlist": mine.split("/")[-1], "item": item}], str(other.public_id): [],
    }  # fmt: skip


@pytest.mark.parametrize("gap", [2, 1_024])
def test_whatever_is_moved_the_order_is_that_of_a_list(
    ann: Client, channel: Callable[..., Channel], gap: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With hardly any room between them all are numbered anew again and again."""
    monkeypatch.setattr(ordering, "GAP", gap)
    dice, where = Random(7), channel("ann")
    videos = Video.objects.bulk_create([Video(channel=where, title=str(n)) for n in range(7)])
    made_ = Playlist.objects.create(owner_id=number_of("ann"), title="x")
    videos = list(Video.objects.order_by("pk"))
    order = [ordering.append(made_.pk, one.pk).pk for one in videos]
    for _ in range(60):
        item = dice.choice(order)
        order.remove(item)
        place = dice.randrange(len(order) + 1)
        order.insert(place, item)
        with transaction.atomic(using=router.db_for_write(PlaylistItem)):
            assert ordering.move(made_.pk, item, order[place - 1] if place else None)
        found = PlaylistItem.objects.filter(playlist=made_).order_by("position")
        assert list(found.values_list("pk", flat=True)) == order
    assert max(found.values_list("position", flat=True)) < 100 * 1_024


def test_a_list_whose_positions_are_at_both_ends_goes_on(ann: Client, channel: Callable[..., Channel]) -> None:
    where = channel("ann")
    Video.objects.bulk_create([Video(channel=where, title=str(n)) for n in range(4)])
    videos, made_ = list(Video.objects.order_by("pk")), Playlist.objects.create(owner_id=number_of("ann"), title="x")
    places = zip(videos, (1, 2, ordering.HIGHEST), strict=False)
    first, second, third = [PlaylistItem.objects.create(playlist=made_, video=v, position=at).pk for v, at in places]
    with transaction.atomic(using=router.db_for_write(PlaylistItem)):
        assert ordering.move(made_.pk, third, first)
        PlaylistItem.objects.filter(pk=first).update(position=1)
        PlaylistItem.objects.filter(pk=second).update(position=ordering.HIGHEST)
        last = ordering.append(made_.pk, videos[3].pk).pk
    found = PlaylistItem.objects.filter(playlist=made_).order_by("position").values_list("pk", flat=True)
    assert list(found) == [first, third, second, last]
