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


@pytest.mark.slow(0.4)
@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_tables_that_refer_to_each_other_in_a_circle_are_dropped_under_their_locks(
    split: Callable[..., Split], engine: str
) -> None:
    """MariaDB lets go of a table that it refuses to drop: the rest failed half-way, and anybody could write there."""
    project = split(engine)
    said = project.old.inside(SAY + f"call_command('migrate', verbosity=0)\nanswer(say(*{MOVE}))")
    assert said.startswith("done"), said
    dropped, left = project.new.inside(
        SAY
        + """
with connections["default"].cursor() as cursor:
    cursor.execute("ALTER TABLE auth_group ADD CONSTRAINT one FOREIGN KEY (id) REFERENCES auth_user (id)")
    cursor.execute("ALTER TABLE auth_user ADD CONSTRAINT other FOREIGN KEY (id) REFERENCES auth_group (id)")
said = say("move", "--drop-source", "--to", "auth_db")
answer([said, [t for t in connections["default"].introspection.table_names() if t.startswith("auth_")]])
"""
    )
    assert dropped.startswith("done: 9 tables dropped"), dropped
    assert left == []


LEANING = {
    "sqlite": [
        "CREATE VIEW names AS SELECT u.username FROM people_profile p, auth_user u WHERE u.id = p.user_id",
        "CREATE TRIGGER counted AFTER INSERT ON shop_order BEGIN "
        "UPDATE \"auth_user\" SET last_name = 'buys' WHERE id = NEW.user_id; END",
        "CREATE TRIGGER known BEFORE INSERT ON shop_order WHEN NOT EXISTS (SELECT 1 FROM auth_user WHERE id = "
        "NEW.user_id) BEGIN SELECT RAISE(IGNORE); END",
    ],
    "postgresql": [
        "CREATE SCHEMA reports",
        "CREATE TABLE reports.visits (id int PRIMARY KEY, u int REFERENCES auth_user (id))",
        "CREATE VIEW names AS SELECT username FROM auth_user",
        "CREATE MATERIALIZED VIEW reports.kept AS SELECT username FROM auth_user",
        "CREATE RULE seen AS ON INSERT TO shop_order DO ALSO UPDATE auth_user SET last_name = 'x' WHERE id = -1",
        "CREATE POLICY own ON shop_order USING (EXISTS (SELECT 1 FROM auth_user u WHERE u.id = user_id))",
        "CREATE SEQUENCE counter OWNED BY auth_user.id",
        "ALTER TABLE shop_order ADD COLUMN n bigint DEFAULT nextval('counter')",
        "CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM public.auth_user'",
        "CREATE FUNCTION bound() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM auth_user; END",
        "CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS "  # goes with what it serves
        "'BEGIN UPDATE auth_group SET name = name WHERE id = NEW.id; RETURN NEW; END'",
        "CREATE TRIGGER touched AFTER INSERT ON auth_user FOR EACH ROW EXECUTE FUNCTION touched()",
        "CREATE RULE within AS ON UPDATE TO auth_user DO ALSO DELETE FROM auth_group WHERE id = -1",
    ],
    "mysql": [
        "CREATE VIEW names AS SELECT username FROM auth_user",
        "CREATE VIEW joined AS SELECT p.id FROM people_profile p STRAIGHT_JOIN auth_user u ON u.id = p.user_id",
        "CREATE VIEW cured AS SELECT username FROM `{there}`.auth_user",  # asks the new copy
        "CREATE VIEW `{there}`.away AS SELECT username FROM `{here}`.auth_user",
        "CREATE TRIGGER counted AFTER INSERT ON shop_order FOR EACH ROW "
        "UPDATE auth_user SET last_name = 'buys' WHERE id = NEW.user_id",
        "CREATE PROCEDURE sweep() DELETE FROM auth_user WHERE id < 0",
    ],
}  # fmt: skip
LEANING["mariadb"] = LEANING["mysql"]
WHAT = {  # and how it goes
    "sqlite": {
        "view names": "DROP VIEW names", "trigger counted": "DROP TRIGGER counted",
        "trigger known": "DROP TRIGGER known",
    },
    "postgresql": {
        "foreign key of another schema reports.visits.visits_u_fkey": "DROP TABLE reports.visits",
        "materialized view reports.kept": "DROP MATERIALIZED VIEW reports.kept",
        "view public.names": "DROP VIEW names",
        "rule seen on public.shop_order": "DROP RULE seen ON shop_order",
        "default value for column n of table shop_order": "ALTER TABLE shop_order DROP COLUMN n",
        "function bound()": "DROP FUNCTION bound()",
        "policy own on table shop_order": "DROP POLICY own ON shop_order",
        "function public.counted": "DROP FUNCTION counted()",
    },
    "mysql": {
        "view names": "DROP VIEW names", "view joined": "DROP VIEW joined",
        "view {there}.away": "DROP VIEW {there}.away", "trigger counted": "DROP TRIGGER counted",
        "routine sweep": "DROP PROCEDURE sweep",
    },
}  # fmt: skip
WHAT["mariadb"] = WHAT["mysql"]


