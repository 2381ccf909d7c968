"""Children follow their parents into death across databases, on every engine and from one engine to another."""

from __future__ import annotations

from typing import Any

import pytest

from tests.loose.conftest import Told

PAIRS = [
    ("sqlite", "sqlite"), ("postgresql", "postgresql"), ("mysql", "mysql"), ("mariadb", "mariadb"),
    ("postgresql", "sqlite"),
]  # fmt: skip
LOCKING = [pair for pair in PAIRS if pair[1] != "sqlite"]
SERVERS = [pair for pair in PAIRS if pair[0] != "sqlite"]
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
    "workers_share_the_work": [500, 100, 0],
    "nobody_is_lost_while_parents_are_born_again": [[], 0, 18, 0, 0, 0],
    "a_lost_trigger_is_found": [["delete", "update"], True, True],
    "the_databases_own_cascade_counts": [1, [{NOTES: 2}, 3, 0, True], {"Person": 1, "Note": 1}],
    "removal_waits_for_tombstones": [
        "tombstones wait for their children to be cleaned (1 in people_db): run `outgrow loose clean` first, or add "
        "--discard to forget them.",
        False, 2, {NOTES: 2},
    ],
}  # fmt: skip


@pytest.mark.parametrize(("people", "things"), PAIRS, ids=map("-".join, PAIRS))
@pytest.mark.parametrize("story", EXPECTED)
def test_it_ends_as_the_story_says(told: Told, people: str, things: str, story: str) -> None:
    found = told(people, things)[story]
    expected = EXPECTED[story]
    if story == "a_lost_trigger_is_found" and people == "postgresql":
        expected = [["delete", "truncate", "update"], True, True]
    assert found == expected, found


@pytest.mark.parametrize(("people", "things"), PAIRS, ids=map("-".join, PAIRS))
def test_a_table_that_a_migration_made_anew_gets_its_triggers_back(told: Told, people: str, things: str) -> None:
    lost, back = told(people, things)["a_table_made_anew_by_a_migration_keeps_its_triggers"]
    assert (lost, back) == (people == "sqlite", True)


@pytest.mark.parametrize(("people", "things"), LOCKING, ids=map("-".join, LOCKING))
def test_a_child_that_somebody_has_locked_waits_for_the_next_run(told: Told, people: str, things: str) -> None:
    found = told(people, things)["a_child_in_somebodys_hands_is_passed_over"]
    assert found == [[{NOTES: 2}, 2, 1, True], True, [{NOTES: 1}, 2, 0, True], {}]


@pytest.mark.parametrize(("people", "things"), SERVERS, ids=map("-".join, SERVERS))
def test_a_child_whose_parent_is_still_being_committed_is_left_alone(told: Told, people: str, things: str) -> None:
    found = told(people, things)["a_child_whose_parent_is_not_committed_yet_stays"]
    assert found == [[{}, 0, 1, True], [{}, 1, 0, True], {"Person": 1, "Note": 1}]


@pytest.mark.parametrize("things", ["postgresql", "sqlite"])
def test_postgresql_tells_of_a_truncated_table_and_of_deletes_by_anybody(told: Told, things: str) -> None:
    found = told("postgresql", things)
    assert found["a_truncated_table_counts"] == [2, [{NOTES: 3}, 5, 0, True], {}]
    assert found["a_switched_off_trigger_is_found"] == [["delete", "truncate", "update"], 3, True]
    assert found["a_role_without_rights_on_our_table_deletes"] == [1, [{NOTES: 1}, 2, 0, True], {}]
