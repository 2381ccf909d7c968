"""Two databases, migrated by plain `migrate` and on by `outgrow migrate`, on every engine."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeDatabase
from tests.engines import ENGINES
from tests.migrating.catalogs import CATALOG, MIGRATE
from tests.migrating.project import project

STORY = (
    CATALOG
    + MIGRATE
    + """
    import contextlib, io
    from django.contrib.auth.models import Permission
    from outgrow.cli import arguments, run

    def outgrow(*words):
        given, out = vars(arguments.build("outgrow").parse_args(["migrate", *words])), io.StringIO()
        with contextlib.redirect_stdout(out):
            return run(given, "outgrow"), [json.loads(line) for line in out.getvalue().splitlines()]

    call_command("migrate", "auth", database="default", verbosity=0)
    call_command("migrate", "bar", database="default", verbosity=0)
    migrate("club_db", "club", "0003")
    before = catalog()
    planned = outgrow("--plan", "--json")
    checked = outgrow("--check", "--json")
    migrated = outgrow("--json")
    answer({
        "before": before, "planned": planned, "checked": checked, "migrated": migrated, "after": catalog(),
        "checked again": outgrow("--check", "--json"), "again": outgrow("--json"),
        "permissions": sorted(Permission.objects.values_list("codename", flat=True)),
    })
    """
)


@pytest.mark.parametrize("engine", ENGINES)
def test_two_databases_migrate(engine: str, make_database: MakeDatabase) -> None:
    """One process for each engine, since it takes longer to make the databases than to look at them."""
    found = project(make_database, engine).inside(STORY)
    keys_that_leave_the_database_have_an_index_and_no_constraint(found["before"])
    what_refers_to_a_table_elsewhere_follows_its_changes(found["before"], found["after"])
    the_plan_and_the_result_name_each_database_and_its_migrations(found)
    permissions_of_all_models_are_where_auth_is(found)


def keys_that_leave_the_database_have_an_index_and_no_constraint(found: Any) -> None:
    club, default = found["club_db"], found["default"]
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


def what_refers_to_a_table_elsewhere_follows_its_changes(before: Any, after: Any) -> None:
    """The member's key became wider and the member a person; the bar's columns lie in the other database."""
    club = after["club_db"]
    assert club["club_person"]["keys"] == {"home_id": "club_room", "leader_id": "club_person"}
    assert club["club_person_groups"]["keys"] == {"person_id": "club_person"}
    assert club["club_person_rooms"]["keys"] == {"person_id": "club_person", "room_id": "club_room"}
    assert before["default"]["bar_tab_guests"]["columns"] == ["id", "tab_id", "member_id"]
    assert after["default"]["bar_tab_guests"]["columns"] == ["id", "tab_id", "person_id"]
    assert {"tab_id", "person_id"} <= set(after["default"]["bar_tab_guests"]["indexes"])
    for table, column in (("bar_tab", "person_id"), ("bar_tab_guests", "person_id")):
        old = before["default"][table]["types"][column.replace("person", "member") if "guests" in table else column]
        assert old != after["default"][table]["types"][column] == club["club_person"]["types"]["leader_id"]


def the_plan_and_the_result_name_each_database_and_its_migrations(found: Any) -> None:
    code, lines = found["planned"]
    plan = lines[-1]["databases"]
    assert (code, [d["database"] for d in plan]) == (0, ["club_db", "default"])
    assert plan[0]["apply"] == ["club.0004_wider_and_renamed"]
    assert plan[1]["apply"] == []
    assert {"club.0003_altered", "club.0004_wider_and_renamed"} <= set(plan[1]["record"])
    code, lines = found["checked"]
    assert code == 1
    texts = [finding["text"] for finding in lines[-1]["findings"]]
    assert any("club_db has 1 migrations to apply (club.0004_wider_and_renamed)" in text for text in texts)
    assert any("bar_tab_guests.person_id is missing on default" in text for text in texts)
    code, lines = found["migrated"]
    assert (code, lines[-1]["kind"]) == (0, "result")
    assert [d["state"] for d in lines[-1]["databases"]] == ["done", "done"]
    assert lines[-1]["databases"][0]["applied"] == ["club.0004_wider_and_renamed"]
    code, lines = found["checked again"]
    assert (code, lines[-1]["findings"]) == (0, [])
    code, lines = found["again"]
    assert (code, [d["applied"] + d["recorded"] for d in lines[-1]["databases"]]) == (0, [[], []])


def permissions_of_all_models_are_where_auth_is(found: Any) -> None:
    """Pitfall 13."""
    assert {"add_person", "add_room", "add_tab", "add_user"} <= set(found["permissions"])
    assert not [table for table in found["after"]["club_db"] if table.startswith(("auth_", "django_content"))]
