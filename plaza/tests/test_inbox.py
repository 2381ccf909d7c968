"""One inbox for four apps: what accounts tell, what social told before, and what all of it costs."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.test import Client as DjangoClient

from plaza.accounts.models import AccountsMessage
from plaza.api import outbox
from plaza.social.models import Notification, Person
from plaza.tests.bookings.conftest import drain
from plaza.tests.conftest import PASSWORD, Client
from plaza.tests.social.test_costs import asked

NEW = "another word of nine letters"


def told(client: Client) -> list[dict[str, Any]]:
    drain()
    return list(client.get("/api/notifications").json()["results"])


def test_whose_password_was_changed_is_told_in_one_row(ann: Client) -> None:
    drain()
    assert told(ann) == []
    assert ann.post("/api/me/password", {"old": "wrong", "new": NEW}).status_code == 400
    assert told(ann) == []
    for old, new in ((PASSWORD, NEW), (NEW, PASSWORD)):
        assert ann.post("/api/me/password", {"old": old, "new": new}).status_code == 204
        late = AccountsMessage.objects.filter(topic="accounts.password").get().payload
        (row,) = told(ann)
        assert (row["kind"], row["actor"], row["about"]["event"], row["amount"]) == (
            "account", None, "password_changed", 1,
        )  # fmt: skip
    before = Notification.objects.get()
    for payload in (late, {**late, "version": 1}):
        outbox._handlers["accounts.password"]["social"](payload)
    assert Notification.objects.get().updated_at == before.updated_at
    Person.objects.update(status="deleted")
    Notification.objects.all().delete()
    outbox._handlers["accounts.password"]["social"]({**late, "version": late["version"] + 1})
    assert not Notification.objects.exists()


def test_whose_password_the_admin_changes_is_told_as_well(ann: Client) -> None:
    drain()
    boss, user = DjangoClient(), User.objects.get(username="ann")
    boss.force_login(User.objects.create_superuser("boss", "", "secret"))
    sent = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    assert boss.post(f"/admin/auth/user/{user.pk}/password/", sent).status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert [row["about"]["event"] for row in told(ann)] == ["password_changed"]


def test_what_social_tells_is_as_it_was_and_says_nothing_of_another_app(ann: Client, ben: Client) -> None:
    drain()
    ben.post(f"/api/profiles/{Person.objects.get(nickname='ann').public_id}/follow")
    (row,) = told(ann)
    assert (row["kind"], row["actor"]["nickname"], row["amount"], row["about"]) == ("follow", "ben", 1, None)


def test_a_page_of_all_apps_costs_as_many_queries_as_one_of_social_alone(ann: Client, ben: Client) -> None:
    drain()
    me, other = (User.objects.get(username=name).pk for name in ("ann", "ben"))
    Notification.objects.create(user_id=me, key="follow", kind="follow", actor_id=other)
    few, _ = asked(ann, "/api/notifications")
    for kind in ("booking", "guest", "video", "video_comment", "account"):
        Notification.objects.create(
            user_id=me, key=kind, kind=kind, actor_id=other if "video" in kind else None, subject=f"video:{kind}",
            details={"event": "published", "starts_at": "2026-01-01T00:00:00+00:00"},
        )  # fmt: skip
    assert asked(ann, "/api/notifications") == (few, 6)


def test_markers_and_exports_know_of_all_apps(ann: Client) -> None:
    from plaza.social.export import documents

    drain()
    assert ann.post("/api/me/password", {"old": PASSWORD, "new": NEW}).status_code == 204
    (row,) = told(ann)
    assert row["is_read"] is False
    assert ann.put("/api/notifications/marker", {"read_until": row["updated_at"], "version": "0"}).status_code == 200
    assert told(ann)[0]["is_read"] is True
    (found,) = [one for one in documents(User.objects.get().pk) if one["kind"] == "notification"]
    assert (found["about"], found["details"]) == ("account", {"event": "password_changed"})
