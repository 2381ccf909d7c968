"""OUTGROW["OWNERS"] as it has to be after a split."""

from __future__ import annotations

from typing import Any

import pytest

from outgrow.routing import Owners
from outgrow.scope import Scope, owners_after

ONE = {"auth_db": ["auth", "admin"], "default": "*"}


@pytest.mark.parametrize(
    ("now", "apps", "source", "target", "wanted"),
    [
        (None, ("auth", "admin"), "default", "auth_db", ONE),
        (ONE, ("blog",), "default", "auth_db", {"auth_db": ["auth", "admin", "blog"], "default": "*"}),
        (ONE, ("blog",), "default", "blog_db", {"auth_db": ["auth", "admin"], "blog_db": ["blog"], "default": "*"}),
        (ONE, ("auth", "admin"), "auth_db", "default", {"default": "*"}),
        (ONE, ("admin",), "auth_db", "other", {"auth_db": ["auth"], "other": ["admin"], "default": "*"}),
        ({"a": ["x"], "b": ["y"]}, ("x",), "a", "b", {"b": ["y", "x"]}),
        (
            {"a": ["x", "x.Odd", "table:x_old"], "b": ["x.Other"], "c": "*"}, ("x",), "a", "d",
            {"a": ["table:x_old"], "b": ["x.other"], "d": ["x"], "c": "*"},
        ),
        (
            {"a": ["y"], "c": ["y.Odd", "z", "table:old", "*"]}, ("x",), "c", "d",
            {"a": ["y"], "d": ["x"], "c": ["y.odd", "table:old", "*"]},
        ),
        ({"a": ["x", "y"], "c": ["x.Odd", "y.Odd", "*"]}, ("x",), "a", "c", {"a": ["y"], "c": ["y.odd", "*"]}),
    ],
)  # fmt: skip
def test_apps_go_to_the_target_and_everything_else_stays_where_it_is(
    now: Any, apps: tuple[str, ...], source: str, target: str, wanted: Any
) -> None:
    found = owners_after(None if now is None else Owners.parse(now), apps, source=source, target=target)
    assert found == wanted
    assert Owners.parse(found).of_app(apps[0]) == target


@pytest.mark.parametrize(
    ("owners", "target", "wanted"),
    [
        (ONE, "auth_db", {"default": ["auth", "admin"], "elsewhere": "*"}),
        (ONE, "default", {"default": "*", "elsewhere": ["auth", "admin"]}),
        ({"a": ["x"], "b": ["y"], "c": "*"}, "a", {"default": ["x"], "elsewhere": "*"}),
        ({"a": ["x"], "b": ["y"], "c": "*"}, "c", {"elsewhere": ["x", "y"], "default": "*"}),
        ({"a": ["x"], "c": ["x.Odd", "*"]}, "a", {"default": ["x"], "elsewhere": ["x.Odd", "*"]}),
        ({"a": ["x"], "c": ["x.Odd", "*"]}, "c", {"elsewhere": ["x"], "default": ["x.Odd", "*"]}),
    ],
)
def test_the_target_sees_itself_as_default_and_all_others_as_one(owners: Any, target: str, wanted: Any) -> None:
    scope = Scope(("x",), "c", target, owners, frozenset(), frozenset())
    assert scope.here == wanted
