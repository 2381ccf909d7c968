"""Nobody forgets to protect an endpoint: each is in an app's table of private things, or named here and why."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib import import_module
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from drf_spectacular.generators import SchemaGenerator

from plaza.api.health import used_aliases
from plaza.tests.conftest import Client

APPS = ("accounts", "social", "videos", "bookings")
METHODS = ("get", "post", "put", "patch", "delete")

FOR_EVERYBODY = {
    # to become somebody, and to go
    "POST auth/register", "POST auth/token", "POST auth/token/refresh", "POST auth/token/revoke", "POST auth/verify",
    "POST auth/verify/again",
    # by a signed address
    "GET media/{name}",
    # what is public; what is not is refused by itself, see the tables of private things
    "GET channels/{handle}", "GET channels/{handle}/videos", "GET videos", "GET videos/choices", "GET videos/search",
    "GET videos/{video}", "GET videos/{video}/file", "GET videos/{video}/captions", "GET videos/{video}/comments",
    "GET videos/{video}/captions/{language}", "GET videos/{video}/chapters", "POST videos/{video}/token",
    "POST videos/{video}/views",
    "GET videos/{video}/comments/{comment}/replies", "GET playlists/{playlist}", "GET playlists/{playlist}/items",
    "GET restaurants", "GET restaurants/{restaurant}", "GET restaurants/{restaurant}/hours",
    "GET restaurants/{restaurant}/reviews", "GET restaurants/{restaurant}/slots", "GET restaurants/{restaurant}/tables",
    "GET restaurants/{restaurant}/tables/{table}",
}  # fmt: skip
"""Without a token."""

FOR_USERS = {
    # about oneself: the address holds nobody's name
    "GET me", "PATCH me", "DELETE me", "PUT me/image", "DELETE me/image", "POST me/password", "GET me/sessions",
    "POST me/email", "POST me/two-factor", "POST me/two-factor/confirm", "POST me/two-factor/disable",
    "POST me/export", "GET me/follow-requests", "GET me/blocks", "GET me/archived-posts", "GET me/channels",
    "GET me/videos", "GET me/quota", "GET me/ratings", "GET me/subscriptions", "GET me/subscriptions/exist",
    "GET me/subscriptions/videos", "GET me/playlists", "GET me/playlists/later", "GET me/history", "DELETE me/history",
    "GET me/history/pause", "PUT me/history/pause", "DELETE me/history/{video}", "GET me/restaurants",
    "GET me/bookings", "GET me/waitlist", "GET feed/home", "GET stories/tray", "GET notifications",
    "GET notifications/marker", "PUT notifications/marker", "GET relationships", "GET playlists/exists",
    # one's own part in something: what one does oneself, with another
    "POST profiles/{profile}/follow", "DELETE profiles/{profile}/follow", "PUT profiles/{profile}/block",
    "DELETE profiles/{profile}/block", "DELETE me/followers/{profile}", "PUT channels/{handle}/subscription",
    "DELETE channels/{handle}/subscription", "POST restaurants/{restaurant}/waitlist",
    # what every user may see; what he may not is left out
    "GET feed/explore", "GET profiles", "GET profiles/{nickname}", "GET tags/{tag}", "GET locations",
    "GET locations/{location}", "GET locations/{location}/posts",
    # something new of one's own
    "POST uploads", "POST locations", "POST channels", "POST playlists", "POST restaurants", "POST holds",
    "POST bookings",
}  # fmt: skip
"""With any good token."""


@cache
def operations() -> dict[str, bool]:
    """ "GET posts/{post}" → whether OpenAPI says that it is for everybody."""
    found = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return {
        f"{method.upper()} {path.removeprefix('/api/')}": not said.get("security") or {} in said["security"]
        for path, methods in found.items()
        for method, said in methods.items()
        if method in METHODS
    }


def template(route: str) -> str:
    """An address as OpenAPI writes it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route).removeprefix("api/")


def private() -> dict[str, list[tuple[str, Callable[[Client], tuple[str, str, Any]]]]]:
    return {app: import_module(f"plaza.tests.{app}.private").PRIVATE for app in APPS}


@contextmanager
def undone() -> Iterator[None]:
    """What the block writes is taken back, in each database."""
    with ExitStack() as stack:
        for alias in used_aliases():
            stack.enter_context(transaction.atomic(using=alias))
        yield
        for alias in used_aliases():
            transaction.set_rollback(True, using=alias)


def test_every_operation_is_in_a_table_of_private_things_or_named_here(ann: Client) -> None:
    tried = set()
    for entries in private().values():
        for _, make in entries:
            with undone():
                method, path, _ = make(ann)
            tried.add(f"{method} {template(resolve(path.partition('?')[0]).route)}")
    there = set(operations())
    assert there - tried - FOR_EVERYBODY - FOR_USERS == set(), "in no table, and not named"
    assert (tried | FOR_EVERYBODY | FOR_USERS) - there == set(), "there is no such operation"


def test_what_openapi_says_is_for_everybody_is_what_is_named_so() -> None:
    assert {name for name, is_open in operations().items() if is_open} == FOR_EVERYBODY


def paths() -> Iterator[tuple[str, str]]:
    """(address as OpenAPI writes it, one such address)"""
    values = {"uuid": str(uuid.UUID(int=7)), "slug": "x", "int": "7", "str": "7", "path": "x"}
    for outer in get_resolver().url_patterns:
        for found in outer.url_patterns if isinstance(outer, URLResolver) else [outer]:
            if not isinstance(found, URLPattern):
                continue
            route = f"{outer.pattern if isinstance(outer, URLResolver) else ''}{found.pattern}"
            path = re.sub(r"<(?:(\w+):)?\w+>", lambda said: values[said[1] or "str"], route)
            yield template(route), f"/{path}"


@pytest.mark.parametrize("token", [None, "nonsense"])
def test_without_a_good_token_every_other_operation_is_a_401(anybody: Client, token: str | None) -> None:
    """Whether what it asks for is there or not: it is not looked for."""
    addresses = dict(paths())
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    wrong = {}
    for name, is_open in operations().items():
        if is_open:
            continue
        method, _, path = name.partition(" ")
        answer = anybody.generic(method, addresses[path], b"{}", content_type="application/json", headers=headers)
        if answer.status_code != 401 or not answer["WWW-Authenticate"].startswith("Bearer"):
            wrong[name] = answer.status_code
    assert wrong == {}
