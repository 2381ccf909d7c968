"""Where our schema editor is in force; what it leaves out is told in tests/migrating/test_engines.py."""

from __future__ import annotations

from tests.conftest import MakeDatabase
from tests.migrating.catalogs import CATALOG, MIGRATE
from tests.migrating.project import OWNERS, with_apps


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
