"""Foreign keys between databases get a column and an index and no constraint, whatever old migrations say."""

from __future__ import annotations

import pytest

from tests.conftest import MakeDatabase
from tests.engines import ENGINES
from tests.migrating.project import OWNERS, project, with_apps

# {alias: {table: {"keys": {column: table referred to}, "indexes": [first columns], "columns": {column: type}}}}
CATALOG = """
    from django.db import connections
    def catalog():
        found = {}
        for alias in connections:
            connection = connections[alias]
            with connection.cursor() as cursor:
                for table in connection.introspection.table_names(cursor):
                    constraints = connection.introspection.get_constraints(cursor, table).values()
                    described = connection.introspection.get_table_description(cursor, table)
                    found.setdefault(alias, {})[table] = {
                        "keys": {c["columns"][0]: c["foreign_key"][0] for c in constraints if c["foreign_key"]},
                        "indexes": sorted({c["columns"][0] for c in constraints if c["columns"] and
                                           (c["index"] or c["unique"])}),
                        "columns": [column.name for column in described],
                    }
        return found
"""
MIGRATE = """
    from django.core.management import call_command
    from outgrow.routing import declared
    from outgrow.routing.editor import constraints_by_owner
    def migrate(alias, *args):
        with constraints_by_owner(connections[alias], declared()):
            call_command("migrate", *args, database=alias, verbosity=0)
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_keys_that_leave_the_database_have_an_index_and_no_constraint(engine: str, make_database: MakeDatabase) -> None:
    legacy = project(make_database, engine, ["auth", "contenttypes"])
    before, after = legacy.inside(
        CATALOG
        + MIGRATE
        + """
    call_command("migrate", database="default", verbosity=0)
    migrate("club_db", "club", "0003")
    before = catalog()
    migrate("club_db")
    answer([before, catalog()])
    """
    )
    club, default = before["club_db"], before["default"]
    assert sorted(club["club_member"]["columns"]) == [
        "account_id", "backer_id", "home_id", "id", "leader_id", "name", "user_id"
    ]  # fmt: skip
    assert club["club_member"]["keys"] == {"home_id": "club_room", "leader_id": "club_member"}
    assert {"account_id", "backer_id", "home_id", "leader_id", "user_id"} <= set(club["club_member"]["indexes"])
    assert club["club_member_groups"]["keys"] == {"member_id": "club_member"}
    assert {"member_id", "group_id"} <= set(club["club_member_groups"]["indexes"])
    assert club["club_member_rooms"]["keys"] == {"member_id": "club_member", "room_id": "club_room"}
    assert club["club_room"]["keys"] == {}
    assert "keeper_id" in club["club_room"]["indexes"]
    assert default["bar_tab"]["keys"] == {}
    assert "person_id" in default["bar_tab"]["indexes"]
    assert list(default["bar_tab_guests"]["keys"].values()) == ["bar_tab"]
    assert default["auth_user_groups"]["keys"] == {"user_id": "auth_user", "group_id": "auth_group"}
    # a key that tables of the other database refer to is altered, and its model renamed
    club = after["club_db"]
    assert club["club_person"]["keys"] == {"home_id": "club_room", "leader_id": "club_person"}
    assert club["club_person_groups"]["keys"] == {"person_id": "club_person"}
    assert club["club_person_rooms"]["keys"] == {"person_id": "club_person", "room_id": "club_room"}


def test_what_the_block_does_ends_with_it_and_one_database_of_two_names_keeps_its_constraints(
    make_database: MakeDatabase,
) -> None:
    url = make_database("sqlite")
    legacy = with_apps({"default": url, "club_db": url}, {"OWNERS": OWNERS}, ["auth", "contenttypes"])
    found = legacy.inside(
        CATALOG
        + MIGRATE
        + """
    migrate("default")
    migrate("club_db")
    from tests.migrating.bar.models import Tab
    connection, field = connections["default"], Tab._meta.get_field("person")
    plain = type(connection).SchemaEditorClass
    del connection.SchemaEditorClass, connection._outgrow_editor  # as if the app did not watch connections
    with constraints_by_owner(connection, declared()):
        once = connection.SchemaEditorClass
        with constraints_by_owner(connection, declared()):
            twice = connection.SchemaEditorClass
        still = connection.SchemaEditorClass
    answer([catalog()["default"], plain is not once is twice is still, connection.SchemaEditorClass is plain,
            field.db_constraint])
    """
    )
    tables, same, restored, constraint = found
    assert tables["bar_tab"]["keys"] == {"person_id": "club_person"}
    assert tables["club_person"]["keys"]["user_id"] == "auth_user"
    assert (same, restored, constraint) == (True, True, True)
