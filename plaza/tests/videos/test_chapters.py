"""Chapters: where the parts of a video begin, in their order and within it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from plaza.tests.conftest import Client
from plaza.videos.models import Video

Make = Callable[..., Video]
TWO = [{"title": "Intro", "start": 0.0}, {"title": "본론 🍲", "start": 12.5}]


def path(video: Video) -> str:
    return f"/api/videos/{video.public_id}/chapters"


def test_its_owner_puts_the_chapters_of_a_video_and_everybody_reads_them(
    ann: Client, ben: Client, anybody: Client, video: Make
) -> None:
    one = video("ann")
    assert anybody.get(path(one)).json() == {"chapters": []}
    put = ann.put(path(one), {"chapters": TWO})
    assert (put.status_code, put.json()) == (200, {"chapters": TWO})
    read = anybody.get(path(one))
    assert (read.json(), read["ETag"]) == ({"chapters": TWO}, put["ETag"])
    assert anybody.get(path(one), headers={"If-None-Match": read["ETag"]}).status_code == 304
    assert ben.put(path(one), {"chapters": []}).status_code == 403
    assert ann.put(path(one), {"chapters": []}).json() == {"chapters": []}
    assert Video.objects.get().chapters is None
    assert Video.objects.get().version == 1, "a change of the title that is being made is not stale by it"


@pytest.mark.parametrize(("starts", "faults"), [
    ([1], {"chapters.0.start"}), ([0, 0], {"chapters.1.start"}), ([0, 20, 10, 30], {"chapters.2.start"}),
    ([0, 60], {"chapters.1.start"}), ([0, 59.999, 61, 62], {"chapters.2.start", "chapters.3.start"}),
    ([0, 0.0001], {"chapters.1.start"}), ([-1], {"chapters.0.start"}), (["nan"], {"chapters.0.start"}),
    (["inf"], {"chapters.0.start"}), ([None], {"chapters.0.start"}), (range(101), {"chapters"}),
])  # fmt: skip
def test_chapters_begin_at_0_ascend_and_lie_within_the_video(
    ann: Client, video: Make, starts: list[Any], faults: set[str]
) -> None:
    one = video("ann", duration=timedelta(seconds=60))
    answer = ann.put(path(one), {"chapters": [{"title": "x", "start": start} for start in starts]})
    assert (answer.status_code, {each["name"] for each in answer.json()["invalid-params"]}) == (400, faults)
    assert Video.objects.get().chapters is None


@pytest.mark.parametrize(("body", "fault"), [
    ({}, "chapters"), ({"chapters": None}, "chapters"), ({"chapters": "x"}, "chapters"),
    ({"chapters": ["x"]}, "chapters.0"), ({"chapters": [{"start": 0}]}, "chapters.0.title"),
    ({"chapters": [{"start": 0, "title": " "}]}, "chapters.0.title"),
    ({"chapters": [{"start": 0, "title": "x" * 101}]}, "chapters.0.title"),
])  # fmt: skip
def test_what_is_no_list_of_chapters_is_refused_with_the_field(ann: Client, video: Make, body: Any, fault: str) -> None:
    answer = ann.put(path(video("ann")), body)
    assert (answer.status_code, [each["name"] for each in answer.json()["invalid-params"]]) == (400, [fault])


def test_chapters_of_a_draft_that_lie_behind_its_end_are_not_shown_once_it_is_known(ann: Client, video: Make) -> None:
    one = video("ann", state="draft", duration=None)
    late = [*TWO, {"title": "End", "start": 3_600.0}]
    assert ann.put(path(one), {"chapters": late}).json() == {"chapters": late}
    Video.objects.update(duration=timedelta(seconds=60), state="published")
    assert ann.get(path(one)).json() == {"chapters": TWO}
    Video.objects.update(duration=timedelta(0))
    assert ann.get(path(one)).json() == {"chapters": TWO[:1]}


def test_a_private_videos_chapters_are_its_owners(ann: Client, ben: Client, anybody: Client, video: Make) -> None:
    one = video("ann", privacy="private")
    ann.put(path(one), {"chapters": TWO})
    assert [client.get(path(one)).status_code for client in (ann, ben, anybody)] == [200, 404, 404]
    token = ann.post(f"/api/videos/{one.public_id}/token").json()["token"]
    assert anybody.get(f"{path(one)}?token={token}").json() == {"chapters": TWO}