@pytest.mark.slow(0.4)
@pytest.mark.parametrize("engine", ENGINES)
def test_the_plan_names_what_else_asks_for_a_moved_table_and_no_table_is_dropped_before_it(
    split: Callable[..., Split], engine: str
) -> None:
    """Also what the server's catalog alone knows; not what asks another database, nor what goes with the tables."""
    project = split(engine)
    here, there = (project.old.databases[alias].rpartition("/")[2] for alias in ("default", "auth_db"))
    made = [sql.format(here=here, there=there) for sql in LEANING[engine]]
    later = [sql for sql in made if "cured" in sql]
    plan = project.begin(
        SAY
        + f"""
with connections["default"].cursor() as cursor:
    for sql in {[sql for sql in made if sql not in later]!r}:
        cursor.execute(sql)
assert say(*{MOVE}).startswith("done")
with connections["default"].cursor() as cursor:
    for sql in {later!r}:
        cursor.execute(sql)
answer(say("plan", *{MOVE[1:]}))
"""
    )
    what = {one.format(there=there): undo.format(there=there) for one, undo in WHAT[engine].items()}
    named = [line.strip() for line in plan.partition("asks for the tables that move")[2].splitlines() if " → " in line]
    assert sorted(line for line in named if "→ auth_" in line) == sorted(f"{one} → auth_user" for one in what)
    said = project.new.inside(
        SAY
        + f"""
said = []
for _ in range({len(what)}):
    said.append(say("move", "--drop-source", "--to", "auth_db"))
    with connections["default"].cursor() as cursor:
        [cursor.execute(undo) for one, undo in {what!r}.items() if f"the {{one}} on the source" in said[-1]]
answer([*said, say("move", "--drop-source", "--to", "auth_db")])
"""
    )
    for sentence in said[:-1]:
        assert "on the source asks for auth_user, which would be gone" in sentence
    assert said[-1].startswith("done: 9 tables dropped"), said[-1]


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
        ("select 1 from (`my-shop`.`a` join `my-shop`.`tags` `t` on((`t`.`a` = `a`.`b`)))", True),
        ("select 1 from a straight_join tags", True), ("DELETE FROM ONLY tags", True), ("TRUNCATE tags", True),
        ("UPDATE OR IGNORE tags SET a = 1", True), ("SELECT 1 FROM a JOIN b ON f(a, c) = 1, tags", True),
        ("x IN (SELECT a FROM y WHERE b IN (SELECT 1 FROM tags))", True), ("UPDATE a, tags SET b = 1", True),
        ("SELECT id, tags FROM x", False), ("INSERT INTO x (id, tags) SELECT id, tags FROM y", False),
        ("select `p`.`id` AS `id`,`p`.`tags` AS `tags` from `shop`.`people` `p`", False),
        ("SELECT 1 FROM x JOIN y USING (tags), z", False), ("SELECT 1 FROM x GROUP BY a, tags", False),
        ("IF NEW.a IS DISTINCT FROM OLD.tags THEN", False), ("IF a IS DISTINCT FROM tags THEN", False),
        ("SELECT extract(year FROM tags) FROM x", False), ("SELECT replace(a, b), tags FROM x", False),
        ("CREATE TRIGGER a AFTER UPDATE OF b, tags ON x BEGIN SELECT 1; END", False),
        ("SELECT 1 FROM elsewhere.tags", False), ("SELECT 1 FROM `else-where`.`tags`", False),
    ],
)  # fmt: skip
def test_a_text_names_a_table_only_where_a_statement_does(text: str, names: bool) -> None:
    assert bool(list(leaning_texts("view", "v", text, ["tags"], ["shop", "my-shop"]))) == names


def test_what_another_database_has_must_name_this_one() -> None:
    texts = ["SELECT 1 FROM tags", "SELECT 1 FROM Shop.Tags"]
    assert [bool(list(leaning_texts("view", "v", t, ["tags"], ["shop"], bare=False))) for t in texts] == [False, True]
