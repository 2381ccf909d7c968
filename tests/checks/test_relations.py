"""Relations across owners: W021–W029, W071–E073, and the pages of the admin that join them: E091, W092."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checks.said import hint, ids, of, one
from tests.legacy.project import Legacy


@pytest.fixture(scope="module")
def said(planted: Legacy) -> dict[str, Any]:
    found = planted.inside("""
        from tests.checks.inside import judged
        from django.conf import settings
        say = {}
        def with_(*claims, **more):
            return judged({"stats_db": list(claims), "default": "*"}, **more)
        auth = {"auth_db": ["auth", "contenttypes", "sessions", "admin"], "default": "*"}
        say["auth"] = judged(auth)
        say["twins"] = judged(auth, entries={"auth_db": {"NAME": settings.DATABASES["default"]["NAME"]}})
        for name in ("Desk", "Unwatched", "Watched", "Constrained", "Cascading", "Flagship", "Address", "Fair"):
            say[name] = with_(f"planted.{name}")
        say["join table"] = with_("shop.Product_categories")
        say["stand"] = with_("planted.Stand", "planted.Fair")
        say["far stand"] = with_("planted.Stand", "planted.Firm")
        say["tags"] = with_("shop.Tag")
        say["shop"] = with_("shop", "people", "blog")
        answer(say)
    """)
    return dict(found)


def test_w021_a_constraint_across_databases_with_three_remedies(said: dict[str, Any]) -> None:
    """Pitfall 7."""
    assert one(said["Constrained"], "W021") == (
        "planted.Constrained (in stats_db) refers by branch to planted.Branch (in default) with a constraint, which no "
        "server can keep across databases: it is left out."
    )
    assert hint(said["Constrained"], "W021").startswith(
        'Own both in one database; or set OUTGROW["LOOSE"] = "crossing", or declare a loose reference: branch = '
        'outgrow.LooseForeignKey("planted.Branch", '
        "on_delete=…); or drop the constraint: db_constraint=False with on_delete=models.DO_NOTHING"
    )
    assert ids(said["Constrained"]) == ["W021"]
    assert {m["of"] for m in said["auth"] if m["id"] == "outgrow.W021"} == {
        "people.Profile.user", "shop.Tag.content_type", "shop.Order.user", "blog.Article.author", "blog.Comment.user",
    }  # fmt: skip
    assert 'user = outgrow.LooseForeignKey("auth.User", on_delete=…, unique=True)' in hint(said["auth"], "W021")


def test_w022_a_relation_that_nothing_looks_after(said: dict[str, Any]) -> None:
    assert one(said["Unwatched"], "W022") == (
        "planted.Unwatched (in stats_db) refers by branch to planted.Branch (in default) without a constraint, and "
        "nothing looks after rows whose parent is gone."
    )
    assert ids(said["Unwatched"]) == ["W022"]


def test_a_loose_reference_is_silent(said: dict[str, Any]) -> None:
    assert said["Watched"] == []


def test_aliases_of_one_database_are_not_apart(said: dict[str, Any]) -> None:
    assert ids(said["twins"]) == ["E012"]


def test_e023_a_deletion_queries_tables_of_another_database(said: dict[str, Any]) -> None:
    """Pitfall 8: CASCADE, SET_NULL, RESTRICT and join tables; by the rows that are deleted, and by those above them."""
    assert of(said["auth"], "E023") == [
        "Deleting auth.Group (in auth_db) queries people.Profile_teams (a join table in default) on auth_db, where "
        "these tables are not.",
        "Deleting auth.User (in auth_db) queries people.Profile.user (CASCADE, in default), shop.Order.user (CASCADE, "
        "in default), blog.Article_editors (a join table in default), blog.Article.author (SET_NULL, in default), "
        "blog.Comment.user (CASCADE, in default) on auth_db, where these tables are not.",
        "Deleting contenttypes.ContentType (in auth_db) queries shop.Tag.content_type (CASCADE, in default) on "
        "auth_db, where these tables are not.",
    ]
    assert one(said["Desk"], "E023").startswith(
        "Deleting planted.Branch (in default) queries planted.Desk.branch (RESTRICT,"
    )
    assert one(said["Cascading"], "E023").endswith(
        "where these tables are not. So does deleting planted.Firm, which cascades to it."
    )
    assert ids(said["Cascading"]) == ["E023"]


def test_e024_a_many_to_many_relation_whose_join_table_cannot_be_joined(said: dict[str, Any]) -> None:
    assert of(said["auth"], "E024") == [
        "people.Profile (in default) has teams, whose join table people_profile_teams (in default) cannot be joined "
        "with auth.Group (in auth_db).",
        "blog.Article (in default) has editors, whose join table blog_article_editors (in default) cannot be joined "
        "with auth.User (in auth_db).",
    ]
    assert "join table shop_product_categories (in stats_db)" in one(said["join table"], "E024")
    # by a model of its own whose keys are loose, the rows are safe, and the field still joins
    assert ids(said["stand"]) == ["E024"]
    # as with a package's tags, whose two tables lie together and the field's model elsewhere
    assert one(said["far stand"], "E024").endswith(
        "whose join table planted_stand (in stats_db) cannot be joined with planted.Fair (in default)."
    )


def test_e025_a_generic_relation_across_databases(said: dict[str, Any]) -> None:
    assert one(said["tags"], "E025") == (
        "shop.Product (in default) has the generic relation tags to shop.Tag (in stats_db): joining it, and deleting a "
        "row, look for both tables in one database."
    )
    assert "E025" not in ids(said["shop"])  # both are there, and the content types are read where they are


def test_e028_inheritance_across_databases(said: dict[str, Any]) -> None:
    assert one(said["Flagship"], "E028") == (
        "planted.Flagship (in stats_db) inherits from planted.Branch (in default): every query of it joins the two "
        "tables, which lie in two databases."
    )
    assert ids(said["Flagship"]) == ["E028"]


def test_w029_a_relation_over_several_columns(said: dict[str, Any]) -> None:
    """Pitfall 38."""
    assert one(said["Address"], "W029") == (
        "planted.Address (in stats_db) refers by branch to planted.Branch (in default) over several columns, and a "
        "loose reference holds one."
    )
    assert ids(said["Address"]) == ["W029"]
