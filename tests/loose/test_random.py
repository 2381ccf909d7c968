"""Whatever parents, children and runs do: no orphan is left, and no child of a living parent is touched."""

from __future__ import annotations

import pytest

from tests import PROVE
from tests.conftest import MakeDatabase
from tests.loose.conftest import project

EXAMPLES = 400 if PROVE else 20
PAIRS = [("sqlite", "sqlite"), ("postgresql", "sqlite")]


@pytest.mark.parametrize(("people", "things"), PAIRS, ids=map("-".join, PAIRS))
def test_random_lives_end_without_orphans_and_without_a_wrongly_cleaned_child(
    make_database: MakeDatabase, people: str, things: str
) -> None:
    done = project(make_database(people), make_database(things)).run("-m", "tests.loose.random_inside", str(EXAMPLES))
    assert done.returncode == 0, done.stderr[-4000:]
