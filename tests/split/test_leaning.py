"""Before an old table goes: nobody may write to it any more, and nothing else of the source may ask for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from outgrow.dialects.leaning import leaning_texts
from tests.engines import ENGINES
from tests.split.conftest import APPS, Split
from tests.split.test_afterwards import SAY

MOVE = ("move", "--apps", APPS, "--to", "auth_db")

BETWEEN = """
import threading
from django.db import connections
import outgrow.pipeline.splitting as splitting
from django.contrib.auth.models import Group
writers = []
def late():
    import time
    began = time.time()
    try:
        Group.objects.using("default").create(name="late")
        said.append("written")
    except Exception as error:
        said.append("refused")
    finally:
        connections.close_all()
compared = splitting.still_copied
def then_somebody_writes(*args):
    found = compared(*args)
    writers.append(threading.Thread(target=late))
    writers[0].start()
    writers[0].join(2)
    return found
splitting.still_copied = then_somebody_writes
"""


@pytest.mark.slow(0.4)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_row_that_comes_between_the_comparison_and_the_drop_is_not_lost(
    split: Callable[..., Split], engine: str
) -> None:
    """Nothing was locked there: the row was written, and dropped with its table."""
    project = split(engine)
    project.begin(SAY + f"assert say(*{MOVE}).startswith('done')")
    found = project.new.inside(
        SAY
        + "said = []\n"
        + BETWEEN
        + """
dropped = say("move", "--drop-source", "--to", "auth_db")
writers[0].join(60)
answer([dropped, said, [t for t in connections["default"].introspection.table_names() if t.startswith("auth_")]])
"""
    )
    assert found[0].startswith("done: 9 tables dropped"), found[0]
    assert found[1] == ["refused"], "the writer waited for the drop, and found no table"
    assert found[2] == []


LEANING = {
    "sqlite": [
        "CREATE VIEW names AS SELECT u.username FROM people_profile p, auth_user u WHERE u.id = p.user_id",
        "CREATE TRIGGER counted AFTER INSERT ON shop_order BEGIN "
        "UPDATE \"auth_user\" SET last_name = 'buys' WHERE id = NEW.user_id; END",
    ],
    "postgresql": [
        "CREATE SCHEMA reports",
        "CREATE TABLE reports.visits (id int PRIMARY KEY, u int REFERENCES auth_user (id))",
        "CREATE VIEW names AS SELECT username FROM auth_user",
        "CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM public.auth_user'",
    ],
    "mysql": [
        "CREATE VIEW names AS SELECT username FROM auth_user",
        "CREATE TRIGGER counted AFTER INSERT ON shop_order FOR EACH ROW "
        "UPDATE auth_user SET last_name = 'buys' WHERE id = NEW.user_id",
        "CREATE PROCEDURE sweep() DELETE FROM auth_user WHERE id < 0",
    ],
}  # fmt: skip
LEANING["mariadb"] = LEANING["mysql"]
WHAT = {
    "sqlite": ["view names", "trigger counted"],
    "postgresql": ["foreign key of another schema reports.visits.visits_u_fkey", "view public.names",
                   "function public.counted"],
    "mysql": ["view names", "trigger counted", "routine sweep"],
}  # fmt: skip
WHAT["mariadb"] = WHAT["mysql"]
UNDO = {
    "view": "DROP VIEW names",
    "trigger": "DROP TRIGGER counted",
    "foreign": "DROP TABLE reports.visits",
    "function": "DROP FUNCTION counted()",
    "routine": "DROP PROCEDURE sweep",
}


@pytest.mark.slow(0.4)
@pytest.mark.parametrize("engine", ENGINES)
def test_the_plan_names_what_else_asks_for_a_moved_table_and_no_table_is_dropped_before_it(
    split: Callable[..., Split], engine: str
) -> None:
    project = split(engine)
    undo = [UNDO[what.split()[0]] for what in WHAT[engine]]
    plan = project.begin(
        SAY
        + f"""
with connections["default"].cursor() as cursor:
    for sql in {LEANING[engine]!r}:
        cursor.execute(sql)
planned = say("plan", *{MOVE[1:]})
assert say(*{MOVE}).startswith("done")
answer(planned)
"""
    )
    assert [what for what in WHAT[engine] if f"  {what} → auth_user" not in plan] == []
    said = project.new.inside(
        SAY
        + f"""
said = []
for sql in {undo!r}:
    said.append(say("move", "--drop-source", "--to", "auth_db"))
    with connections["default"].cursor() as cursor:
        cursor.execute(sql)
answer([*said, say("move", "--drop-source", "--to", "auth_db")])
"""
    )
    for what, sentence in zip(WHAT[engine], said[:-1], strict=True):
        assert f"the {what} on the source asks for auth_user, which would be gone" in sentence
    assert said[-1].startswith("done: 9 tables dropped")


@pytest.mark.slow(0.4)
@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_a_key_of_another_database_of_the_server_is_named_and_keeps_the_table(
    split: Callable[..., Split], engine: str
) -> None:
    project = split(engine)
    said = project.begin(
        SAY
        + f"""
from urllib.parse import urlsplit
here, there = (connections[a].settings_dict["NAME"] for a in ("default", "auth_db"))
assert say(*{MOVE}).startswith("done")
with connections["default"].cursor() as cursor:
    cursor.execute(f"CREATE TABLE `{{there}}`.visits (id int PRIMARY KEY, u int, FOREIGN KEY (u) REFERENCES "
                   f"`{{here}}`.auth_user (id))")
answer([there, say("plan", *{MOVE[1:]})])
"""
    )
    assert f"foreign key of another database {said[0]}.visits." in said[1]
    dropped, left = project.new.inside(
        SAY
        + """
from django.contrib.auth.models import User
said = [say("move", "--drop-source", "--to", "auth_db"), User.objects.using("default").count()]
with connections["auth_db"].cursor() as cursor:
    cursor.execute("DROP TABLE visits")
answer(said)
"""
    )
    assert "the foreign key of another database" in dropped
    assert left == 41


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("SELECT 1 FROM tags", True), ("select a from x join `shop`.`tags` on 1", True), ("INSERT INTO TAGS(a)", True),
        ("select * from (tags, x)", True), ("SELECT * FROM x, tags t", True), ("UPDATE [tags] SET a=1", True),
        ("SELECT tags FROM x", False), ("SELECT 1 FROM tags_old", False), ("SELECT ' FROM tags'", False),
        ("SELECT 1 -- from tags", False), ("SELECT 1 /* from tags */", False), ("SELECT t.tags FROM t", False),
    ],
)  # fmt: skip
def test_a_text_names_a_table_only_where_a_statement_does(text: str, names: bool) -> None:
    assert bool(list(leaning_texts("view", "v", text, ["tags"]))) == names
