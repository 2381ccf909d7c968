"""A legacy project's users move to a database of their own: the whole story, on every engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import PROVE
from tests.engines import ENGINES
from tests.split.conftest import APPS, Split

MOVE = f"call_command('outgrow', 'move', '--apps', '{APPS}', '--to', 'auth_db', '--json')\n"
ALIKE = [pytest.param(engine, engine, id=engine) for engine in ENGINES]
ACROSS = [("sqlite", "postgresql"), ("postgresql", "mysql"), ("mariadb", "sqlite"), ("mysql", "mariadb")]
PAIRS = ALIKE + [pytest.param(a, b, id=f"{a} to {b}") for a, b in (ACROSS if PROVE else ACROSS[:1])]

KEYS = """
from django.db import connections
def keys(alias):
    with connections[alias].cursor() as cursor:
        find = connections[alias].introspection
        tables = [t.name for t in find.get_table_list(cursor) if t.type == "t"]
        found = {t: find.get_constraints(cursor, t) for t in tables if not t.startswith("outgrow_")}
    return sorted(f"{t}.{','.join(c['columns'])} to {c['foreign_key'][0]}"
                  for t, all_ in found.items() for c in all_.values() if c["foreign_key"])
def indexed(alias, table):
    with connections[alias].cursor() as cursor:
        found = connections[alias].introspection.get_constraints(cursor, table)
    return sorted(",".join(c["columns"]) for c in found.values() if c["index"] or c["unique"])
"""


@pytest.mark.slow(0.5)
@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_the_users_of_a_legacy_project_move_out_and_nothing_is_missed(
    split: Callable[..., Split], source: str, target: str
) -> None:
    project = split(source, target)
    before, keys_before, log = project.begin(
        KEYS + "import io, contextlib\nbefore, standing, out = rows_of(), keys('default'), io.StringIO()\n"
        "with contextlib.redirect_stdout(out):\n    " + MOVE + "\nanswer([before, standing, out.getvalue()])"
    )
    assert '"kind": "result"' in log
    crossing = {k for k in keys_before if k.split(".")[0].split("_")[0] in ("people", "shop", "blog")}
    crossing = {k for k in crossing if k.split(" to ")[1] in ("auth_user", "auth_group", "django_content_type")}
    assert len(crossing) == 7

    after = project.new.inside(
        KEYS
        + """
from tests.split.fill import rows_of
from tests.split.site import works
from django.core.management import CommandError, call_command
rows = rows_of()
made = [keys("default"), keys("auth_db"), indexed("default", "people_profile")]
wrong = works("somebody")
import contextlib, io
err = io.StringIO()
try:
    with contextlib.redirect_stderr(err):
        call_command("outgrow", "move", "--undo", "--to", "auth_db")
except CommandError:
    pass
refused = err.getvalue()
stale = rows_of()
with connections["default"].cursor() as cursor:
    cursor.execute("SELECT count(*) FROM auth_user")
    old = cursor.fetchone()[0]
call_command("outgrow", "move", "--drop-source", "--to", "auth_db")
answer([rows, made, wrong, refused, old, rows_of() == stale, works("another"),
        [t for t in connections["default"].introspection.table_names() if t.startswith(("auth_", "django_"))]])
"""
    )
    rows, (old_keys, new_keys, indexes), wrong, refused, old, same, again, left = after
    assert rows == before
    assert sorted(set(keys_before) - set(old_keys)) == sorted(crossing)
    assert new_keys == [k for k in keys_before if k.startswith(("auth_", "django_"))]
    assert "user_id" in indexes
    assert wrong == []
    assert "of people_profile (id 42) refers by user_id to rows of auth_user that the source does not have" in refused
    assert old == len(before["auth.User"])
    assert same
    assert again == []
    assert left == ["django_migrations"]

    found = project.later.inside(
        KEYS
        + """
from django.core.management import call_command
from tests.split.site import works
call_command("outgrow", "migrate")
from django.db.migrations.recorder import MigrationRecorder
columns = {}
for alias, table in (("default", "people_profile"), ("auth_db", "auth_group")):
    with connections[alias].cursor() as cursor:
        columns[table] = [c.name for c in connections[alias].introspection.get_table_description(cursor, table)]
there = {alias: connections[alias].introspection.table_names() for alias in ("default", "auth_db")}
answer([columns, there, keys("default"), keys("auth_db"), works("third")])
"""
    )
    columns, there, old_now, new_now, third = found
    assert "town" in columns["people_profile"]
    assert "color" in columns["auth_group"]
    assert not [t for t in there["default"] if t.startswith(("auth_", "django_a", "django_c", "django_s"))]
    assert not [t for t in there["auth_db"] if t.startswith(("people_", "shop_", "blog_"))]
    assert (old_now, new_now) == ([k for k in old_keys if k not in new_keys], new_keys)
    assert third == []
