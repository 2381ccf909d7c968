"""A deleted account leaves nothing of its own in social, and every counter is right afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db.models import ForeignKey, Model
from django.test import Client as DjangoClient

from plaza.api import people
from plaza.social import counters, removing
from plaza.social.models import Comment, Follow, FollowRequest, Person, PostStats, ProfileStats
from plaza.tests.conftest import Client
from plaza.tests.social.conftest import (
    drain,
    follow,
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

KEPT = {"Person", "ProfileStats", "Comment"}


def of_user(model: type[Model], number: int) -> int:
    keys = [field.attname for field in model._meta.fields if isinstance(field, ForeignKey)
            and field.related_model._meta.label == "auth.User"]  # fmt: skip
    return sum(model._default_manager.filter(**{key: number}).count() for key in keys)


def test_a_deleted_account_leaves_nothing_and_every_counter_right(ann: Client, ben: Client, cid: Client) -> None:
    follow(ann, "ben")
    follow(ben, "ann")
    follow(cid, "ann")
    mine, his = published(ann, "of @ben"), published(ben)
    for post in (mine, his):
        for client in (ann, ben, cid):
            client.put(f"/api/posts/{post['id']}/like")
            client.post(f"/api/posts/{post['id']}/comments", {"body": "hello @ann"})
    root = Comment.objects.filter(post_id=int(his["id"]), author_id=person("ann").pk).get()
    cid.post(f"/api/posts/{his['id']}/comments", {"body": "yes", "parent": str(root.pk)})
    told_story(ann)
    story = told_story(ben)
    ann.post(f"/api/stories/{story['id']}/seen")
    uploaded(ann)
    begun = ann.post("/api/uploads", {"kind": "image", "size_bytes": len(picture())}).json()
    put(ann, begun["put"], picture())
    set_private(cid)
    ann.post(path("cid", "/follow"))
    assert FollowRequest.objects.exists()
    ann.put(path("cid", "/block"))

    number = person("ann").pk
    assert ann.delete("/api/me").status_code == 204
    drain()
    for _ in range(2):  # done twice is done once
        for model in apps.get_app_config("social").get_models():
            if model.__name__ not in KEPT:
                assert of_user(model, number) == 0, model
        assert counters.recount() == 0
        assert ProfileStats.objects.values("posts", "followers", "following").get(pk=number) == {
            "posts": 0, "followers": 0, "following": 0,
        }  # fmt: skip
        removing.remove_user(number)
    assert (stats("ben").followers, PostStats.objects.get().likes, PostStats.objects.get().comments) == (0, 2, 3)
    assert [(one["body"], one["author"]["name"]) for one in
            ben.get(f"/api/posts/{his['id']}/comments").json()["results"]] == [
        ("hello @ann", "cid"), ("hello @ann", "ben"), ("", "deleted user"),
    ]  # fmt: skip
    assert ben.get(f"/api/posts/{mine['id']}").status_code == 404
    assert ben.get(f"/api/profiles/deleted-{number}").status_code == 410
    assert Person.objects.get(pk=number).status == "deleted"
    drain()
    assert len(default_storage.listdir("images")[1]) == 2, "a post's and a story's of ben"
    assert default_storage.listdir("uploads")[1] == []
    assert ann.post(path("ben", "/follow")).status_code == 410


@pytest.mark.parametrize("who", ["ann", "ben"])
def test_a_follow_that_an_account_s_end_overtakes_is_refused(
    ann: Client, ben: Client, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    address, number, lock = path("ben", "/follow"), person(who).pk, people.writing

    def late(*given: Any) -> Any:
        people.bury(Person, number)
        removing.remove_user(number)
        return lock(*given)

    monkeypatch.setattr(people, "writing", late)
    assert ann.post(address).status_code == 410
    assert not Follow.objects.exists()


def test_the_request_of_a_suspended_sender_is_accepted_by_nobody(ann: Client, ben: Client) -> None:
    set_private(ben)
    ann.post(path("ben", "/follow"))
    (asked,) = ben.get("/api/me/follow-requests").json()["results"]
    Person.objects.filter(pk=person("ann").pk).update(status=Person.Status.SUSPENDED)
    assert ben.post(f"/api/me/follow-requests/{asked['id']}/accept").status_code == 404
    set_private(ben, False)
    assert not Follow.objects.exists(), "nor by a profile that opens up"
    assert FollowRequest.objects.exists()


@pytest.mark.parametrize("kind", ["post", "comment", "liking", "follow", "story", "image", "upload"])
@pytest.mark.parametrize("at_once", [False, True])
def test_what_is_deleted_in_the_admin_leaves_no_file_and_is_counted_out(
    ann: Client, ben: Client, kind: str, at_once: bool
) -> None:
    boss, post = DjangoClient(), published(ann)
    boss.force_login(User.objects.create_superuser("boss", "", "secret"))
    ben.put(f"/api/posts/{post['id']}/like")
    ben.post(f"/api/posts/{post['id']}/comments", {"body": "x"})
    follow(ben, "ann")
    told_story(ann)
    begun = ann.post("/api/uploads", {"kind": "image", "size_bytes": len(picture())}).json()
    put(ann, begun["put"], picture())
    row, files = apps.get_model("social", kind).objects.latest("pk"), (2, 1)
    sent = {"post": "yes", "action": "delete_selected", "_selected_action": [row.pk]}
    where = f"/admin/social/{kind}/" if at_once else f"/admin/social/{kind}/{row.pk}/delete/"
    assert boss.post(where, sent).status_code == 302
    drain()
    assert counters.recount() == 0
    gone = {"post": (1, 0), "story": (1, 0), "image": (1, 0), "upload": (0, 1)}.get(kind, (0, 0))
    left = tuple(len(default_storage.listdir(name)[1]) for name in ("images", "uploads"))
    assert left == (files[0] - gone[0], files[1] - gone[1])
