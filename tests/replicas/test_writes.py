"""What counts as a write, by which name of the database it came, and what a replica must not be sent."""

from __future__ import annotations

from tests.replicas.conftest import MakeTwo
from tests.replicas.test_middleware import MIDDLEWARE


def test_a_write_by_another_name_of_the_primary_s_database_counts(two: MakeTwo) -> None:
    """As an alias with a second login, or with other options."""
    legacy = two(settings=MIDDLEWARE)
    twin = {**legacy.databases, "twin": legacy.databases["default"]}
    found = type(legacy)(twin, legacy.outgrow, legacy.settings).inside("""
        from tests.replicas.inside import *
        from django.test import Client
        from tests.replicas import urls
        def orm():
            Category.objects.using("twin").update(name="written")
        def raw():
            with connections["twin"].cursor() as cursor:
                cursor.execute("UPDATE shop_category SET name = 'raw'")
        def around(write):
            with outgrow.reading():
                told = [where()]
                write()
                return [*told, where()]
        def atomic():
            with outgrow.reading():
                told = [where()]
                with transaction.atomic(using="twin"):
                    Category.objects.using("twin").update(name="committed")
                    told.append(where())
                return [*told, where()]
        client = Client()
        urls.meanwhile.append(orm)
        def requests():
            client.get("/happen/")
            return [sorted(client.cookies), client.get("/look/").json()["where"]]
        answer([alone(around, orm), alone(around, raw), alone(atomic), alone(requests)])
    """)
    assert found[:3] == [["replica", "written"], ["replica", "raw"], ["replica", "raw", "committed"]]
    assert found[3] == [["outgrow_position_default"], "written"]


def test_pitfall_26_a_write_behind_with_is_refused_as_any_other(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        told = []
        for sql in (
            "WITH old AS (SELECT 1 AS id) DELETE FROM shop_category WHERE id IN (SELECT id FROM old)",
            "WITH x (n) AS (VALUES ('new')) INSERT INTO shop_category (name) SELECT n FROM x",
            "/* so */ WITH x AS (SELECT 1) UPDATE shop_category SET name = 'changed'",
            "WITH x AS (SELECT 'DELETE FROM shop_category' AS name) SELECT name FROM x",
        ):
            try:
                with connections["replica"].cursor() as cursor:
                    cursor.execute(sql)
                    told.append(cursor.fetchall())
            except Exception as error:
                told.append(type(error).__name__)
        answer([told, list(Category.objects.using("replica").values_list("name", flat=True))])
    """)
    assert found == [["WriteToReplica"] * 3 + [[["DELETE FROM shop_category"]]], ["replica"]]
