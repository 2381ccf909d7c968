"""Owners that a project's own routers have: an ordinary project is neither refused nor sent astray."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.split.conftest import APPS, Split
from tests.split.test_afterwards import SAY

MOVE = ("move", "--apps", APPS, "--to", "auth_db")


def _router(name: str, **more: Any) -> dict[str, Any]:
    return {"DATABASE_ROUTERS": [f"tests.split.routers.{name}"], **more}


def test_a_model_that_stays_while_its_app_lives_elsewhere_stays_where_its_router_has_it(
    split: Callable[..., Split],
) -> None:
    """It was refused: the rest's own models were forgotten, so that the model went with its app."""
    project = split("sqlite")
    blog = project.old.databases["default"] + "3"
    old = replace(project.old, databases={**project.old.databases, "blog_db": blog})
    said = replace(old, settings=_router("BlogWithoutComments")).inside(
        SAY
        + f"""
for alias in ("default", "blog_db"):
    call_command("migrate", database=alias, verbosity=0)
answer(say(*{MOVE}))
"""
    )
    assert said.startswith("done"), said
    assert '"default": ["blog.Comment", "*"],' in said
    owners = {"blog_db": ["blog"], "auth_db": APPS.split(","), "default": ["blog.Comment", "*"]}
    found = replace(old, outgrow={"OWNERS": owners}).inside(
        "from django.db import router\nfrom tests.legacy.blog.models import Article, Comment\n"
        "answer([router.db_for_write(m) for m in (Comment, Article, Article.editors.through)])"
    )
    assert found == ["default", "blog_db", "blog_db"]


def test_an_app_joins_its_model_that_a_router_has_at_the_target_already(split: Callable[..., Split]) -> None:
    """It was refused with the advice to lose that model's rows."""
    project = split("sqlite")
    before = replace(project.old, outgrow={"OWNERS": {"auth_db": ["blog.Comment"], "default": "*"}}).inside(
        SAY
        + """
from tests.split.fill import fill, rows_of
call_command("outgrow", "migrate")
fill()
answer(rows_of())
"""
    )
    said = replace(project.old, settings=_router("Comments")).inside(
        SAY + "answer(say('move', '--apps', 'blog', '--to', 'auth_db'))"
    )
    assert said.startswith("done"), said
    joined = replace(project.old, outgrow={"OWNERS": {"auth_db": ["blog"], "default": "*"}})
    assert joined.inside("from tests.split.fill import rows_of\nanswer(rows_of())") == before


def test_an_empty_default_owns_nothing_in_the_printed_settings(split: Callable[..., Split]) -> None:
    """It was given all the rest, and `outgrow migrate` could not go there."""
    project = split("sqlite")
    main, auth = (project.old.databases[alias] for alias in ("default", "auth_db"))
    files = {"main": main, "auth_db": auth, "blog_db": main + "3"}
    entries = {
        alias: {"ENGINE": "django.db.backends.sqlite3", "NAME": url.removeprefix("sqlite:///")}
        for alias, url in files.items()
    }
    settings = _router("BlogAndNoDefault", DATABASES={"default": {}, **entries})
    said = replace(project.old, settings=settings).inside(
        SAY
        + f"""
for alias in ("main", "blog_db"):
    call_command("migrate", database=alias, verbosity=0)
answer([say(*{MOVE}), say(*{MOVE}, "--from", "main"), say("move", "--undo", "--from", "main", "--to", "auth_db")])
"""
    )
    assert "DATABASES has no alias 'default' (it has main, auth_db, blog_db)" in said[0]
    assert said[1].startswith("done"), said[1]
    assert '"main": "*",' in said[1]
    assert '"default"' not in said[1]
    assert "The source has its 4 constraints again" in said[2]


def test_a_router_that_needs_a_row_is_one_sentence(split: Callable[..., Split]) -> None:
    project = split("sqlite")
    project.begin()
    said = replace(project.old, settings=_router("Shards")).manage("outgrow", "plan", "--apps", APPS, "--to", "auth_db")
    assert said.returncode == 2
    assert "the project's routers do not tell where blog." in said.stderr
    assert " is written to (KeyError): " in said.stderr
    assert "Traceback" not in said.stderr
