"""What a person can get wrong around a split, or a killed process leave behind: nothing is lost, and it is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.split.conftest import APPS, OWNERS, Split
from tests.split.test_afterwards import SAY

MOVE = ("move", "--apps", APPS, "--to", "auth_db")


def test_a_resume_without_verifying_neither_switches_nor_vouches_for_what_came_since(
    split: Callable[..., Split],
) -> None:
    """It took the verdict of the earlier process for its own, and --drop-source dropped a row that never was copied."""
    project = split("sqlite")
    said = project.begin(
        SAY
        + f"""
from django.contrib.auth.models import Group
said = [say(*{MOVE}, "--no-switch")]
before = keys("default")
Group.objects.create(name="late")
said += [say(*{MOVE}, "--resume", "--no-verify"), keys("default") == before]
answer([*said, say("move", "--drop-source", "--to", "auth_db")])
"""
    )
    assert said[0].startswith("done")
    assert said[1].startswith("done")
    assert said[2], "nothing was dropped from the source"
    assert "the source was not switched yet" in said[3]


def test_a_resume_from_another_database_is_refused(split: Callable[..., Split]) -> None:
    project = split("sqlite")
    other = replace(project.old, databases={**project.old.databases, "other": project.old.databases["default"] + "2"})
    said = replace(project, old=other).begin(
        SAY + f"call_command('migrate', database='other', verbosity=0)\nanswer([say(*{MOVE}, '--no-switch'), "
        f"say(*{MOVE}, '--from', 'other', '--resume')])"
    )
    assert said[0].startswith("done")
    assert "the unfinished move was begun --from default, and this one is from other" in said[1]


def test_a_second_app_follows_the_first_while_the_old_copies_stand(split: Callable[..., Split]) -> None:
    project = split("sqlite")
    project.begin(SAY + f"say(*{MOVE})")
    said = project.new.inside(
        SAY + "answer([say('move', '--apps', 'blog', '--to', 'auth_db'), "
        "say('move', '--drop-source', '--apps', 'auth', '--to', 'auth_db')])"
    )
    assert said[0].startswith("done"), said[0]
    assert "was of blog, and --apps says auth: only the last one can be undone or dropped." in said[1]


def test_a_drop_that_fails_leaves_the_way_back_open(split: Callable[..., Split]) -> None:
    project = split("postgresql")
    project.begin(SAY + f"say(*{MOVE})")
    said = project.new.inside(
        SAY
        + """
from django.db import connections
with connections["default"].cursor() as cursor:
    cursor.execute("CREATE VIEW names AS SELECT username FROM auth_user")
answer([say("move", "--drop-source", "--to", "auth_db"), say("move", "--undo", "--to", "auth_db")])
"""
    )
    assert not said[0].startswith("done")
    assert said[1].startswith("done"), said[1]


def test_rows_that_have_not_left_yet_are_not_left_behind_as_an_old_copy(split: Callable[..., Split]) -> None:
    """A whole move with owners that are declared, and a split that never ran, or routers that do not follow them."""
    project = split("sqlite")
    project.begin()
    whole = ("move", "--from", "default", "--to", project.old.databases["default"] + "2")
    said = project.new.inside(SAY + f"answer(say(*{whole}))")
    assert 'is in default, and OUTGROW["OWNERS"] gives it to auth_db, which has no such table' in said
    unrouted = replace(project.old, outgrow={"OWNERS": OWNERS}, settings={"DATABASE_ROUTERS": []})
    said = unrouted.inside(SAY + f"answer(say(*{whole}))")
    assert said.startswith("done")
    assert "auth_user" in said.partition("Not copied")[0]


def test_owners_that_cannot_be_read_are_one_sentence(split: Callable[..., Split]) -> None:
    project = split("sqlite")
    project.begin()
    done = replace(project.old, outgrow={"OWNERS": {"auth_db": ["auth"], "default": ["shop"]}}).manage(
        "outgrow", "plan", "--apps", "blog", "--to", "auth_db"
    )
    assert done.returncode == 2
    assert 'no database owns the app "' in done.stderr
    assert "Traceback" not in done.stderr
