"""Declared owners answer Django's four questions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from outgrow.routing import Owners, WrongRoutes
from tests.legacy.project import Legacy

AUTH = ["auth", "contenttypes", "sessions", "admin"]
OWNERS = {"auth_db": AUTH, "stats_db": ["shop.Tag", "table:old_visits", "blog"], "default": "*"}
REPLICAS = {"auth_db": ["auth_replica"]}
OUTGROW = {"OWNERS": OWNERS, "REPLICAS": REPLICAS}


def project(tmp_path: Path, outgrow: dict[str, Any] | None = OUTGROW, **more: str) -> Legacy:
    """On one file for each alias."""
    names = ("default", "auth_db", "stats_db", "auth_replica")
    return Legacy({**{n: f"sqlite:///{tmp_path}/{n}.sqlite3" for n in names}, **more}, outgrow)


def test_a_table_beats_a_model_a_model_beats_its_app_and_an_app_beats_the_rest(tmp_path: Path) -> None:
    found = project(tmp_path).inside("""
        from django.apps import apps
        from django.db import router
        answer({m._meta.label: [router.db_for_read(m), router.db_for_write(m)]
                for m in apps.get_models(include_auto_created=True) if m._meta.app_label != "outgrow"})
    """)
    owners = {label: aliases[0] for label, aliases in found.items() if aliases[0] == aliases[1]}
    assert len(owners) == len(found)
    assert owners["auth.User"] == owners["auth.User_groups"] == owners["sessions.Session"] == "auth_db"
    assert owners["shop.Tag"] == owners["blog.Article"] == owners["blog.Article_editors"] == "stats_db"
    assert owners["shop.Product"] == owners["shop.Product_categories"] == owners["people.Profile_teams"] == "default"


def test_a_proxy_goes_with_its_model_and_a_retired_table_has_an_owner(tmp_path: Path) -> None:
    found = project(tmp_path).inside("""
        from django.contrib.auth.models import User
        from outgrow.routing import declared
        class Clerk(User):
            class Meta:
                proxy = True
                app_label = "shop"
        owners = declared()
        answer([owners.of_model(Clerk), owners.of_table("old_visits"), owners.of_table("auth_user"),
                owners.of_table("nobody_knows"), owners.of_label("shop", "Gone"), sorted(owners.of_app_all("shop"))])
    """)
    assert found == ["auth_db", "stats_db", "auth_db", None, "default", ["default", "stats_db"]]


def test_tables_are_made_at_their_owner_alone_and_code_runs_where_its_app_has_tables(tmp_path: Path) -> None:
    found = project(tmp_path).inside("""
        from django.db import router
        asked = [("auth", "user"), ("shop", "tag"), ("shop", "product"), ("shop", None), ("outgrow", "run")]
        aliases = ("default", "auth_db", "stats_db", "auth_replica")
        answer([[db for db in aliases if router.allow_migrate(db, a, model_name=m)] for a, m in asked])
    """)
    assert found == [["auth_db"], ["stats_db"], ["default"], ["default", "stats_db"],
                     ["default", "auth_db", "stats_db"]]  # fmt: skip


def test_migrate_of_each_database_makes_the_tables_of_its_own(tmp_path: Path) -> None:
    legacy = project(tmp_path)
    for alias in ("default", "auth_db", "stats_db"):
        done = legacy.manage("migrate", "-v0", f"--database={alias}")
        assert done.returncode == 0, done.stderr
    found = legacy.inside("""
        from django.db import connections
        answer({a: sorted(t for t in connections[a].introspection.table_names() if t != "django_migrations")
                for a in ("default", "auth_db", "stats_db")})
    """)
    assert "auth_user" in found["auth_db"]
    assert "shop_product" not in found["auth_db"]
    assert found["stats_db"] == ["blog_article", "blog_article_editors", "blog_comment", "shop_tag"]
    assert {"shop_product", "people_profile"} <= set(found["default"])
    assert not {"auth_user", "shop_tag"} & set(found["default"])


def test_rows_of_one_physical_database_may_refer_to_each_other_whatever_its_aliases(tmp_path: Path) -> None:
    found = project(tmp_path, twin=f"sqlite:///{tmp_path}/default.sqlite3").inside("""
        from django.contrib.auth.models import User
        from django.db import router
        from tests.legacy.shop.models import Category, Order, Product
        def of(model, alias):
            one = model()
            one._state.db = alias
            return one
        asked = [(of(User, "auth_db"), of(User, "auth_replica")), (of(Product, "default"), of(Category, "twin")),
                 (of(Order, "default"), of(User, "auth_db")), (of(Order, "default"), of(User, "stats_db"))]
        answer([router.allow_relation(*pair) for pair in asked])
    """)
    assert found == [True, True, True, False]


def test_a_row_refers_to_a_user_of_the_other_database(tmp_path: Path) -> None:
    legacy = project(tmp_path, {"OWNERS": {"auth_db": AUTH, "default": "*"}})
    found = legacy.inside("""
        from django.core.management import call_command
        for alias in ("default", "auth_db"):
            call_command("migrate", database=alias, verbosity=0)
        from django.contrib.auth.models import User
        from django.db import connections
        from tests.legacy.shop.models import Order
        with connections["default"].constraint_checks_disabled():
            order = Order.objects.create(user=User.objects.create(username="ann"))
        answer([Order.objects.get().user.username, order._state.db, order.user._state.db])
    """)
    assert found == ["ann", "default", "auth_db"]


def test_without_owners_the_router_has_no_opinion(tmp_path: Path) -> None:
    legacy = Legacy(
        {"default": f"sqlite:///{tmp_path}/one.sqlite3"}, None, {"DATABASE_ROUTERS": ["outgrow.routing.Router"]}
    )
    found = legacy.inside("""
        from django.contrib.auth.models import User
        from outgrow.routing import Router
        one, router = User(), Router()
        answer([router.db_for_read(User), router.db_for_write(User), router.allow_relation(one, one),
                router.allow_migrate("default", "auth", "user")])
    """)
    assert found == [None, None, None, None]


def test_an_app_without_an_owner_is_an_error_that_names_it(tmp_path: Path) -> None:
    done = project(tmp_path, {"OWNERS": {"auth_db": AUTH, "default": ["shop", "people"]}}).run(
        "-c", "import django; django.setup()\nfrom tests.legacy.blog.models import Article\nArticle.objects.count()"
    )
    assert 'no database owns the app "blog": name it in OUTGROW["OWNERS"], or give one database "*"' in done.stderr


def test_settings_that_a_test_overrides_are_read_anew(tmp_path: Path) -> None:
    found = project(tmp_path).inside("""
        from django.db import router
        from django.test import override_settings
        from tests.legacy.blog.models import Article
        before = router.db_for_write(Article)
        with override_settings(OUTGROW={"OWNERS": {"default": "*"}}):
            within = router.db_for_write(Article)
        answer([before, within, router.db_for_write(Article)])
    """)
    assert found == ["stats_db", "default", "stats_db"]


@pytest.mark.parametrize(
    ("owners", "replicas", "says"),
    [
        ([], None, 'OUTGROW["OWNERS"] is list; expected a dict of database aliases'),
        ({"default": 5}, None, 'OUTGROW["OWNERS"]["default"] is 5; expected a list of names'),
        ({"default": "auth"}, None, 'OUTGROW["OWNERS"]["default"] is \'auth\'; expected a list of names'),
        ({"default": "*"}, ["a"], 'OUTGROW["REPLICAS"] is list; expected a dict of primary aliases'),
        ({"default": "*"}, {"default": "a"}, 'OUTGROW["REPLICAS"]["default"] is \'a\'; expected a list of names'),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(owners: Any, replicas: Any, says: str) -> None:
    with pytest.raises(WrongRoutes) as error:
        Owners.parse(owners, replicas)
    assert says in str(error.value)
