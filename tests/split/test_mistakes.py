"""What a person can get wrong around a split, or a killed process leave behind: nothing is lost, and it is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.split.conftest import APPS, OWNERS, Split
from tests.split.test_afterwards import SAY
from tests.split.test_kill import MOVE as KILLED

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
    urls = project.old.databases
    again = ("--from", "other", "--resume")
    said = replace(project, old=replace(project.old, databases={**urls, "other": urls["default"]})).begin(
        SAY + f"answer([say(*{MOVE}, '--no-switch'), say(*{MOVE}, *{again})])"
    )
    assert said[0].startswith("done")
    assert "the unfinished move was begun --from default, and this one is from other" in said[1]
    said = replace(project.old, databases={**urls, "other": urls["default"] + "2"}).inside(
        SAY + f"call_command('migrate', database='other', verbosity=0)\nanswer(say(*{MOVE}, *{again}))"
    )
    assert "the project's routers write admin.LogEntry to default" in said


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


ROUTED = {"DATABASE_ROUTERS": ["tests.split.routers.Blog"]}


def test_a_project_with_a_router_of_its_own_keeps_every_answer_of_it(split: Callable[..., Split]) -> None:
    """The printed owners gave everything but what moved to the source, the other database's apps with it."""
    project = split("sqlite")
    blog = project.old.databases["default"] + "3"
    old = replace(project.old, databases={**project.old.databases, "blog_db": blog}, settings=ROUTED)
    said, plan = old.inside(
        SAY
        + f"""
for alias in ("default", "blog_db"):
    call_command("migrate", database=alias, verbosity=0)
answer([say(*{MOVE}), say("plan", *{MOVE[1:]}, "--json")])
"""
    )
    assert said.startswith("done"), said
    owners = json.loads(plan.splitlines()[-1])["plan"]["owners"]
    assert owners == {"auth_db": APPS.split(","), "blog_db": ["blog"], "default": "*"}
    assert '"blog_db": ["blog"],' in said


def test_a_move_that_takes_an_app_from_where_no_router_has_it_is_refused(split: Callable[..., Split]) -> None:
    project = split("sqlite")
    project.begin()
    old = replace(project.old, databases={**project.old.databases, "blog_db": project.old.databases["default"]})
    blog = ("plan", "--apps", "blog", "--to", "auth_db")
    said = replace(old, settings=ROUTED).inside(SAY + f"answer([say(*{blog}), say(*{blog}, '--from', 'blog_db')])")
    assert said[0].startswith("done"), "blog_db is another name of default"
    assert said[1].startswith("done")
    apart = replace(old, databases={**old.databases, "blog_db": old.databases["default"] + "4"}, settings=ROUTED)
    said = apart.inside(SAY + f"answer(say(*{blog}))")
    assert "gives blog to blog_db, and this move takes it from default: name the database" in said


def test_a_second_model_of_a_table_that_moves_does_not_go_on_with_the_old_copy(split: Callable[..., Split]) -> None:
    """As an unmanaged one for reports: it read what was left behind, and --drop-source took that away."""
    project = split("sqlite")
    said = project.old.inside(
        SAY
        + f"""
call_command("migrate", verbosity=0)
from django.db import models
Meta = type("Meta", (), {{"app_label": "people", "managed": False, "db_table": "auth_user"}})
type("Reported", (models.Model,), {{"Meta": Meta, "__module__": "tests.legacy.people.models"}})
answer([say("plan", *{MOVE[1:]}), say("plan", *{MOVE[1:]}, "--tear-apart")])
"""
    )
    assert "people.Reported is a model of the table auth_user too, and would go on with its old copy" in said[0]
    assert said[1].startswith("done"), said[1]


def test_a_url_of_a_database_that_has_an_alias_is_not_given_a_second_one(split: Callable[..., Split]) -> None:
    project = split("sqlite")
    project.begin()
    url = project.old.databases["auth_db"]
    said = project.old.inside(SAY + f"answer(say('plan', '--apps', '{APPS}', '--to', '{url}'))")
    assert "is the database that DATABASES has as auth_db" in said
    assert "say --to auth_db." in said


def test_a_switch_that_was_killed_before_it_was_noted_can_be_undone_and_begun_again(
    split: Callable[..., Split],
) -> None:
    """Its constraints were gone, undo said that there was no switch, and --restart forgot how they read."""
    project = split("sqlite")
    standing = project.begin(SAY + "answer(keys('default'))")
    killed = KILLED.format(point="at_fact('switched')", apps=APPS, more=[])
    assert project.old.run("-c", killed).returncode == -9
    again = ("--restart", "--replace-target", "auth_db")
    said = project.old.inside(
        SAY
        + f"""
said = [keys("default"), say("move", "--undo", "--to", "auth_db"), keys("default")]
said += [say(*{MOVE}, "--resume"), say("move", "--undo", "--to", "auth_db"), keys("default")]
answer(said)
"""
    )
    assert len(standing) - len(said[0]) == 7
    assert "The source has its 7 constraints again" in said[1]
    assert said[2] == standing
    assert said[3].startswith("done"), said[3]
    assert "The source has its 7 constraints again" in said[4]
    assert said[5] == standing
    other = split("sqlite")
    other.begin()
    assert other.old.run("-c", killed).returncode == -9
    said = other.old.inside(
        SAY
        + f"""
said = [say(*{MOVE}, *{again}), keys("default"), say("move", "--undo", "--to", "auth_db"), keys("default")]
answer(said)
"""
    )
    assert said[0].startswith("done"), said[0]
    assert "The source has its 7 constraints again" in said[2]
    assert said[3] == standing


