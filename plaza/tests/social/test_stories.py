"""Stories: for a day, for followers, and seen once by each."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db.models import F
from django.utils.timezone import now

from plaza.social.api import stories
from plaza.social.models import Image, Story, ViewingStory
from plaza.tests.conftest import Client
from plaza.tests.social.conftest import a_day_later, drain, follow, movie, path, told_story, uploaded


def end_all() -> None:
    """A day has passed."""
    Story.objects.update(
        created_at=F("created_at") - timedelta(hours=24), expires_at=F("expires_at") - timedelta(hours=24)
    )


def test_a_story_is_for_followers_and_gone_from_every_read_after_a_day(ann: Client, ben: Client, cid: Client) -> None:
    follow(ben, "ann")
    story = told_story(ann, caption="hello")
    assert not Image.objects.exists(), "the story has taken its file over"
    where = f"/api/stories/{story['id']}"
    assert ben.get(where).json() == {**story, "views": None}
    assert cid.get(where).status_code == 404
    assert cid.get(path("ann", "/stories")).status_code == 403
    (tray,) = ben.get("/api/stories/tray").json()
    assert (tray["author"]["nickname"], tray["stories"], tray["unseen"]) == ("ann", 1, 1)
    assert ben.post(f"{where}/seen").status_code == 204
    assert ben.get("/api/stories/tray").json()[0]["unseen"] == 0
    assert len(ben.get(path("ann", "/stories")).json()["results"]) == 1
    end_all()
    for client in (ann, ben):
        assert client.get(where).status_code == 404
        assert client.post(f"{where}/seen").status_code == 404
        assert client.get(path("ann", "/stories")).json()["results"] == []
    assert ann.get(f"{where}/viewers").status_code == 404
    assert ann.delete(where).status_code == 404
    assert ben.get("/api/stories/tray").json() == []


def test_a_look_is_counted_once_and_ones_own_is_not(ann: Client, ben: Client, cid: Client) -> None:
    follow(ben, "ann")
    where = f"/api/stories/{told_story(ann)['id']}"
    for client, status in ((ben, 204), (ben, 204), (ann, 204), (cid, 404)):
        assert client.post(f"{where}/seen").status_code == status
    assert (ann.get(where).json()["views"], ben.get(where).json()["views"]) == (1, None)
    assert (ben.get(where).json()["seen"], ann.get(where).json()["seen"]) == (True, False)
    assert [one["nickname"] for one in ann.get(f"{where}/viewers").json()["results"]] == ["ben"]
    assert ben.get(f"{where}/viewers").status_code == 403
    assert cid.get(f"{where}/viewers").status_code == 404


def test_a_story_is_deleted_with_its_file_by_its_author_alone(ann: Client, ben: Client) -> None:
    follow(ben, "ann")
    where = f"/api/stories/{told_story(ann)['id']}"
    ben.post(f"{where}/seen")
    assert ben.delete(where).status_code == 403
    assert ann.delete(where).status_code == 204
    assert ann.delete(where).status_code == 404
    drain()
    assert not ViewingStory.objects.exists()
    assert default_storage.listdir("images")[1] == []


def test_a_movie_is_a_story_as_well(ann: Client) -> None:
    answer = ann.post("/api/stories", {"media": uploaded(ann, movie(), "movie")})
    assert (answer.status_code, answer.json()["kind"], answer.json()["duration"]) == (201, "movie", 0.5)


def test_no_more_stories_are_told_than_a_day_has_room_for(ann: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories, "MOST_A_DAY", 2)
    for _ in range(2):
        told_story(ann)
    media = uploaded(ann)
    assert ann.post("/api/stories", {"media": media}).status_code == 422
    assert ann.post("/api/stories", {"media": "image-999"}).status_code == 400
    for story in Story.objects.all():
        assert ann.delete(f"/api/stories/{story.pk}").status_code == 204
    assert ann.post("/api/stories", {"media": media}).status_code == 422, "what was deleted counts"
    a_day_later("ann")
    assert ann.post("/api/stories", {"media": media}).status_code == 201
    assert ann.post("/api/stories", {"media": media}).status_code == 400, "it is no media any more"


def test_stories_that_are_over_are_deleted_with_their_files(ann: Client, ben: Client) -> None:
    follow(ben, "ann")
    old = told_story(ann)
    ben.post(f"/api/stories/{old['id']}/seen")
    end_all()
    new = told_story(ann)
    call_command("plaza_clean_social", verbosity=0)
    drain()
    assert [str(row.pk) for row in Story.objects.all()] == [new["id"]]
    assert len(default_storage.listdir("images")[1]) == 1


def test_a_link_to_a_storys_file_is_over_with_the_story(ann: Client) -> None:
    story = told_story(ann)
    assert ann.get(story["url"]).getvalue().startswith(b"\xff\xd8")
    Story.objects.update(expires_at=now() + timedelta(minutes=1))
    assert ann.get(f"/api/stories/{story['id']}").json()["url"] != story["url"]
