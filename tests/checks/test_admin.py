"""Pages of the admin that join two databases, or save to two; each judgement is compared with the page itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.checks.conftest import on_files
from tests.checks.said import hint, ids, of, one

PAGES = """
    import importlib, sys
    from django.contrib import admin
    from django.contrib.auth.admin import UserAdmin
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import OperationalError, connections
    from django.test import Client, override_settings
    from django.urls import clear_url_caches
    import tests.legacy.urls
    from tests.checks.inside import judged
    from tests.legacy.blog.models import Article
    from tests.legacy.people.models import Profile
    from tests.legacy.shop.models import Category, Line, Order, Product

    owners = {"auth_db": ["auth", "contenttypes", "sessions", "admin"], "default": "*"}
    outgrow = override_settings(OUTGROW={"OWNERS": owners})
    outgrow.enable()
    for alias in ("default", "auth_db"):
        call_command("migrate", database=alias, verbosity=0)
    boss = User.objects.create_superuser("boss", "b@example.org", "x")
    order = Order.objects.create(user=boss)
    Order.objects.create(user=boss, note="q")
    Profile.objects.create(user=boss)
    article = Article.objects.create(title="t", author=boss)
    client = Client()
    client.force_login(boss)

    def registered(model, base=admin.ModelAdmin, **options):
        if admin.site.is_registered(model):
            admin.site.unregister(model)
        admin.site.register(model, type("Page", (base,), {"__module__": "pages", **options}))
        clear_url_caches()
        importlib.reload(tests.legacy.urls)

    def fails(*urls):
        for url in urls:
            try:
                assert client.get("/admin/" + url).status_code == 200, url
            except OperationalError:
                return True
        return False

    def says(model):
        known = ("outgrow.E091", "outgrow.W092", "outgrow.W093")
        return [m for m in judged(owners) if m["id"] in known and model in m["says"]]
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """(what the check says, whether the page fails) by what the admin class does."""
    found = on_files(tmp_path_factory.mktemp("admin")).inside(
        PAGES
        + """
    say = {}
    lists = {
        "nothing": ({}, []),
        "raw id": ({"raw_id_fields": ["user"]}, []),
        "autocomplete": ({"autocomplete_fields": ["user"]}, []),
        "read only": ({"readonly_fields": ["user"]}, []),
        "filter": ({"list_filter": ["user"]}, [f"?user__id__exact={boss.pk}"]),
        "order by key": ({"ordering": ["user_id"]}, []),
        "order by relation": ({"ordering": ["-user"]}, []),
        "search by key": ({"search_fields": ["=user__id", "note"]}, ["?q=1"]),
        "list_display": ({"list_display": ["id", "user"]}, []),
        "cured": ({"list_display": ["id", "user"], "list_select_related": ()}, []),
        "select related": ({"list_select_related": True}, []),
        "select related by name": ({"list_select_related": ["user"]}, []),
        "search": ({"search_fields": ["note", "user__username"]}, ["?q=boss"]),
        "filter through": ({"list_filter": ["user__is_staff"]}, ["?user__is_staff__exact=1"]),
        "filter by related only": ({"list_filter": [("user", admin.RelatedOnlyFieldListFilter)]}, []),
        "ordering": ({"ordering": ["-user__username"]}, []),
        "date_hierarchy": ({"date_hierarchy": "user__date_joined"}, []),
        "installed": ({"list_display": ["id", "user"], "__module__": "django.contrib.admin.helpers"}, []),
        "reverse": ({"search_fields": ["lines__product__name"]}, ["?q=x"]),
    }
    for name, (options, queries) in lists.items():
        registered(Order, **options)
        page = "shop/order/"
        urls = [page, f"{page}{order.pk}/change/", page + "add/", *(page + q for q in queries)]
        say[name] = (says("shop.Order"), fails(*urls))
    article_page = f"blog/article/{article.pk}/change/"
    for name, options in {"form": {}, "form without": {"exclude": ["editors"]}, "form shows": {"fields": ["editors"]},
                          "form read only": {"readonly_fields": ["editors"]}, "fields": {"fields": ["title"]},
                          "fieldsets": {"fieldsets": [("", {"fields": [("title", "author")]})]}}.items():
        registered(Article, **options)
        say[name] = (says("blog.Article"), fails(article_page))
    class Orders(admin.TabularInline):
        model = Order
    class Profiles(admin.StackedInline):
        model = Profile
    user_page = f"auth/user/{boss.pk}/change/"
    for name, inline in {"inline": Orders, "inline with a form": Profiles}.items():
        registered(User, UserAdmin, inlines=[inline])
        say[name] = (says("auth.User"), fails(user_page))
    say["log"] = [judged({"stats_db": apps, "default": "*"}) for apps in (["admin"], ["auth", "admin"])]
    answer(say)
    """
    )
    return dict(found)


