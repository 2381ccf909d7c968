"""docs/from-one-to-four.md: plaza on one database, then on four, by the commands of the page."""

from __future__ import annotations

import json
import os
import re
import shlex
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests import PROVE, forks
from tests.conftest import MakeDatabase
from tests.engines import ENGINES
from tests.plaza.project import ROOT, filled, inside, manage, run

PAGE = (ROOT / "docs" / "from-one-to-four.md").read_text(encoding="utf-8")
APPS = ("videos", "social", "bookings")
Served = dict[str, str]


@pytest.fixture
def on_four(make_database: MakeDatabase, tmp_path: Path) -> Callable[[str], tuple[str, Served, str]]:
    """Run the page on an engine: the first URL, the environment that it leads to, and what it said."""

    def make(engine: str) -> tuple[str, Served, str]:
        url = make_database(engine)
        filled(url, "--rows", "3000")
        urls = {app: make_database(engine) for app in APPS}
        before = inside(url, "digest")
        script = "".join(re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
        for app in APPS:
            script, found = re.subn(rf"postgres://plaza:secret@db\d.example/{app}", f"'{urls[app]}'", script)
            assert found == 1
        known = {k: v for k, v in os.environ.items() if not k.endswith("DATABASE_URL") and k != "OWN_DATABASES"}
        said = carry_out(script, {**known, "DATABASE_URL": url, "XDG_STATE_HOME": str(tmp_path)})
        served = {f"{app.upper()}_DATABASE_URL": urls[app] for app in APPS} | {"OWN_DATABASES": ",".join(APPS)}
        assert inside(url, "digest", **served) == before
        return url, served, said

    return make


def carry_out(script: str, env: dict[str, str]) -> str:
    """What a shell would do with the page's lines, `export …` and `NAME=… python …`; each command must succeed."""
    said = ""
    for line in script.splitlines():
        words = shlex.split(line)
        python = words.index("python") if "python" in words else len(words)
        variables = dict(word.split("=", 1) for word in words[:python] if word != "export")
        if python == len(words):
            assert words[0] == "export", line
            env |= variables
            continue
        done = forks.run(words[python + 1 :], cwd=ROOT, env={**env, **variables}, timeout=300)
        said += done.stdout
        assert done.returncode == 0, line + said[-3000:] + done.stderr[-3000:]
    return said


@pytest.mark.slow(0.6)
@pytest.mark.parametrize("engine", ENGINES if PROVE else ["sqlite"])
def test_the_commands_of_the_page_lead_from_one_database_to_four(
    on_four: Callable[[str], tuple[str, Served, str]], engine: str
) -> None:
    url, served, said = on_four(engine)
    assert said.count("Every row was copied and verified: source and target are equal.") == 3
    assert said.count("The project was loaded with these lines at the end of its settings") == 3
    tables = json.loads(inside(url, "tables", **served))
    assert [t for t in tables["default"] if t.startswith(("videos_", "social_", "bookings_"))] == []
    for app in APPS:
        ours = ("django_migrations", "outgrow_", "sqlite_")  # and what SQLite keeps of statistics
        assert {t.partition("_")[0] for t in tables[app] if not t.startswith(ours)} == {app}
    assert inside(url, "admin", **served) == ""
    assert json.loads(inside(url, "life", **served)) == LIFE


LIFE = {
    "protected": "Cannot delete some instances of model 'User' because they are referenced through protected foreign "
    "keys: 'Restaurant.owner'.",
    "delete page": 200,
    "restaurant": "late",
    "left": [0, 0, 0, 1],
    "guest": None,
    "orphans": 0,
    "queries across": "social.Post.author cannot be joined",
}


def test_the_pages_lines_are_those_that_plaza_makes(tmp_path: Path) -> None:
    (python,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    written: dict[str, object] = {}
    exec(python, written)
    urls = {f"{app.upper()}_DATABASE_URL": f"sqlite:///{tmp_path}/{app}.sqlite3" for app in APPS}
    said = inside(f"sqlite:///{tmp_path}/one.sqlite3", "outgrow", OWN_DATABASES=",".join(APPS), **urls)
    declared, routers = json.loads(said)
    del declared["WORKERS"]  # the page is about databases
    assert [declared, routers] == [written["OUTGROW"], written["DATABASE_ROUTERS"]]


def test_four_urls_leave_nothing_for_a_default_database(tmp_path: Path) -> None:
    urls = {f"{app.upper()}_DATABASE_URL": f"sqlite:///{tmp_path}/{app}.sqlite3" for app in ("auth", *APPS)}
    owners = json.loads(inside("", "outgrow", **urls))[0]["OWNERS"]
    assert (sorted(owners), owners["auth"]) == (sorted(["auth", *APPS]), [
        "accounts", "auth", "contenttypes", "sessions", "admin",
    ])  # fmt: skip


def test_an_owner_without_a_url_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"OWN_DATABASES names videos, and VIDEOS_DATABASE_URL is not set"):
        inside(f"sqlite:///{tmp_path}/one.sqlite3", "outgrow", OWN_DATABASES="videos")


def test_the_admin_finds_posts_by_their_number_and_by_their_author(make_database: MakeDatabase) -> None:
    url = make_database("sqlite")
    filled(url, "--rows", "3000")
    assert json.loads(inside(url, "search")) == [True, True, 0]
    manage(url, "check")


def test_four_files_are_filled_as_one_and_move_to_servers_one_by_one(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    """Each of them as `outgrow move` moves one: nothing of the others goes along, and its settings keep them."""
    one = make_database("sqlite")
    filled(one, "--rows", "3000")
    files = {f"{app.upper()}_DATABASE_URL": f"sqlite:///{tmp_path}/{app}.sqlite3" for app in APPS}
    served = {**files, "OWN_DATABASES": ",".join(APPS)}
    first = f"sqlite:///{tmp_path}/first.sqlite3"
    for command in (["outgrow", "migrate"], ["plaza_fill", "--rows", "3000"]):
        done = run(first, "manage.py", *command, **served)
        assert done.returncode == 0, done.stderr
    assert inside(first, "digest", **served) == inside(one, "digest")

    videos, default = make_database("postgresql"), make_database("mysql" if PROVE else "postgresql")
    done = run(first, "manage.py", "outgrow", "move", "--from", "videos", "--to", "env:T", **served, T=videos)
    assert done.returncode == 0, done.stderr
    assert 'DATABASES["videos"] = {\n        "ENGINE": "django.db.backends.postgresql",' in done.stdout
    served["VIDEOS_DATABASE_URL"] = videos
    execute(first, "CREATE TABLE videos_channel (id integer PRIMARY KEY)")  # as a split leaves it behind
    done = run(first, "manage.py", "outgrow", "move", "--from", "default", "--to", "env:T", **served, T=default)
    assert done.returncode == 0, done.stderr
    assert "videos_channel: skipped (an old copy: videos owns it, and has it)" in done.stdout
    assert inside(default, "digest", **served) == inside(one, "digest")
    tables = json.loads(inside(default, "tables", **served))
    assert {t.partition("_")[0] for t in tables["videos"]} - {"sqlite"} == {"videos", "django", "outgrow"}
    assert {t.partition("_")[0] for t in tables["default"]} == {"accounts", "auth", "django", "outgrow"}


def execute(url: str, sql: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute(sql)
