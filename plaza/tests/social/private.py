"""Everything of social that is somebody's own: how it is made, and the request that nobody else succeeds in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plaza.tests.conftest import Client
from plaza.tests.social.conftest import path, picture, published, put, set_private, told_story, uploaded

Request = tuple[str, str, Any]
Make = Callable[[Client], Request]
OWNER = "ann"  # the client that `make` is given


def _private_post(owner: Client) -> dict[str, Any]:
    post = published(owner, "#secret")
    set_private(owner)
    return post


def of_post(method: str, more: str = "", body: Any = None) -> Make:
    """A private profile's post."""
    return lambda owner: (method, f"/api/posts/{_private_post(owner)['id']}{more}", body)


def of_own_post(method: str, more: str = "", body: Any = None) -> Make:
    """A post that everybody may read, and its author alone may change."""
    return lambda owner: (method, f"/api/posts/{published(owner)['id']}{more}", body)


def of_archived(method: str, more: str = "") -> Make:
    def make(owner: Client) -> Request:
        post = published(owner)
        owner.put(f"/api/posts/{post['id']}/archive")
        return method, f"/api/posts/{post['id']}{more}", None

    return make


def of_profile(more: str) -> Make:
    def make(owner: Client) -> Request:
        _private_post(owner)
        return "GET", path(OWNER, more), None

    return make


def of_comment(method: str, more: str = "") -> Make:
    def make(owner: Client) -> Request:
        post = _private_post(owner)
        comment = owner.post(f"/api/posts/{post['id']}/comments", {"body": "mine"}).json()
        return method, f"/api/comments/{comment['id']}{more}", None

    return make


def _own_comment(owner: Client) -> Request:
    post = published(owner)
    comment = owner.post(f"/api/posts/{post['id']}/comments", {"body": "mine"}).json()
    return "DELETE", f"/api/comments/{comment['id']}", None


def of_story(method: str, more: str = "") -> Make:
    return lambda owner: (method, f"/api/stories/{told_story(owner)['id']}{more}", None)


def _stories(owner: Client) -> Request:
    told_story(owner)
    return "GET", path(OWNER, "/stories"), None


def of_upload(method: str, more: str = "") -> Make:
    def make(owner: Client) -> Request:
        upload = owner.post("/api/uploads", {"kind": "image", "size_bytes": len(picture())}).json()
        put(owner, upload["put"], picture())
        return method, f"/api/uploads/{upload['id']}{more}", None

    return make


def of_request(act: str) -> Make:
    """A request to follow the owner, who is private, by somebody else than whoever tries."""

    def make(owner: Client) -> Request:
        from plaza.tests.social.conftest import make as account

        set_private(owner)
        account("somebody").post(path(OWNER, "/follow"))
        (asked,) = owner.get("/api/me/follow-requests").json()["results"]
        return "POST", f"/api/me/follow-requests/{asked['id']}/{act}", None

    return make


def _media(where: str) -> Make:
    def make(owner: Client) -> Request:
        media = uploaded(owner)
        return "POST", where, {"media": [media] if where == "/api/posts" else media}

    return make


PRIVATE: list[tuple[str, Make]] = [
    ("a private post", of_post("GET")),
    ("liking a private post", of_post("PUT", "/like")),
    ("unliking a private post", of_post("DELETE", "/like")),
    ("likes of a private post", of_post("GET", "/likes")),
    ("comments of a private post", of_post("GET", "/comments")),
    ("commenting on a private post", of_post("POST", "/comments", {"body": "hello"})),
    ("replies in a private post", of_comment("GET", "/replies")),
    ("a comment in a private post", of_comment("DELETE")),
    ("another's comment", _own_comment),
    ("changing a post", of_own_post("PATCH", "", {"body": "mine"})),
    ("deleting a post", of_own_post("DELETE")),
    ("archiving a post", of_own_post("PUT", "/archive")),
    ("unarchiving a post", of_archived("DELETE", "/archive")),
    ("an archived post", of_archived("GET")),
    ("deleting an archived post", of_archived("DELETE")),
    ("posts of a private profile", of_profile("/posts")),
    ("followers of a private profile", of_profile("/followers")),
    ("whom a private profile follows", of_profile("/following")),
    ("stories of a profile that one does not follow", _stories),
    ("a story", of_story("GET")),
    ("deleting a story", of_story("DELETE")),
    ("saying that one has seen a story", of_story("POST", "/seen")),
    ("who has seen a story", of_story("GET", "/viewers")),
    ("an upload", of_upload("GET")),
    ("the bytes of an upload", of_upload("PUT", "/content")),
    ("completing an upload", of_upload("POST", "/complete")),
    ("publishing another's upload", _media("/api/posts")),
    ("a story of another's upload", _media("/api/stories")),
    ("accepting another's request", of_request("accept")),
    ("rejecting another's request", of_request("reject")),
]
"""(what it is, how its owner makes it and the request that somebody else tries)"""

OWN = [
    "/api/feed/home", "/api/feed/explore", "/api/notifications", "/api/notifications/marker", "/api/me/follow-requests",
    "/api/me/blocks", "/api/me/archived-posts", "/api/stories/tray", "/api/profiles?q=a", "/api/tags/a",
    "/api/locations?q=a",
]  # fmt: skip
"""Reads of one's own view, which nobody has who is not logged in."""
