"""What `manage.py check --database` finds in the databases themselves: W034, W055, W060–E066, E012 by the servers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.checks.conftest import NOWHERE, on_files
from tests.checks.said import hint, ids, of, one
from tests.conftest import MakeDatabase
from tests.legacy.project import Legacy

AUTH = ["auth", "contenttypes", "sessions", "admin"]
OWNERS = {"auth_db": AUTH, "default": "*"}

DRIFT = """
    import copy, json
    from django.core.management import call_command
    from django.db import connection, connections
    from django.test import override_settings
    from tests.checks.inside import judged
    from django.contrib.auth.models import Permission, User
    from tests.legacy.shop.models import Order

    owners, both = json.loads(OWNERS), ["default", "auth_db"]
    say = {}
    with override_settings(OUTGROW={"OWNERS": {"default": "*"}}):  # before the split; no migration makes a table twice
        for alias in both:
            call_command("migrate", database=alias, verbosity=0)
        boss = User.objects.create(username="boss")
        say["before"] = judged({"default": "*"}, databases=both)
    say["owners changed"] = judged(owners, databases=both)
    say["one alias"] = judged(owners, databases=["default"])
    say["no alias"] = judged(owners)
    say["no tables yet"] = judged({"stats_db": ["shop.Tag"], "default": "*"}, databases=["default", "stats_db"])
    claims = {"default": ["*", "table:old_visits", "table:shop_tag"]}
    say["table that is nowhere"] = judged(claims, databases=["default"])
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE old_visits (id integer)")
    say["retired table"] = judged(claims, databases=["default"])

    with override_settings(OUTGROW={"OWNERS": owners}):
        hint = next(m["hint"] for m in say["owners changed"] if m["id"] == "outgrow.E061")
        with connections["auth_db"].cursor() as cursor:  # as it says
            cursor.execute(hint[hint.index("DELETE FROM"):hint.index(" and then ")])
        call_command("migrate", database="auth_db", fake_initial=True, skip_checks=True, verbosity=0)
        say["mended"] = judged(owners, databases=both)
        Permission.objects.filter(content_type__app_label="blog").delete()
        say["no permissions"] = judged(owners, databases=both)
        call_command("migrate", database="auth_db", verbosity=0)
        say["permissions again"] = judged(owners, databases=both)

        old = Order._meta.get_field("user")
        new = copy.deepcopy(old)
        new.db_constraint = False
        with connections["default"].schema_editor() as editor:
            editor.alter_field(Order, old, new)
        say["constraint dropped"] = judged(owners, databases=both)
    answer(say)
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def drift(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A project on one database whose owners change, without anything being moved."""
    more: dict[str, str] = {}
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
        more = {"default": server.create_database(), "auth_db": server.create_database()}
    legacy = on_files(tmp_path_factory.mktemp("drift"), **more)
    yield legacy.inside(f"    OWNERS = {json.dumps(OWNERS)!r}\n" + DRIFT)
    for url in more.values():
        server.drop_database(url)


def test_nothing_drifts_before_the_owners_change(drift: dict[str, Any]) -> None:
    assert ids(drift["before"]) == []


def test_e061_the_history_claims_tables_that_are_missing_at_their_owner(drift: dict[str, Any]) -> None:
    """Pitfalls 3 and 4: `migrate` says that there is nothing to do."""
    assert one(drift["owners changed"], "E061") == (
        "django_content_type, auth_permission, auth_group, auth_group_permissions, auth_user and 4 more: owned by "
        "auth_db and missing there, where the history has them made. There are tables of these names in default."
    )
    assert hint(drift["owners changed"], "E061").startswith(
        "Move them with `manage.py outgrow move --apps contenttypes,auth,admin,sessions --from default --to auth_db`; "
        "or, to have them made, run in auth_db DELETE FROM django_migrations WHERE app IN ('admin', 'auth', 'blog', "
    )
    assert "E061" not in ids(drift["one alias"]) + ids(drift["no alias"])


def test_e061_is_mended_by_what_its_hint_says(drift: dict[str, Any]) -> None:
    assert "E061" not in ids(drift["mended"])


def test_e066_tables_that_are_elsewhere_only(drift: dict[str, Any]) -> None:
    assert one(drift["no tables yet"], "E066") == "shop_tag: in default, and not in stats_db, which owns them."
    assert "W062" not in ids(drift["no tables yet"])


def test_w062_tables_that_lie_where_nobody_looks_for_them(drift: dict[str, Any]) -> None:
    """Pitfall 9."""
    said = one(drift["mended"], "W062")
    assert said.startswith(
        "django_admin_log, auth_permission, auth_group_permissions, auth_group, auth_user_groups and "
    )
    assert said.endswith(
        ": owned by auth_db, and default has tables of that name, with rows: a query that goes astray reads them in "
        "silence."
    )
    assert "W062" in ids(drift["one alias"])


def test_w063_a_table_that_is_nowhere(drift: dict[str, Any]) -> None:
    """Pitfall 5."""
    assert one(drift["table that is nowhere"], "W063") == (
        'OUTGROW["OWNERS"]["default"] names the table "old_visits", which no model has and which is not in default.'
    )
    assert ids(drift["retired table"]) == []


def test_e064_a_foreign_key_that_the_server_has_kept(drift: dict[str, Any]) -> None:
    said = of(drift["mended"], "E064")
    assert len(said) == 7
    order = next(
        sentence for sentence in said if sentence.startswith("shop_order.user_id in default has a foreign key")
    )
    assert order.endswith(
        "to auth_user there, a table that auth_db owns: rows that refer to a row made there are refused."
    )
    left = of(drift["constraint dropped"], "E064")
    assert len(left) == 6
    assert not any(sentence.startswith("shop_order.user_id") for sentence in left)


def test_w065_models_without_permissions(drift: dict[str, Any]) -> None:
    """Pitfall 13."""
    assert one(drift["no permissions"], "W065") == (
        "blog.Article, blog.Comment have no permissions in auth_db, where auth is: `migrate` ran there before their "
        "apps were installed."
    )
    assert "W065" not in ids(drift["permissions again"])


def test_the_command_ends_with_an_error_that_names_the_drift(tmp_path: Path) -> None:
    """As a person meets it, and no file is made for a database that is not there."""
    legacy = on_files(tmp_path)
    before = Legacy(legacy.databases, {"OWNERS": {"default": "*"}}, module="tests.legacy.settings")
    for alias in ("default", "auth_db"):
        assert before.manage("migrate", "-v0", f"--database={alias}").returncode == 0
    after = Legacy(legacy.databases, {"OWNERS": OWNERS}, module="tests.legacy.settings")
    done = after.manage("check", "--database", "default", "--database", "auth_db", "--database", "stats_db")
    assert done.returncode == 1
    assert "(outgrow.E061) django_content_type, auth_permission, " in done.stderr
    assert not (tmp_path / "stats_db.sqlite3").exists()
    assert after.manage("migrate", "-v0", "--database=auth_db").returncode == 1  # it would say "nothing to apply"


# -- identity ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("engine", ["sqlite", "postgresql", "mysql", "mariadb"])
def test_e012_two_names_of_one_database_by_the_servers_own_word(
    engine: str, tmp_path: Path, make_database: MakeDatabase
) -> None:
    url = make_database(engine)
    if engine == "sqlite":
        path = Path(url.removeprefix("sqlite:///"))
        path.touch()
        os.link(path, tmp_path / "link.sqlite3")
        other = f"sqlite:///{tmp_path}/link.sqlite3"
    else:
        other = url.replace("127.0.0.1", "127.1")
        assert other != url
    legacy = on_files(tmp_path, here=url, there=other, apart=make_database(engine))
    found = legacy.inside("""
        from tests.checks.inside import judged
        three = ["here", "there", "apart"]
        split = {"here": ["visits"], "there": "*"}
        answer([judged(split), judged(split, databases=three), judged({"here": "*"}, databases=three),
                judged({"here": ["visits"], "apart": "*"}, {"here": ["there"]}, databases=three),
                judged({"here": "*"}, databases=["here", "apart"]),
                judged({"here": ["planted.Rules"], "default": "*"}, databases=["here"])])
    """)
    assert "E012" not in ids(found[0])
    assert one(found[1], "E012") == (
        "here, there are one physical database by their servers' own word, and each is declared an owner."
    )
    assert one(found[2], "W013").startswith("there and here are one physical database by their servers' own word")
    assert not {"E012", "W013"} & set(ids(found[3]) + ids(found[4]))
    # what the server's version decides is asked of the server: MariaDB has no expression indexes, MySQL has
    lost = [code for code in ("E041", "W042") if any("small_name" in sentence for sentence in of(found[5], code))]
    assert lost == (["E041", "W042"] if engine == "mariadb" else [])


# -- replicas ---------------------------------------------------------------------------------------------------------
REPLICA = """
    from django.db import connections
    from tests.checks.inside import judged
    with connections["replica"].cursor() as cursor:
        cursor.execute("CREATE TABLE some_rows (id integer)")
        cursor.execute("INSERT INTO some_rows VALUES (1)")
    connections.close_all()
    def asked(**entries):
        entries = {"replica": entries} if entries else {}
        found = judged({"default": "*"}, {"default": ["replica"]}, databases=["default", "replica"], entries=entries)
        connections["replica"].close()
        return found
    def rows():
        with connections["replica"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM some_rows")
            return cursor.fetchone()[0]
"""


def writable(found: list[dict[str, Any]]) -> list[str]:
    assert ids([m for m in found if m["id"].startswith("outgrow.W06")]) == []
    return of(found, "W055")


def test_w055_a_replica_that_can_be_written(tmp_path: Path, make_database: MakeDatabase) -> None:
    """Pitfall 26, on PostgreSQL: the server's default, or a role that may only read."""
    legacy = on_files(tmp_path, default=make_database("postgresql"), replica=make_database("postgresql"))
    found = legacy.inside(
        REPLICA
        + """
    say = [asked(), asked(OPTIONS={"options": "-c default_transaction_read_only=on"})]
    with connections["replica"].cursor() as cursor:
        cursor.execute("CREATE ROLE checks_reader NOLOGIN")
        cursor.execute("GRANT SELECT ON some_rows TO checks_reader")
        cursor.execute("CREATE TABLE auth_user (id integer)")
    connections["replica"].close()
    reader = {"assume_role": "checks_reader"}
    try:
        say.append(asked(OPTIONS=reader))
        say.append(judged({"default": "*"}, databases=["replica"], entries={"replica": {"OPTIONS": reader}}))
        connections["replica"].close()
    finally:
        with connections["replica"].cursor() as cursor:
            cursor.execute("DROP OWNED BY checks_reader")
            cursor.execute("DROP ROLE checks_reader")
    answer([*say, rows()])
    """
    )
    assert writable(found[0]) == ['The replica "replica" can be written: it took a DELETE of no row from some_rows.']
    assert writable(found[1]) == writable(found[2]) == []
    assert one(found[3], "W060") == (
        'The database "replica" could not be looked at: PostgreSQL says: permission denied for table auth_user.'
    )
    assert found[4] == 1


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_w055_on_mysql_and_mariadb(engine: str, tmp_path: Path, make_database: MakeDatabase) -> None:
    legacy = on_files(tmp_path, default=make_database(engine), replica=make_database(engine))
    found = legacy.inside(
        REPLICA
        + """
    say = [asked(), asked(OPTIONS={"init_command": "SET SESSION TRANSACTION READ ONLY"})]
    answer([*say, rows()])
    """
    )
    assert len(writable(found[0])) == 1
    assert writable(found[1]) == []
    assert found[2] == 1


def test_w055_on_sqlite_and_no_word_of_a_test_s_mirror(tmp_path: Path) -> None:
    legacy = on_files(tmp_path, replica=f"sqlite:///{tmp_path}/copy.sqlite3")
    found = legacy.inside(
        REPLICA
        + f"""
    name = "{tmp_path}/copy.sqlite3"
    say = [asked(), asked(NAME="file:" + name + "?mode=ro")]
    default = connections.settings["default"]["NAME"]
    say.append(asked(NAME=default, TEST={{"MIRROR": "default", "NAME": None}}))
    answer([*say, rows()])
    """
    )
    assert len(writable(found[0])) == 1
    assert writable(found[1]) == writable(found[2]) == []
    assert found[3] == 1


# -- servers ----------------------------------------------------------------------------------------------------------
def test_w034_pools_that_one_server_cannot_serve(tmp_path: Path, make_database: MakeDatabase) -> None:
    """Pitfall 34. A pool is never opened here, so that the library for it need not be there."""
    legacy = on_files(tmp_path, one=make_database("postgresql"), two=make_database("postgresql"))
    found = legacy.inside("""
        import os
        from django.db import connections
        from outgrow.checks.facts import Facts
        from outgrow.checks.live import budget
        from outgrow.checks.live.looking import looking
        from tests.checks.inside import as_json
        def judged(pool, processes=""):
            for alias in ("one", "two"):
                connections[alias].settings_dict["OPTIONS"] = {"pool": pool}
            os.environ["WEB_CONCURRENCY"] = processes
            with looking(Facts.gather(), ["one", "two"], []) as looks:
                return [as_json(message) for message in budget.check(looks)]
        for alias in ("one", "two"):
            connections[alias].ensure_connection()
        with connections["one"].cursor() as cursor:
            cursor.execute("SELECT current_setting('max_connections')::int")
            limit = cursor.fetchone()[0]
        answer([limit, judged({"max_size": limit // 2 + 1}), judged(True), judged(True, str(limit // 8 + 1))])
    """)
    limit, large, plain, many = found
    assert one(large, "W034").startswith(
        f"One process may open {2 * (limit // 2 + 1)} connections by the pools of one, two, and the server allows "
    )
    assert "W034" not in ids(plain)
    assert one(many, "W034").startswith(
        f"{limit // 8 + 1} processes (WEB_CONCURRENCY) may open {8 * (limit // 8 + 1)} "
    )


def test_w060_what_cannot_be_looked_at_is_not_taken_for_clean(tmp_path: Path) -> None:
    legacy = on_files(tmp_path, pg_db=f"postgresql://{NOWHERE}")
    found = legacy.inside("""
        from django.core.management import call_command
        from django.test import override_settings
        from tests.checks.inside import judged
        call_command("migrate", verbosity=0)
        with override_settings(MIGRATION_MODULES={"shop": "tests.audit.strange.torn"}):
            torn = judged({"default": "*"}, databases=["default"])
        answer([judged({"default": "*"}, databases=["default", "pg_db"]), torn])
    """)
    assert one(found[0], "W060").startswith('The database "pg_db" could not be looked at: ')
    assert "a-secret" not in json.dumps(found)
    assert one(found[1], "W060").startswith(
        'The database "default" could not be looked at: its history cannot be followed (NodeNotFoundError: '
    )