FAILING = (
    "list_display", "select related", "select related by name", "search", "filter through", "filter by related only",
    "ordering", "date_hierarchy", "form", "form shows", "form read only", "inline with a form",
)  # fmt: skip


def test_e091_fires_for_exactly_the_pages_that_fail(said: dict[str, Any]) -> None:
    """Pitfall 15."""
    pages = {name: found for name, found in said.items() if name not in ("log", "installed")}
    assert {name for name, (_, fails) in pages.items() if fails} == set(FAILING)
    assert {name for name, (found, _) in pages.items() if "E091" in ids(found)} == set(FAILING)


def test_e091_names_the_option_the_path_and_the_other_model(said: dict[str, Any]) -> None:
    start = "The admin of shop.Order (in default) joins tables of two databases: "
    assert one(said["list_display"][0], "E091") == f"{start}list_display by user with auth.User (in auth_db)."
    assert one(said["search"][0], "E091") == f"{start}search_fields by user__username with auth.User (in auth_db)."
    assert "list_filter by user (RelatedOnlyFieldListFilter) with" in one(said["filter by related only"][0], "E091")
    assert one(said["form"][0], "E091") == (
        "The admin of blog.Article (in default) joins tables of two databases: form by blog.Article.editors with "
        "auth.User (in auth_db)."
    )
    assert hint(said["list_display"][0], "E091").startswith("Set list_select_related = () and have get_queryset add ")
    assert said["list_display"][0][0]["of"] == "<class 'pages.Page'>"


def test_w092_an_inline_of_another_database(said: dict[str, Any]) -> None:
    found, fails = said["inline"]
    assert not fails
    assert one(found, "W092") == (
        "The admin of auth.User (in auth_db) has inlines of shop.Order (in default): one save writes to two databases, "
        "and the transaction of the page covers the first alone."
    )
    assert of(said["nothing"][0], "W092") == []


def test_the_log_of_the_admin_goes_with_its_users(said: dict[str, Any]) -> None:
    """LogEntry points at users and content types; its page of history joins both."""
    for found in said["log"]:
        assert "admin is in stats_db" in one(found, "E014")


def test_an_admin_that_is_not_installed_is_not_looked_for(tmp_path: Path) -> None:
    apps = ["django.contrib.auth", "django.contrib.contenttypes", "outgrow", "tests.checks.visits", "tests.legacy.shop"]
    found = on_files(tmp_path).run(
        "-c",
        "from django.conf import settings\n"
        f"settings.INSTALLED_APPS = {json.dumps(apps)}\n"
        "import django; django.setup()\n"
        "from tests.checks.inside import judged\n"
        "print(judged({'stats_db': ['visits'], 'default': '*'}))",
    )
    assert found.stdout.strip() == "[]", found.stderr


def test_w093_a_page_that_a_package_brings_fails_alone_and_stops_no_command(said: dict[str, Any]) -> None:
    found, fails = said["installed"]
    assert fails
    assert (ids(found), "list_display by user with auth.User" in one(found, "W093")) == (["W093"], True)
