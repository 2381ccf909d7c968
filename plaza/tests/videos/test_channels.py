"""Channels: made, changed, shown and deleted."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.utils.timezone import now
from PIL import Image
from pytest_django import fixtures

from plaza.tests.conftest import Client
from plaza.tests.videos.conftest import begin, body, drain, number_of, send
from plaza.videos.models import Channel, Person, Quota, Subscription, Upload, Video

WANTED = {"handle": "Kitchen", "title": "Ann's kitchen 🍜", "description": "soups"}


def picture(size: tuple[int, int] = (40, 20), format_: str = "PNG") -> bytes:
    file = BytesIO()
    Image.new("RGB", size, "red").save(file, format_)
    return file.getvalue()


def test_a_user_opens_several_channels_and_everybody_finds_them(ann: Client, anybody: Client) -> None:
    made = ann.post("/api/channels", WANTED)
    assert (made.status_code, made.json()["handle"], made.json()["is_mine"]) == (201, "kitchen", True)
    assert made.json()["owner"]["nickname"] == "ann"
    assert ann.post("/api/channels", {"handle": "garden", "title": "Garden"}).status_code == 201
    assert [one["handle"] for one in ann.get("/api/me/channels").json()["results"]] == ["garden", "kitchen"]
    seen = anybody.get("/api/channels/kitchen")
    assert (seen.status_code, seen.json()["title"], seen.json()["is_mine"]) == (200, "Ann's kitchen 🍜", False)
    assert anybody.get("/api/channels/KITCHEN").status_code == 200
    assert anybody.get("/api/channels/cellar").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"handle": "ab"}, "handle"), ({"handle": "kіtchen"}, "handle"), ({"handle": "me"}, "handle"),
        ({"handle": "a" * 61}, "handle"), ({"title": ""}, "title"), ({"title": "x" * 101}, "title"),
        ({"description": "x" * 5001}, "description"), ({"title": "a\0b"}, "title"), ({"handle": None}, "handle"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_channel_is_refused_with_its_reason(ann: Client, change: dict[str, str], field: str) -> None:
    answer = ann.post("/api/channels", {**WANTED, **change})
    assert (answer.status_code, [one["name"] for one in answer.json()["invalid-params"]]) == (400, [field])


def test_a_handle_that_is_taken_is_a_conflict(ann: Client, ben: Client) -> None:
    ann.post("/api/channels", WANTED)
    assert ben.post("/api/channels", {**WANTED, "handle": "KITCHEN"}).status_code == 409
    other = ben.post("/api/channels", {**WANTED, "handle": "bens"})
    tag = {"If-Match": other["ETag"]}
    assert ben.patch("/api/channels/bens", {"handle": "kitchen"}, headers=tag).status_code == 409
    assert ben.patch("/api/channels/bens", {"handle": "cellar"}, headers=tag).json()["handle"] == "cellar"


def test_only_its_owner_changes_a_channel_from_the_version_that_he_read(ann: Client, ben: Client) -> None:
    tag = ann.post("/api/channels", WANTED)["ETag"]
    assert ann.get("/api/channels/kitchen")["ETag"] == tag
    assert ann.get("/api/channels/kitchen", headers={"If-None-Match": tag}).status_code == 304
    change = {"title": "New"}
    assert ann.patch("/api/channels/kitchen", change).status_code == 428
    assert ben.patch("/api/channels/kitchen", change, headers={"If-Match": tag}).status_code == 403
    changed = ann.patch("/api/channels/kitchen", change, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["title"]) == (200, "New")
    assert ann.patch("/api/channels/kitchen", change, headers={"If-Match": tag}).status_code == 412


def test_a_subscriber_changes_what_is_shown_but_not_what_a_change_is_made_from(ann: Client, ben: Client) -> None:
    tag = ann.post("/api/channels", WANTED)["ETag"]
    assert ben.put("/api/channels/kitchen/subscription").status_code == 204
    assert ann.get("/api/channels/kitchen", headers={"If-None-Match": tag}).json()["subscribers"] == 1
    assert ann.patch("/api/channels/kitchen", {"title": "x"}, headers={"If-Match": tag}).status_code == 200


def test_a_banner_is_a_picture_of_limited_size(ann: Client, ben: Client) -> None:
    ann.post("/api/channels", WANTED)
    path = "/api/channels/kitchen/banner"
    first = send(ann, path, picture()).json()["banner"]
    assert body(ben.get(first))[:4] == b"\x89PNG"
    second = send(ann, path, picture(format_="JPEG"))
    drain()
    assert (second.status_code, ben.get(first).status_code) == (200, 404)
    assert send(ann, path, b"%PDF-1.7 no picture").status_code == 415
    assert send(ann, path, picture()[:60]).status_code == 422
    assert send(ann, path, b"\xff\xd8\xff" + b"\0" * (6 * 2**20)).status_code == 413
    assert send(ben, path, picture()).status_code == 403
    assert [ann.delete(path).status_code for _ in range(2)] == [204, 204]
    drain()
    assert ann.get("/api/channels/kitchen").json()["banner"] is None
    assert default_storage.listdir("banners")[1] == []


def test_a_channels_videos_are_those_that_everybody_finds(
    ann: Client, anybody: Client, channel: Callable[..., Channel], video: Callable[..., Video]
) -> None:
    mine = channel("ann", "kitchen")
    for values in ({"privacy": "unlisted"}, {"privacy": "private"}, {"state": "draft", "published_at": None}):
        video(mine, **values)
    shown = [video(mine, title=str(number)) for number in range(3)]
    found = anybody.get("/api/channels/kitchen/videos?limit=2").json()
    assert [one["title"] for one in found["results"]] == ["2", "1"]
    assert [one["title"] for one in anybody.get(found["next"]).json()["results"]] == ["0"]
    assert anybody.get("/api/channels/kitchen").json()["videos"] == len(shown)
    assert ann.get("/api/me/videos").json()["results"][0]["title"] == "2"
    assert len(ann.get("/api/me/videos").json()["results"]) == 6


def test_a_deleted_channel_takes_its_videos_files_and_room_along(
    ann: Client, ben: Client, channel: Callable[..., Channel], video: Callable[..., Video]
) -> None:
    mine = channel("ann", "kitchen")
    one = video(mine)
    assert begin(ann, b"x" * 5000, channel="kitchen").status_code == 201
    assert ann.get("/api/me/quota").json()["reserved"] == 5000
    ben.put("/api/channels/kitchen/subscription")
    assert ben.delete("/api/channels/kitchen").status_code == 403
    assert ann.delete("/api/channels/kitchen").status_code == 204
    assert ann.delete("/api/channels/kitchen").status_code == 404
    assert not any(model.objects.exists() for model in (Video, Subscription, Upload))
    drain()
    assert not default_storage.exists(one.file.name)
    quota = Quota.objects.get(pk=number_of("ann"))
    assert (quota.used, quota.reserved) == (0, 0)


def test_the_channel_of_a_blocked_user_is_seen_by_nobody(
    ann: Client, anybody: Client, video: Callable[..., Video]
) -> None:
    one = video("ann")
    Person.objects.create(pk=number_of("ann"), public_id=one.public_id, nickname="ann", name="Ann", status="suspended",
                          told_at=now())  # fmt: skip
    handle = one.channel.handle
    for path in (f"channels/{handle}", f"channels/{handle}/videos", f"videos/{one.public_id}",
                 f"videos/{one.public_id}/file", f"videos/{one.public_id}/comments"):  # fmt: skip
        assert anybody.get(f"/api/{path}").status_code == 404
    assert anybody.get("/api/videos").json()["results"] == []
    assert ann.patch(f"/api/channels/{handle}", {"title": "x"}, headers={"If-Match": "*"}).status_code == 403


def test_a_banner_s_address_that_is_a_new_one_is_told(
    ann: Client, channel: Callable[..., Channel], settings: fixtures.Settings
) -> None:
    """The old one is good for a day or two."""
    channel("ann", "anns")
    Image.new("RGB", (4, 4)).save(made := BytesIO(), "PNG")
    ann.send("/api/channels/anns/banner", made.getvalue())
    read = ann.get("/api/channels/anns")
    settings.MEDIA_LINK_SECONDS *= 7
    said = ann.get("/api/channels/anns", headers={"If-None-Match": read["ETag"]})
    assert (said.status_code, said.json()["banner"] == read.json()["banner"]) == (200, False)
