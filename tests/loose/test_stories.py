"""Children follow their parents into death across databases, on every engine and from one engine to another."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import MakeDatabase
from tests.loose.conftest import project

PAIRS = [
    ("sqlite", "sqlite"), ("postgresql", "postgresql"), ("mysql", "mysql"), ("mariadb", "mariadb"),
    ("postgresql", "sqlite"),
]  # fmt: skip
NOTES = "things.Note.person"

EXPECTED: dict[str, Any] = {
    "installs_once": [[False, False], True, [[], []], [True, True]],
    # before the clean-up all stand; then what Django's own cascade would have taken, and the chain back across
    "children_go_with_their_parent": [
        [{"Person": 1, "Note": 3, "Remark": 1, "Echo": 1, "Task": 2, "Bill": 1}, 2],
        [{NOTES: 2, "things.Task.person": 1, "things.Bill.person": 1, "people.Echo.note": 1}, 4, 0, True],
        {"Person": 1, "Note": 1, "Task": 2},
        0,
        [False, True],
        ["Bill", "Echo", "Note", "Remark"],
    ],
    "raw_sql_and_changed_keys_count": [2, [{NOTES: 2}, 4, 0, True], ["eve 0"]],
    "every_kind_of_key_is_told": [
        [{"things.Bill.person": 1, "things.Badge.team": 1, "things.Login.device": 1}, 3, 0, True],
        {"Person": 1, "Badge": 1, "Login": 2}, 1, "b",
    ],
    "a_child_written_after_its_parent_died_is_found": [
        *[[{NOTES: 1}, 2, 0, True]] * 3, {"Person": 1},
    ],
    "a_parent_born_again_keeps_its_children": [1, [{}, 1, 0, True], {"Person": 1, "Note": 2}, 0],
    # the tombstone stays, as its children do, until a run finds the parent alive from the start
    "a_parent_born_again_in_the_middle_of_a_run_keeps_its_children": [
        True, [{}, 0, 1, True], {"Person": 1, "Note": 3}, [{}, 1, 0, True], 3,
    ],
    "what_is_protected_stays_and_is_said": [
        [[{NOTES: 2}, 2, 1, False], 1, {"Note": 1}], [{NOTES: 1}, 2, 0, True], {},
    ],
    "one_run_keeps_to_its_limits": [[10, True, 11], [10, True, 11], [5, False, 0]],
    "the_round_goes_on_where_it_stopped": [3, True, 33],
    "orphans_are_counted_and_repaired": [
        {NOTES: [8, 4, 5], "things.Task.person": [1, 1, 1]}, {NOTES: [7, 1], "things.Task.person": [1, 0]},
        {NOTES: 1}, {"Person": 2, "Note": 2, "Task": 3}, 2,
    ],
    "names_of_any_length_and_spelling_are_watched": [
        [[0, True, ["1", "2", "3", "4"]], [1, True, ["1", "2", "3", "4"]]], True,
    ],
    "workers_share_the_work": [150, 50, 0],
    "nobody_is_lost_while_parents_are_born_again": [[], 0, 18, 0, 0, 0],
    "a_lost_trigger_is_found": [["delete", "update"], True, True],
    "the_databases_own_cascade_counts": [1, [{NOTES: 2}, 3, 0, True], {"Person": 1, "Note": 1}],
    "removal_waits_for_tombstones": [
        "tombstones wait for their children to be cleaned (1 in people_db): run `outgrow loose clean` first, or add "
        "--discard to forget them.",
        False, 2, {NOTES: 2},
    ],
}  # fmt: skip


ON_POSTGRESQL = {
    "a_lost_trigger_is_found": [["delete", "truncate", "update"], True, True],
    "a_truncated_table_counts": [2, [{NOTES: 3}, 5, 0, True], {}],
    "a_partition_tells_of_its_rows": [["divided"] * 3, ["1", "11", "2", "3"], 16],
    "a_switched_off_trigger_is_found": [["delete", "truncate", "update"], 3, True],
    "a_role_without_rights_on_our_table_deletes": [1, [{NOTES: 1}, 2, 0, True], {}],
}
# a file has one writer: there is nobody beside whom a row could be locked, or a parent not yet be committed
PARENTS_ON_A_SERVER = {
    "a_child_whose_parent_is_not_committed_yet_stays": [[{}, 0, 1, True], [{}, 1, 0, True], {"Person": 1, "Note": 1}],
}
CHILDREN_ON_A_SERVER = {
    "a_child_in_somebodys_hands_is_passed_over": [[{NOTES: 2}, 2, 1, True], [True], [{NOTES: 1}, 2, 0, True], {}],
}


def expected(people: str, things: str) -> dict[str, Any]:
    return {
        **EXPECTED,
        "a_table_made_anew_by_a_migration_keeps_its_triggers": [people == "sqlite", True],
        **(ON_POSTGRESQL if people == "postgresql" else {}),
        **(PARENTS_ON_A_SERVER if people != "sqlite" else {}),
        **(CHILDREN_ON_A_SERVER if things != "sqlite" else {}),
    }


@pytest.mark.parametrize(("people", "things"), PAIRS, ids=map("-".join, PAIRS))
def test_children_follow_their_parents_as_the_stories_say(
    make_database: MakeDatabase, people: str, things: str
) -> None:
    done = project(make_database(people), make_database(things)).run("-m", "tests.loose.inside")
    assert done.returncode == 0, done.stderr[-3000:]
    answers = next(line for line in done.stdout.splitlines() if line.startswith("ANSWER "))
    found, wanted = json.loads(answers.removeprefix("ANSWER ")), expected(people, things)
    assert found.keys() == wanted.keys()
    assert {story: (found[story], wanted[story]) for story in wanted if found[story] != wanted[story]} == {}
