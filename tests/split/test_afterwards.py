"""What may follow a split: it is undone, made again, dropped from its source; and what is refused on the way."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import PROVE
from tests.engines import ENGINES
from tests.split.conftest import APPS, Split
from tests.split.test_w3 import KEYS

SAY = (
    KEYS
    + """
import contextlib, io
from django.core.management import CommandError, call_command
def say(*words):
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            call_command("outgrow", *words)
    except CommandError as error:
        return err.getvalue().splitlines()[-1] if err.getvalue() else str(error)
    return "done: " + out.getvalue()
"""
)


def schema(project: Split, alias: str = "default") -> list[tuple[str, ...]]:
    """A SQLite file's own texts."""
    with sqlite3.connect(urlsplit(project.old.databases[alias]).path) as connection:
        return connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()


@pytest.mark.slow(0.5)
@pytest.mark.parametrize("engine", ENGINES if PROVE else ENGINES[1:2])
def test_a_switch_that_is_undone_leaves_the_source_as_it_was(split: Callable[..., Split], engine: str) -> None:
    project = split(engine)
    found = project.begin(
        SAY
        + f"""
before, standing = rows_of(), keys("default")
said = [say("move", "--apps", "{APPS}", "--to", "auth_db", "--no-switch", "--json")]
unswitched = keys("default")
said.append(say("move", "--drop-source", "--to", "auth_db"))
said.append(say("move", "--undo", "--to", "auth_db"))
said.append(say("move", "--apps", "blog", "--to", "auth_db", "--resume"))
said.append(say("move", "--apps", "{APPS}", "--to", "auth_db", "--resume", "--json"))
switched = keys("default")
said.append(say("move", "--drop-source", "--to", "auth_db"))
said.append(say("move", "--undo", "--to", "auth_db"))
again = keys("default")
said.append(say("move", "--undo", "--to", "auth_db"))
said.append(say("move", "--drop-source", "--to", "auth_db"))
said.append(say("move", "--apps", "{APPS}", "--to", "auth_db"))
answer([standing, unswitched, switched, again, said, rows_of() == before])
"""
    )
    standing, unswitched, switched, again, said, same = found
    assert standing == unswitched == again
    assert len(set(standing) - set(switched)) == 7
    assert same
    wanted = [
        "done", "The source was not switched yet", "The source was not switched yet", "was begun with --apps auth,",
        "done", "The project's settings send ", "The source has its 7 constraints again", "was undone already",
        "was undone already", "already holds rows",
    ]  # fmt: skip
    assert [(text, one) for text, one in zip(wanted, said, strict=True) if text.lower() not in one.lower()] == []


@pytest.mark.slow(0.4)
def test_old_tables_are_dropped_only_as_they_were_copied_and_asked_by_nobody(split: Callable[..., Split]) -> None:
    project = split("sqlite")
    before = project.begin(
        SAY + f"answer([rows_of(), say('move', '--apps', '{APPS}', '--to', 'auth_db', '--json')[:4]])"
    )
    assert before[1] == "done"
    file = urlsplit(project.old.databases["default"]).path

    def change(sql: str) -> None:
        with sqlite3.connect(file) as connection:
            connection.execute(sql)

    drop = SAY + "answer(say('move', '--drop-source', '--to', 'auth_db'))"
    change("UPDATE auth_user SET email = 'somebody@example.test' WHERE id = 3")
    assert "auth_user on the source is not what was copied (41 rows now, 41 then" in project.new.inside(drop)
    change("UPDATE auth_user SET email = '' WHERE id = 3")
    change("CREATE TABLE late (id integer PRIMARY KEY, u integer REFERENCES auth_user (id))")
    assert "late on the source refers to auth_user" in project.new.inside(drop)
    change("DROP TABLE late")
    counted = project.new.inside(
        SAY
        + """
from tests.split.fill import rows_of
from outgrow.dialects.sqlite import SQLite
drop_tables = SQLite.drop_tables
def half(self, session, tables):
    drop_tables(self, session, tables[:3])
    session.commit()
    raise RuntimeError("the power fails")
SQLite.drop_tables = half
said = [say("move", "--drop-source", "--to", "auth_db")]
SQLite.drop_tables = drop_tables
said.append(say("move", "--drop-source", "--to", "auth_db"))
said.append(say("move", "--undo", "--to", "auth_db"))
answer([said, rows_of()])
"""
    )
    assert "cannot be dropped" in counted[0][0]
    assert counted[0][1].startswith("done: 9 tables dropped")
    assert "auth_user  41 rows" in counted[0][1]
    assert "move the apps back with `outgrow move --apps auth," in counted[0][2]
    assert counted[1] == before[0]
    assert not {name for _, name, _ in schema(project)} & {"auth_user", "django_session", "django_content_type"}


