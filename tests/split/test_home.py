"""Every constraint that a split took comes home, by whatever way and in whatever order its tables do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.split.conftest import APPS, OWNERS, Split
from tests.split.test_afterwards import SAY
from tests.split.test_kill import MOVE as KILLED

MOVE = ("move", "--apps", APPS, "--to", "auth_db")
HOME = ("move", "--apps", APPS, "--from", "auth_db", "--to", "default", "--replace-target", "default")
UNDO = ("move", "--undo", "--to", "auth_db")


def _with_blog(split: Callable[..., Split], engine: str = "sqlite") -> Split:
    """With a third database."""
    project, third = split(engine), split(engine)
    return Split(replace(project.old, databases={**project.old.databases, "blog_db": third.old.databases["default"]}))


def test_after_a_switch_that_was_killed_no_other_move_begins_before_it_is_undone(split: Callable[..., Split]) -> None:
    """It began, with --restart and without, and the source of the first one stayed without its constraints."""
    project = split("sqlite")
    standing = project.begin(SAY + "answer(keys('default'))")
    killed = KILLED.format(point="at_fact('switched')", apps=APPS, more=[])
    assert project.old.run("-c", killed).returncode == -9
    blog, whole = ("move", "--apps", "blog", "--to", "auth_db"), ("move", "--to", "auth_db")
    said = project.old.inside(
        SAY
        + f"""
said = [say(*{blog}), say(*{blog}, "--restart"), say(*{whole}, "--restart", "--replace-target", "auth_db")]
answer([*said, say(*{UNDO}), keys("default"), say(*{blog}), keys("default")])
"""
    )
    sentence = f"the split of {APPS} was ended in its switch, and default may lack constraints"
    assert [sentence in one for one in said[:3]] == [True, True, True], said
    assert "The source has its 7 constraints again" in said[3]
    assert said[4] == standing
    assert said[5].startswith("done"), said[5]
    assert len(said[6]) == len(standing) - 3


def test_a_switch_that_is_killed_after_an_earlier_one_was_undone_can_be_undone_too(split: Callable[..., Split]) -> None:
    """Undo said that it was done already."""
    project = split("sqlite")
    standing = project.begin(SAY + "answer(keys('default'))")
    for more in ([], ["--resume"]):
        killed = KILLED.format(point="at_fact('switched')", apps=APPS, more=more)
        assert project.old.run("-c", killed).returncode == -9
        said = project.old.inside(SAY + f"answer([say(*{UNDO}), keys('default')])")
        assert "The source has its 7 constraints again" in said[0]
        assert said[1] == standing


def test_a_split_is_known_from_every_working_directory(split: Callable[..., Split], tmp_path: Path) -> None:
    """A file below it is spoken of in short: undo found no split, and the way home gave no constraint back."""
    project = split("sqlite")
    go = f"import os; os.chdir({str(tmp_path)!r})\n"
    standing, moved = project.begin(SAY + go + f"answer([keys('default'), say(*{MOVE})])")
    assert "SQLite database1.sqlite3" in moved
    said = project.old.inside(SAY + f"answer([say(*{UNDO}), keys('default')])")
    assert "The source has its 7 constraints again" in said[0]
    assert said[1] == standing
    again = project.old.inside(SAY + go + f"answer(say(*{MOVE}, '--replace-target', 'auth_db'))")
    assert again.startswith("done"), again
    home = project.new.inside(SAY + f"answer([say(*{HOME}), keys('default')])")
    assert home[0].startswith("done"), home[0]
    assert home[1] == standing


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_key_between_apps_that_left_for_two_databases_comes_back_when_both_are_home(
    split: Callable[..., Split], engine: str
) -> None:
    """The ledger of the one did not know of the other, and their old tables stood without it."""
    project = _with_blog(split, engine)
    standing, moved = project.begin(SAY + f"answer([keys('default'), say(*{MOVE})])")
    assert moved.startswith("done"), moved
    said = project.new.inside(SAY + "answer(say('move', '--apps', 'blog', '--to', 'blog_db'))")
    assert said.startswith("done"), said
    blog = {"blog_db": ["blog"]}
    one = replace(project.old, outgrow={"OWNERS": {**blog, **OWNERS}}).inside(
        SAY + f"answer([say(*{HOME}), keys('default')])"
    )
    assert one[0].startswith("done"), one[0]
    assert {key.split("_")[0] for key in set(standing) - set(one[1])} == {"blog"}
    two = replace(project.old, outgrow={"OWNERS": {**blog, "default": "*"}}).inside(
        SAY
        + """
home = ("move", "--apps", "blog", "--from", "blog_db", "--to", "default", "--replace-target", "default")
answer([say(*home), keys("default")])
"""
    )
    assert two[0].startswith("done"), two[0]
    assert two[1] == standing


def test_a_split_is_undone_while_another_app_lives_in_a_third_database(split: Callable[..., Split]) -> None:
    """Its old tables were gone, and undo refused: nothing could refer to them."""
    project = _with_blog(split)
    blog = ("--apps", "blog", "--to", "blog_db")
    project.begin(SAY + f"assert say(*{MOVE}).startswith('done')")
    said = project.new.inside(SAY + f"answer(say('move', *{blog}))")
    assert said.startswith("done"), said
    both = replace(project.old, outgrow={"OWNERS": {"blog_db": ["blog"], **OWNERS}})
    said = both.inside(SAY + f"answer(say('move', '--drop-source', *{blog}))")
    assert said.startswith("done"), said
    left = replace(project.old, outgrow={"OWNERS": {"blog_db": ["blog"], "default": "*"}})
    said = left.inside(SAY + f"answer([say(*{UNDO}), keys('default')])")
    assert "The source has its 4 constraints again" in said[0]
    assert len([key for key in said[1] if key.startswith(("people_", "shop_")) and " to auth_" in key]) == 3


def test_what_a_later_migration_took_away_does_not_stop_the_others_on_their_way_home(
    split: Callable[..., Split],
) -> None:
    """The table was gone, and neither undo nor the move home could end."""
    project = split("sqlite")
    standing, _ = project.begin(SAY + f"answer([keys('default'), say(*{MOVE})])")
    retire = 'connections["default"].cursor().execute("DROP TABLE people_profile_teams")\n'
    said = project.old.inside(SAY + retire + f"answer([say(*{UNDO}), keys('default')])")
    assert "The source has its 6 constraints again" in said[0]
    assert said[1] == [key for key in standing if not key.startswith("people_profile_teams")]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_constraints_come_home_also_to_a_database_that_was_moved_meanwhile(
    split: Callable[..., Split], engine: str
) -> None:
    """The ledger did not know it by its new name, and not one came back; of another engine it could not, in silence."""
    project = split("sqlite")
    standing, moved = project.begin(SAY + f"answer([keys('default'), say(*{MOVE})])")
    assert moved.startswith("done"), moved
    new = split(engine).old.databases["default"]
    said = project.new.inside(SAY + f"answer(say('move', '--from', 'default', '--to', {new!r}))")
    assert said.startswith("done"), said
    there = replace(project.new, databases={**project.old.databases, "default": new})
    found, err = there.inside(
        SAY
        + f"""
import sys
err = io.StringIO()
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(err):
    call_command("outgrow", *{HOME[:-2]})
answer([keys("default"), err.getvalue()])
"""
    )
    lost = set(standing) - set(found)
    if engine == "sqlite":
        assert lost == set()
    else:
        assert len(lost) == 7
        assert err.count("when it was of another engine") == 7
        assert "default lost the constraint of people_profile.user_id when it was of another engine" in err
