"""A split that is killed between any two of its steps goes on where it was, and the source is whole at every moment."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import PROVE
from tests.split.conftest import APPS, Split
from tests.split.test_afterwards import SAY, schema

MOVE = """
import os, sys
import django
django.setup()
from outgrow.ledger import Ledger
from outgrow.ledger.dropped import DroppedKeys
from outgrow.pipeline import moving
from outgrow.schema import aside
from tests.faults.points import at_statement, before, in_chunk, kill
def at_fact(name):
    plain = Ledger.fact
    def fact(self, said, value):
        if said == name:
            kill()
        plain(self, said, value)
    Ledger.fact = fact
{point}
from django.core.management import call_command
call_command("outgrow", "move", "--apps", "{apps}", "--to", "auth_db", *{more})
"""
POINTS = [
    "before(moving, 'set_aside', kill)",
    "before(Ledger, 'set_state', kill, at=1)",
    "in_chunk(3, kill)",
    "before(moving, 'note_copied_rows', kill)",
    "before(moving, 'switch', kill)",
    "before(DroppedKeys, 'record', kill, at=2)",
    r"at_statement(r'(?s)(ALTER TABLE|DROP TABLE)\b', kill, at=3)",
    "at_fact('switched')",
]
BEFORE_THE_SWITCH = 5


@pytest.mark.slow(0.8)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql", "mysql", "mariadb"] if PROVE else ["sqlite"])
def test_a_split_that_is_killed_again_and_again_ends_as_one_that_was_not(
    split: Callable[..., Split], engine: str
) -> None:
    project = split(engine)
    before, standing = project.begin(SAY + "answer([rows_of(), keys('default')])")
    texts = schema(project) if engine == "sqlite" else []
    begun: list[str] = []
    for number, point in enumerate(POINTS):
        if PROVE or number in (0, 2, 4, 6, 7):
            done = project.old.run("-c", MOVE.format(point=point, apps=APPS, more=begun))
            assert done.returncode == -9, (point, done.stdout, done.stderr)
            begun = ["--resume"]
            if texts and number < BEFORE_THE_SWITCH + 2:  # the switch is one transaction here
                assert schema(project) == texts, point
    found = project.new.inside(
        SAY
        + f"""
from tests.split.fill import rows_of
from tests.split.site import works
said = say("move", "--apps", "{APPS}", "--to", "auth_db", "--resume")
answer([said[:4], rows_of(), keys("default"), works("somebody"), say("move", "--drop-source", "--to", "auth_db")])
"""
    )
    said, rows, left, wrong, dropped = found
    assert said == "done"
    assert rows == before
    assert len(set(standing) - set(left)) == 7
    assert wrong == []
    assert dropped.startswith("done: 9 tables dropped")