@pytest.mark.slow(0.4)
def test_what_two_splits_took_comes_back_when_both_are_home(split: Callable[..., Split]) -> None:
    """Only the last run's constraints came back: those of an earlier split into the same database were forgotten."""
    project = split("sqlite")
    standing = project.begin(SAY + f"answer([keys('default'), say(*{MOVE})[:4]])")
    assert standing[1] == "done"
    with_blog = {"OWNERS": {"auth_db": [*APPS.split(","), "blog"], "default": "*"}}
    said = project.new.inside(
        SAY
        + """
said = [say("move", "--apps", "blog", "--to", "auth_db"), say("move", "--undo", "--to", "auth_db"), keys("default")]
answer([*said, say("move", "--apps", "blog", "--to", "auth_db", "--replace-target", "auth_db")])
"""
    )
    assert said[0].startswith("done"), said[0]
    assert said[1].startswith("done: The source has its "), said[1]
    ours = ("people_", "shop_", "blog_")
    assert not [k for k in said[2] if k.startswith(ours) and "auth_" in k], "the users live elsewhere still"
    both = replace(project.old, outgrow=with_blog)
    home = both.inside(
        SAY
        + f"""
from tests.split.fill import rows_of
before = rows_of()
with connections["default"].cursor() as cursor:
    cursor.execute("PRAGMA foreign_keys = OFF")
    for table in connections["default"].introspection.table_names():
        if table.startswith(("auth_", "blog_", "django_a", "django_c", "django_s")):
            cursor.execute(f"DROP TABLE {{table}}")
said = [say("move", "--apps", "{APPS}", "--from", "auth_db", "--to", "default"), keys("default")]
answer([*said, before])
"""
    )
    assert home[0].startswith("done"), home[0]
    assert [key for key in standing[0] if key.startswith("people_")] == [k for k in home[1] if k.startswith("people_")]
    only_blog = replace(project.old, outgrow={"OWNERS": {"auth_db": ["blog"], "default": "*"}})
    last = only_blog.inside(
        SAY
        + """
from tests.split.fill import rows_of
said = [say("move", "--apps", "blog", "--from", "auth_db", "--to", "default"), keys("default")]
answer(said)
"""
    )
    assert last[0].startswith("done"), last[0]
    assert last[1] == standing[0]
    assert project.old.inside("from tests.split.fill import rows_of\nanswer(rows_of())") == home[2]


def test_an_app_joins_its_model_that_lives_at_the_target_already(split: Callable[..., Split]) -> None:
    """It was refused with the advice to lose that model's rows."""
    project = split("sqlite")
    comments = replace(project.old, outgrow={"OWNERS": {"auth_db": ["blog.Comment"], "default": "*"}})
    before, said = comments.inside(
        SAY
        + """
from tests.split.fill import fill, rows_of
call_command("outgrow", "migrate")
fill()
answer([rows_of(), say("move", "--apps", "blog", "--to", "auth_db")])
"""
    )
    assert said.startswith("done"), said
    assert "blog_comment" not in said.partition("Settings to use")[0]
    joined = replace(project.old, outgrow={"OWNERS": {"auth_db": ["blog.Comment", "blog"], "default": "*"}})
    after, dropped = joined.inside(
        SAY + "from tests.split.fill import rows_of\n"
        "answer([rows_of(), say('move', '--drop-source', '--to', 'auth_db')])"
    )
    assert after == before
    assert dropped.startswith("done: "), dropped


def test_a_key_that_was_not_valid_comes_back_so_with_the_orphans_that_it_let_stand(
    split: Callable[..., Split],
) -> None:
    project = split("postgresql")
    said = project.begin(
        SAY
        + f"""
from django.db import connections
with connections["default"].cursor() as cursor:
    cursor.execute("SELECT conname FROM pg_constraint WHERE conrelid = 'people_profile'::regclass AND contype = 'f'"
                   " AND confrelid = 'auth_user'::regclass")
    name = cursor.fetchone()[0]
    cursor.execute(f'ALTER TABLE people_profile DROP CONSTRAINT "{{name}}"')
    cursor.execute("UPDATE people_profile SET user_id = 4711 WHERE id = 3")
    cursor.execute(f'ALTER TABLE people_profile ADD CONSTRAINT "{{name}}" FOREIGN KEY (user_id) '
                   "REFERENCES auth_user (id) DEFERRABLE INITIALLY DEFERRED NOT VALID")
    moved, undone = say(*{MOVE}), say("move", "--undo", "--to", "auth_db")
    cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
    answer([moved, undone, cursor.fetchone()[0]])
"""
    )
    assert said[0].startswith("done"), said[0]
    assert "The source has its 7 constraints again" in said[1], said[1]
    assert said[2].endswith("NOT VALID")
