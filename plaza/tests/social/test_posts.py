"""Uploads in two steps, posts, likes, and what goes with a post."""

from __future__ import annotations

import hashlib
import uuid
from contextlib import suppress
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils.timezone import now
from PIL import Image as Pillow
from pytest_django import fixtures

from plaza.api import outbox, throttles
from plaza.social import cleaning, counters, uploading
from plaza.social.api import posts
from plaza.social.models import Image, Liking, Movie, Notification, Post, PostStats, SocialMessage, Tag, Upload
from plaza.tests.conftest import Client
from plaza.tests.social.conftest import (
    a_day_later,
    drain,
    follow,
    movie,
    path,
    person,
    picture,
    published,
    put,
    set_private,
    stats,
    told_story,
    uploaded,
)  # fmt: skip


def begin(client: Client, sent: bytes, kind: str = "image", **more: Any) -> dict[str, Any]:
    answer = client.post("/api/uploads", {"kind": kind, "size_bytes": len(sent), **more})
    assert (answer.status_code, answer.json()["state"]) == (201, "waiting"), answer.content
    return dict(answer.json())


def complete(client: Client, upload: dict[str, Any]) -> Any:
    return client.post(f"/api/uploads/{upload['id']}/complete")


def test_a_picture_is_ready_as_soon_as_it_is_complete_and_says_nothing_of_where_it_was_taken(ann: Client) -> None:
    sent = picture()
    upload = begin(ann, sent, sha256=hashlib.sha256(sent).hexdigest(), alt_text="a red square")
    assert complete(ann, upload).status_code == 409
    for _ in range(2):
        assert put(ann, upload["put"], sent).status_code == 204
    said = [complete(ann, upload) for _ in range(2)]
    assert [one.status_code for one in said] == [200, 200]
    assert said[0].json() == said[1].json() == ann.get(f"/api/uploads/{upload['id']}").json()
    (image,) = Image.objects.all()
    assert (image.width, image.height, image.alt_text, image.post_id) == (40, 20, "a red square", None)
    with image.file.open() as file:
        assert not Pillow.open(BytesIO(file.read())).getexif()
    assert put(ann, upload["put"], sent).status_code == 409
    drain()
    assert default_storage.listdir("uploads")[1] == []


def test_a_movie_is_worked_on_and_ready_later(ann: Client) -> None:
    sent = movie()
    upload = begin(ann, sent, "movie")
    assert put(ann, upload["put"], sent).status_code == 204
    assert [complete(ann, upload).status_code for _ in range(2)] == [202, 202]
    assert ann.post("/api/posts", {"media": [upload["id"]]}).status_code == 422
    drain()
    answer = complete(ann, upload)
    assert (answer.status_code, answer.json()["state"]) == (200, "ready")
    (found,) = Movie.objects.all()
    assert (found.width, found.height) == (64, 48)
    post = ann.post("/api/posts", {"media": [upload["id"], uploaded(ann)]}).json()
    assert [(one["kind"], one["duration"]) for one in post["media"]] == [
        ("movie", found.duration.total_seconds()), ("image", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "sent", "status"),
    [("image", b"GIF89a" + b"\0" * 40, 415), ("image", picture()[:200], 422), ("movie", picture(), 415)],
)
def test_what_is_not_what_it_should_be_can_be_sent_again(ann: Client, kind: str, sent: bytes, status: int) -> None:
    upload = begin(ann, sent, kind)
    assert put(ann, upload["put"], sent).status_code == 204
    for _ in range(2):
        assert complete(ann, upload).status_code == status
    assert ann.get(f"/api/uploads/{upload['id']}").json()["state"] == "received"
    assert put(ann, upload["put"], sent).status_code == 204


def test_a_damaged_movie_fails_and_says_why(ann: Client) -> None:
    sent = movie()[:300]
    upload = begin(ann, sent, "movie")
    put(ann, upload["put"], sent)
    assert complete(ann, upload).status_code == 202
    drain()
    assert complete(ann, upload).status_code == 422
    assert ann.get(f"/api/uploads/{upload['id']}").json()["error"]


