"""What is changed in the admin is as what users change: the other databases are told, and nothing is left behind."""

from __future__ import annotations

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.db import models
from django.test import Client as DjangoClient
from django.urls import reverse

from plaza.accounts.models import Profile
from plaza.api import outbox
from plaza.social.models import Block, Person, Post
from plaza.tests.conftest import Client
from plaza.videos.models import Blocked


@pytest.fixture
def admin() -> DjangoClient:
    client = DjangoClient()
    client.force_login(User.objects.create_superuser("boss", "", "secret"))
    return client


def drained() -> None:
    for model in outbox.outboxes():
        while outbox.drain(model)[0]:
            pass


def values(profile: Profile, **changed: str) -> dict[str, object]:
    """What the form of a profile sends."""
    return {"user": profile.user_id, "name": profile.name, "nickname": profile.nickname, "bio": "", "preferences": "{}",
            "created_at_0": "2026-01-01", "created_at_1": "00:00:00", **changed}  # fmt: skip


def test_a_name_that_is_changed_in_the_admin_is_known_everywhere(ann: Client, admin: DjangoClient) -> None:
    profile = Profile.objects.get(nickname="ann")
    address = reverse("admin:accounts_profile_change", args=[profile.pk])
    answer = admin.post(address, values(profile, name="Ann of Plaza"))
    assert answer.status_code == 302, answer.content
    drained()
    assert Person.objects.get(nickname="ann").name == "Ann of Plaza"


def test_the_name_that_a_user_logs_in_with_is_not_changed_in_the_admin(ann: Client, admin: DjangoClient) -> None:
    profile = Profile.objects.get(nickname="ann")
    address = reverse("admin:accounts_profile_change", args=[profile.pk])
    assert admin.post(address, values(profile, nickname="anna")).status_code == 302
    profile.refresh_from_db()
    assert (profile.nickname, profile.user.username) == ("ann", "ann")
    page = admin.get(reverse("admin:auth_user_change", args=[profile.user_id])).content.decode()
    assert 'name="email"' in page
    assert 'name="username"' not in page


@pytest.mark.parametrize("at_once", [False, True])
def test_an_account_that_is_deleted_in_the_admin_leaves_a_tombstone_and_nothing_else(
    ann: Client, admin: DjangoClient, at_once: bool
) -> None:
    drained()
    profile = Profile.objects.get(nickname="ann")
    Post.objects.create(author_id=profile.user_id, body="mine")
    if at_once:
        address = reverse("admin:accounts_profile_changelist")
        sent = {"action": "delete_selected", "_selected_action": [profile.pk], "post": "yes"}
    else:
        address, sent = reverse("admin:accounts_profile_delete", args=[profile.pk]), {"post": "yes"}
    assert admin.post(address, sent).status_code == 302
    drained()
    profile.refresh_from_db()
    assert (profile.status, profile.nickname) == ("deleted", f"deleted-{profile.user_id}")
    assert Person.objects.get(pk=profile.user_id).status == "deleted"
    assert not Post.objects.exists()
    assert ann.get("/api/me").status_code == 410


@pytest.mark.parametrize("model", site._registry, ids=lambda model: model._meta.label)
def test_the_list_and_the_form_of_every_model_open(admin: DjangoClient, model: type[models.Model]) -> None:
    for page in ("changelist", "add"):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
        status = 403 if (model, page) == (Block, "add") else 200
        assert admin.get(reverse(name), {"q": "a"} if page == "changelist" else {}).status_code == status


@pytest.mark.parametrize("at_once", [False, True])
def test_a_block_that_is_deleted_in_the_admin_is_lifted_everywhere(
    ann: Client, ben: Client, admin: DjangoClient, at_once: bool
) -> None:
    drained()
    assert ann.put(f"/api/profiles/{Person.objects.get(nickname='ben').public_id}/block").status_code == 204
    drained()
    assert [one.is_lifted for one in Blocked.objects.all()] == [False]
    key = Block.objects.get().pk
    if at_once:
        address = reverse("admin:social_block_changelist")
        sent = {"action": "delete_selected", "_selected_action": [key], "post": "yes"}
    else:
        address, sent = reverse("admin:social_block_delete", args=[key]), {"post": "yes"}
    assert admin.post(address, sent).status_code == 302
    drained()
    assert not Block.objects.exists()
    assert [one.is_lifted for one in Blocked.objects.all()] == [True]


def test_a_block_is_not_changed_in_the_admin(ann: Client, ben: Client, admin: DjangoClient) -> None:
    drained()
    assert ann.put(f"/api/profiles/{Person.objects.get(nickname='ben').public_id}/block").status_code == 204
    address = reverse("admin:social_block_change", args=[Block.objects.get().pk])
    assert [admin.get(address).status_code, admin.post(address, {}).status_code] == [200, 403]


@pytest.mark.parametrize("at_once", [False, True])
def test_a_user_who_is_deleted_in_the_admin_leaves_a_tombstone_as_well(
    ann: Client, admin: DjangoClient, at_once: bool
) -> None:
    drained()
    number = Profile.objects.get(nickname="ann").user_id
    Post.objects.create(author_id=number, body="mine")
    ann.post("/api/restaurants", {"name": "At Ann's"})
    if at_once:
        address = reverse("admin:auth_user_changelist")
        sent = {"action": "delete_selected", "_selected_action": [number], "post": "yes"}
    else:
        address, sent = reverse("admin:auth_user_delete", args=[number]), {"post": "yes"}
    assert admin.post(address, sent).status_code == 302
    drained()
    assert (Profile.objects.get().status, Person.objects.get(pk=number).status) == ("deleted", "deleted")
    assert not Post.objects.exists()
    assert ann.get("/api/me").status_code == 410


def test_a_user_of_the_admin_alone_is_deleted_there(admin: DjangoClient) -> None:
    other = User.objects.create_superuser("other", "", "secret")
    assert admin.post(reverse("admin:auth_user_delete", args=[other.pk]), {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=other.pk).exists()
