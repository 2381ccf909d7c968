"""Rows that Hypothesis makes up come back as they were, after every move of a walk."""

from __future__ import annotations

import pytest

from tests import PROVE
from tests.conftest import MakeDatabase
from tests.moves.projects import Project, walk
from tests.moves.test_directions import NOT_EVERYWHERE, ROUND, WALKS, assert_all_verified

EXAMPLES = "400" if PROVE else "30"


@pytest.mark.parametrize("stops", WALKS if PROVE else [ROUND])
def test_made_up_rows_of_every_field_go_round_and_come_back(
    stops: str, the_zoo: Project, make_database: MakeDatabase
) -> None:
    url = make_database(stops.split()[0])
    the_zoo.manage(url, "migrate", "-v0")
    rows = the_zoo.ask(url, "make_up", "rows.pickle", EXAMPLES)
    assert rows > 1000
    for here, there in walk(stops):
        target = make_database(there)
        assert_all_verified(the_zoo.move(url, target, "--fix", "A703=archive"))
        found = the_zoo.ask(target, "made_up", "rows.pickle")
        assert [line for line in found if not line.startswith(NOT_EVERYWHERE)] == [], f"{here} → {there}"
        url = target