def test_a_movie_that_kills_whoever_works_on_it_fails_in_the_end(ann: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def kills(payload: object) -> None:
        raise SystemExit  # as far as the drain gets

    sent = movie()
    upload = begin(ann, sent, "movie")
    put(ann, upload["put"], sent)
    assert complete(ann, upload).status_code == 202
    monkeypatch.setitem(outbox._handlers[uploading.RECEIVED], "social", kills)
    waiting = SocialMessage.objects.filter(topic=uploading.RECEIVED)
    for earlier in (0, outbox.A_DAY - 1):
        waiting.update(claimed_until=None, due_at=now(), attempts=earlier)
        with suppress(SystemExit):
            outbox.drain(SocialMessage)
    assert complete(ann, upload).status_code == 202
    waiting.update(claimed_until=None, due_at=now())
    drain()
    assert not waiting.exists()
    answer = complete(ann, upload)
    assert (answer.status_code, answer.json()["detail"]) == (422, uploading.UNWORKABLE)
    assert default_storage.listdir("uploads")[1] == []


def test_bytes_that_were_not_announced_are_refused(ann: Client, settings: fixtures.Settings) -> None:
    sent = picture()
    upload = begin(ann, sent, sha256="0" * 64)
    assert put(ann, upload["put"], sent + b"x").status_code == 413
    assert put(ann, upload["put"], sent[:-1]).status_code == 400
    assert put(ann, upload["put"], sent).status_code == 400
    settings.MEDIA_LIMITS = {**settings.MEDIA_LIMITS, "image": 10}
    assert ann.post("/api/uploads", {"kind": "image", "size_bytes": 11}).status_code == 413
    for bad in ({"kind": "text", "size_bytes": 1}, {"kind": "image", "size_bytes": 0}, {"kind": "image"}):
        assert ann.post("/api/uploads", bad).status_code == 400


def test_a_picture_whose_process_was_killed_is_completed_by_the_next_request(ann: Client) -> None:
    sent = picture()
    upload = begin(ann, sent)
    put(ann, upload["put"], sent)
    kept = f"images/{upload['id'].replace('-', '')}.jpg"
    default_storage.save(kept, BytesIO(b"half of it"))  # type: ignore[arg-type]
    Upload.objects.update(state="processing", kept=kept, changed_at=now())
    assert complete(ann, upload).status_code == 202
    Upload.objects.update(changed_at=now() - timedelta(minutes=2))
    assert complete(ann, upload).status_code == 200
    drain()
    assert [f"images/{name}" for name in default_storage.listdir("images")[1]] == [Image.objects.get().file.name]


def test_a_post_is_published_read_changed_and_deleted(ann: Client, ben: Client) -> None:
    post = published(ann, "At the #Beach with @ben, #beach! #2024")
    where = f"/api/posts/{post['id']}"
    assert post["tags"] == ["beach"]
    assert (post["likes"], post["comments"], post["liked"], post["author"]["nickname"]) == (0, 0, False, "ann")
    assert stats("ann").posts == 1
    got = ben.get(where)
    assert got.json() == post
    assert ben.get(where, headers={"If-None-Match": got["ETag"]}).status_code == 304
    assert ben.patch(where, {"body": "mine"}, headers={"If-Match": got["ETag"]}).status_code == 403
    assert ann.patch(where, {"body": "x"}).status_code == 428
    ben.put(f"{where}/like")
    assert ben.get(where, headers={"If-None-Match": got["ETag"]}).status_code == 200
    changed = ann.patch(where, {"body": "#Sea"}, headers={"If-Match": got["ETag"]})
    assert changed.status_code == 200, "a like does not make a change stale"
    assert (changed.json()["tags"], changed.json()["likes"]) == (["sea"], 1)
    assert changed.json()["edited_at"]
    assert ann.patch(where, {"body": "y"}, headers={"If-Match": got["ETag"]}).status_code == 412
    assert [one["id"] for one in ben.get("/api/tags/SEA").json()["results"]] == [post["id"]]
    assert ben.get("/api/tags/beach").json()["results"] == []
    (name,) = [image.file.name for image in Image.objects.all()]
    ben.post(f"{where}/comments", {"body": "nice"})
    assert ben.delete(where).status_code == 403
    assert ann.delete(where).status_code == 204
    assert ann.delete(where).status_code == 404
    drain()
    assert not default_storage.exists(name)
    assert not any(model.objects.exists() for model in (Post, PostStats, Liking, Image))
    assert [one.kind for one in Notification.objects.all()] == []
    assert (stats("ann").posts, Tag.objects.count()) == (0, 2)


@pytest.mark.parametrize(
    "change",
    [{"media": []}, {"media": ["image-1"] * 2}, {"media": ["x"]}, {"media": ["image-999999"]}, {"media": None},
     {"body": "x" * 2201}, {"body": "\0"}, {"body": " ".join(f"#t{n}" for n in range(61))},
     {"body": " ".join(f"@name{n}" for n in range(21))}, {"location": "7"}, {"location": "x"}, {"media": ["a"] * 11}],
)  # fmt: skip
def test_what_cannot_be_published_is_named_with_its_reason(ann: Client, change: dict[str, Any]) -> None:
    answer = ann.post("/api/posts", {"media": [uploaded(ann)], **change})
    assert answer.status_code == 400
    assert {one["name"].partition(".")[0] for one in answer.json()["invalid-params"]} == set(change)
    assert not Post.objects.exists()


def test_a_picture_is_so_many_whole_pixels_wide_on_every_engine(ann: Client, ben: Client) -> None:
    post = published(ann, "With a #tag")
    for where in (f"/api/posts/{post['id']}", "/api/feed/explore"):
        assert b'"width":40,"height":20,' in ben.get(where).content  # 40.0 would be equal to 40 once it is read


def test_media_are_in_one_post_and_anothers_media_are_not_there(ann: Client, ben: Client) -> None:
    media = uploaded(ann)
    assert ben.post("/api/posts", {"media": [media]}).status_code == 400
    assert ann.post("/api/posts", {"media": [media]}).status_code == 201
    assert ann.post("/api/posts", {"media": [uploaded(ann), media]}).status_code == 409
    assert ann.post("/api/stories", {"media": media}).status_code == 409
    assert Post.objects.count() == stats("ann").posts == 1
    assert Image.objects.filter(post=None).count() == 1, "what was claimed by the post that failed is free"


def test_no_more_is_published_than_the_quota(ann: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posts, "QUOTA", 2)
    for _ in range(2):
        published(ann)
    assert ann.post("/api/posts", {"media": [uploaded(ann)]}).status_code == 422
    told_story(ann)
    a_day_later("ann")
    for _ in range(2):
        published(ann)
    assert ann.post("/api/posts", {"media": [uploaded(ann)]}).status_code == 422
    assert {what: len(moments) for what, moments in stats("ann").published.items()} == {"posts": 2, "stories": 1}


def test_what_was_published_counts_although_it_is_deleted_and_what_was_refused_does_not(
    ann: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posts, "QUOTA", 2)
    media, key = uploaded(ann), {"Idempotency-Key": str(uuid.uuid4())}
    for _ in range(2):
        first = ann.post("/api/posts", {"media": [media]}, headers=key)
    assert ann.post("/api/posts", {"media": [media]}).status_code == 409
    for post in (first.json(), published(ann)):
        assert ann.delete(f"/api/posts/{post['id']}").status_code == 204
    assert ann.post("/api/posts", {"media": [uploaded(ann)]}).status_code == 422
    a_day_later("ann")
    published(ann)


def test_so_many_posts_are_liked_in_a_day_and_what_changes_nothing_is_not_counted(
    ann: Client, ben: Client, cid: Client, settings: fixtures.Settings
) -> None:
    settings.PLAZA_LIMITS = {"like": "2/day"}
    throttles.limit_of.cache_clear()
    throttles.limiter().storage.reset()
    first, second, third = (f"/api/posts/{published(ann)['id']}/like" for _ in range(3))
    assert ben.put("/api/posts/999999/like").status_code == 404
    for one in (first, first, second, second, first):
        assert ben.put(one).status_code == 204
    many = ben.put(third)
    assert (many.status_code, many["Content-Type"]) == (429, "application/problem+json")
    assert 86_000 < int(many["Retry-After"]) <= 86_400
    assert many["RateLimit-Policy"] == '"like";q=2;w=86400'
    assert (ben.put(first).status_code, cid.put(third).status_code) == (204, 204)
    assert ben.delete(second).status_code == 204
    assert ben.put(second).status_code == 429, "what was liked in this day counts, also when it is taken back"
    assert [Liking.objects.filter(user=person(name).pk).count() for name in ("ben", "cid")] == [1, 1]


def test_a_like_is_counted_once_and_taken_back_once(ann: Client, ben: Client, cid: Client) -> None:
    post = published(ann)
    where = f"/api/posts/{post['id']}"
    for client in (ben, ben, cid, ann):
        assert client.put(f"{where}/like").status_code == 204
    assert (ben.get(where).json()["likes"], ben.get(where).json()["liked"]) == (3, True)
    assert [one["nickname"] for one in ann.get(f"{where}/likes").json()["results"]] == ["ann", "cid", "ben"]
    (told,) = ann.get("/api/notifications").json()["results"]
    assert (told["kind"], told["amount"], told["actor"]["nickname"], told["post"]) == ("like", 2, "cid", post["id"])
    for _ in range(2):
        assert cid.delete(f"{where}/like").status_code == 204
    (told,) = ann.get("/api/notifications").json()["results"]
    assert (told["amount"], told["actor"]["nickname"]) == (1, "ben")
    ben.delete(f"{where}/like")
    assert ann.get("/api/notifications").json()["results"] == []
    assert ben.get(where).json()["likes"] == 1


def test_a_like_of_a_post_that_one_may_not_see_any_more_can_be_taken_back(ann: Client, ben: Client) -> None:
    post = published(ann)
    ben.put(f"/api/posts/{post['id']}/like")
    set_private(ann)
    assert ben.get(f"/api/posts/{post['id']}").status_code == 404
    assert ben.delete(f"/api/posts/{post['id']}/like").status_code == 204
    assert ben.delete(f"/api/posts/{post['id']}/like").status_code == 404
    assert PostStats.objects.get().likes == 0


def test_posts_of_a_private_profile_are_for_its_followers(ann: Client, ben: Client, cid: Client) -> None:
    follow(ben, "ann")
    post = published(ann, "#secret")
    set_private(ann)
    for where in (f"/api/posts/{post['id']}", path("ann", "/posts")):
        assert ben.get(where).status_code == 200
        assert cid.get(where).status_code in (403, 404)
    for act in (cid.put, cid.delete):
        assert act(f"/api/posts/{post['id']}/like").status_code == 404
    assert len(ben.get("/api/tags/secret").json()["results"]) == 1
    assert cid.get("/api/tags/secret").json()["results"] == []
    assert cid.get("/api/feed/explore").json()["results"] == []
    assert cid.post(f"/api/posts/{post['id']}/comments", {"body": "?"}).status_code == 404


def test_an_archived_post_is_for_its_author_alone(ann: Client, ben: Client) -> None:
    post = published(ann)
    where = f"/api/posts/{post['id']}"
    for _ in range(2):
        assert ann.put(f"{where}/archive").status_code == 204
    assert (stats("ann").posts, ben.get(where).status_code, ann.get(where).status_code) == (0, 404, 200)
    assert ann.get(path("ann", "/posts")).json()["results"] == []
    assert [one["id"] for one in ann.get("/api/me/archived-posts").json()["results"]] == [post["id"]]
    assert ben.get("/api/feed/explore").json()["results"] == []
    for _ in range(2):
        assert ann.delete(f"{where}/archive").status_code == 204
    assert (stats("ann").posts, ben.get(where).status_code) == (1, 200)
    ann.put(f"{where}/archive")
    assert ann.delete(where).status_code == 204
    assert stats("ann").posts == 0


@pytest.mark.parametrize("number", ["0", "x", "1" * 30, "-1", "1.5", "%00", "01", "9" * 18])
def test_a_number_that_no_post_has_is_not_found(ann: Client, number: str) -> None:
    for answer in (
        ann.get(f"/api/posts/{number}"), ann.put(f"/api/posts/{number}/like"), ann.delete(f"/api/posts/{number}"),
        ann.get(f"/api/posts/{number}/comments"), ann.get(f"/api/stories/{number}"),
        ann.delete(f"/api/comments/{number}"), ann.get(f"/api/locations/{number}"),
    ):  # fmt: skip
        assert answer.status_code == 404


def test_a_place_is_made_once_and_has_many_posts(ann: Client, ben: Client) -> None:
    wanted = {"provider": "osm", "external_id": "n1", "name": "서울숲", "latitude": 37.544, "longitude": 127.037}
    made = [ann.post("/api/locations", wanted), ben.post("/api/locations", {**wanted, "name": "another"})]
    assert [one.status_code for one in made] == [201, 200]
    place = made[1].json()
    assert (place, place["latitude"]) == (made[0].json(), 37.544)
    assert ann.get(f"/api/locations/{place['id']}").json() == place
    two = [published(client, location=place["id"])["id"] for client in (ann, ben)]
    assert [one["id"] for one in ann.get(f"/api/locations/{place['id']}/posts").json()["results"]] == two[::-1]
    assert [one["name"] for one in ann.get("/api/locations?q=울숲").json()["results"]] == ["서울숲"]
    for bad in ({"latitude": 91}, {"provider": "O S M"}, {"external_id": ""}, {"longitude": "nan"}):
        assert ann.post("/api/locations", {**wanted, **bad}).status_code == 400


def test_what_nobody_completes_or_publishes_is_deleted_after_a_day(ann: Client) -> None:
    sent = picture()
    put(ann, begin(ann, sent)["put"], sent)
    uploaded(ann)
    published(ann)
    drain()
    assert cleaning.clean_uploads() == 0
    old = now() - timedelta(hours=25)
    Upload.objects.update(changed_at=old)
    Image.objects.update(created_at=old)
    assert cleaning.clean_uploads() == 2
    drain()
    (kept,) = Image.objects.all()
    assert (kept.post_id is not None, Upload.objects.count()) == (True, 0)
    assert (default_storage.listdir("uploads")[1], len(default_storage.listdir("images")[1])) == ([], 1)


def test_counters_of_posts_that_are_wrong_are_put_right(ann: Client, ben: Client) -> None:
    post = published(ann)
    ben.put(f"/api/posts/{post['id']}/like")
    for _ in range(2):
        ben.post(f"/api/posts/{post['id']}/comments", {"body": "x"})
    assert counters.recount() == 0
    PostStats.objects.update(likes=9, comments=0)
    assert counters.recount() == 1
    assert PostStats.objects.values("likes", "comments").get() == {"likes": 1, "comments": 2}
    PostStats.objects.all().delete()
    assert ben.get(f"/api/posts/{post['id']}").json()["likes"] == 0
    assert counters.recount() == 1
    assert person("ann").pk
    assert ben.get(f"/api/posts/{post['id']}").json()["likes"] == 1


def test_two_places_of_a_provider_may_differ_by_the_case_of_a_letter(ann: Client) -> None:
    wanted = {"provider": "google", "name": "x", "latitude": 1, "longitude": 2}
    for text, status in (("ChIJa", 201), ("ChIJA", 201), ("ChIJá", 201), ("ChIJa", 200)):
        answer = ann.post("/api/locations", {**wanted, "external_id": text})
        assert (answer.status_code, answer.json()["external_id"]) == (status, text)