def test_what_must_stay_together_is_not_torn_apart_and_the_plan_names_what_crosses(
    split: Callable[..., Split], tmp_path: Path
) -> None:
    project = split("sqlite")
    said, plan = project.old.inside(
        SAY
        + f"""
call_command("migrate", verbosity=0)
to = ("--to", "auth_db")
answer([[
    say("plan", "--apps", "auth", *to),
    say("plan", "--apps", "auth,contenttypes,admin", *to),
    say("plan", "--apps", "auth", "--tear-apart", *to),
    say("plan", "--apps", "nobody", *to),
    say("plan", "--apps", "messages", *to),
    say("plan", "--apps", "{APPS}", "--from", "sqlite:///{tmp_path}/database1.sqlite3", *to),
    say("plan", "--apps", "{APPS}", *to),
], say("plan", "--apps", "{APPS}", *to, "--json")])
"""
    )
    wanted = [
        "auth would leave without contenttypes, admin and sessions, and Django joins their tables",
        "auth, contenttypes and admin would leave without sessions",
        "Split out of default into auth_db: auth",
        "nobody, which is not an app of this project",
        "have no model with a table of its own",
        "is no alias of DATABASES",
        "people_profile.user_id → auth_user",
    ]
    assert [(text, one) for text, one in zip(wanted, said, strict=True) if text not in one] == []
    assert not (tmp_path / "database2.sqlite3").exists()
    result = json.loads(plan.splitlines()[-1])["plan"]
    assert result["owners"] == {"auth_db": APPS.split(","), "default": "*"}
    assert len(result["constraints"]) == 7
    crossings = {(c["kind"], c["where"], c["works"]) for c in result["crossings"]}
    assert ("foreign key", "people.Profile.user", "partly") in crossings
    assert ("many-to-many", "blog.Article.editors", "no") in crossings
    assert ("generic foreign key", "shop.Tag.target", "yes") in crossings
    assert ("cascade", "auth.User", "no") in crossings
    assert ("cascade", "auth.Group", "no") in crossings


@pytest.mark.slow(0.4)
def test_what_the_plan_says_of_each_relation_is_what_happens(split: Callable[..., Split]) -> None:
    project = split("sqlite")
    project.begin(SAY + f"assert say('move', '--apps', '{APPS}', '--to', 'auth_db')[:4] == 'done'")
    found = project.new.inside("""
        from django.contrib.auth.models import Group, User
        from django.core.management import call_command
        from django.db.utils import OperationalError
        from tests.legacy.blog.models import Article
        from tests.legacy.people.models import Profile
        from tests.legacy.shop.models import Tag
        call_command("outgrow", "move", "--drop-source", "--to", "auth_db")
        def fails(call):
            try:
                call()
            except OperationalError as error:
                return str(error)
            return "works"
        article, user = Article.objects.order_by("id")[1], User.objects.order_by("id")[1]
        through = Article.editors.through.objects.filter(article=article)
        mine = Tag.objects.get(label="of a user", object_id=user.pk)
        answer([
            fails(lambda: list(article.editors.all())),
            User.objects.filter(pk__in=through.values_list("user_id", flat=True).iterator()).count(),
            user.edited.count(),
            fails(lambda: list(Profile.objects.select_related("user"))),
            fails(lambda: list(Profile.objects.filter(user__username="boss"))),
            Profile.objects.get(user=user).user.username == user.username,
            fails(user.delete), User.objects.filter(pk=user.pk).exists(),
            fails(Group.objects.order_by("id")[0].delete),
            mine.target == user,
            [t.target.username for t in Tag.objects.filter(pk=mine.pk).prefetch_related("target")] == [user.username],
        ])
    """)
    gone = "no such table: "
    assert [str(one).startswith(gone) or one for one in found] == [
        True, 2, 2, True, True, True, True, True, True, True, True,
    ]  # fmt: skip
