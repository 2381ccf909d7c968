"""What crosses the planned owners is found where it happens, on every engine, and nothing else is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import forks
from tests.conftest import MakeDatabase
from tests.engines import ENGINES
from tests.legacy.project import ROOT, Legacy
from tests.moves.test_versions import LIBRARY
from tests.moves.venvs import interpreter, python_with

APPS = ("admin", "auth", "contenttypes", "sessions", "people", "shop", "blog")
AUTH = ["auth_db", "default"]
CODE = "tests/rehearse/crossing/code.py"
USER_ORDER = ["auth_user", "shop_order"]
GROUP_CATEGORY = ["auth_group", "shop_category"]
EXPECTED: dict[str, list[tuple[str, list[str]]]] = {
    "shown_join": [("join", USER_ORDER)],
    "filtering_join": [("join", USER_ORDER)],
    "redundant_join": [("join", ["auth_user", "people_profile", "people_profile_teams", "shop_order"])],
    "subquery": [("subquery", USER_ORDER)],
    "subquery_of_a_delete": [("subquery", USER_ORDER)],
    "union": [("union", GROUP_CATEGORY)],
    "raw": [("join", USER_ORDER)],
    "unknown_table": [("join", ["old_visits", "shop_order"])],
    "cte_of_its_tables_name": [],
    "filled_table": [("subquery", ["kept_orders", "shop_order"])],
    "temporary_table": [],
    "temporary_table_that_was_dropped": [("join", ["auth_user", "picked"])],
    "temporary_table_of_a_connection_that_is_over": [("join", ["auth_user", "picked"])],
    "hidden_by_a_temporary_table": [],
    "hidden_until_a_rollback": [("join", USER_ORDER)],
    "hidden_until_a_savepoint": [("join", USER_ORDER)],
    "many_keys": [],
    "both_sides": [("transaction", GROUP_CATEGORY)],
    "both_sides_by_savepoint": [("transaction", GROUP_CATEGORY)],
    "both_sides_by_hand": [("transaction", GROUP_CATEGORY)],
    "cascade": [("transaction", ["django_admin_log", "shop_line"])],
    "one_after_the_other": [],
    "locks": [("join", ["auth_user", "shop_line", "shop_order"])],
    "atomic_on_default": [("atomic", ["auth_group"])],
    "atomic_by_the_router": [],
    "on_commit_on_default": [("on_commit", ["auth_group"])],
    "allowed": [],
    "allowed_function": [],
    "allowed_coroutine": [],
    "expired": [("join", USER_ORDER)],
    "in_threads": [("join", USER_ORDER)],
    "in_async": [("join", ["auth_user", "blog_article"]), ("transaction", GROUP_CATEGORY)],
    "nothing": [],
}
Found = dict[str, Any]


def each(url: str, python: str = sys.executable) -> Found:
    """Every function of `crossing.code` in a rehearsal of its own, in a process of its own."""
    quick = {"MIGRATION_MODULES": dict.fromkeys(APPS)}  # the tables at once, without their history
    environment = Legacy({"default": url}, None, quick).environment
    done = forks.run(["-m", "tests.rehearse.crossing.each"], cwd=ROOT, env=environment, timeout=280, python=python)
    assert done.returncode == 0, done.stderr
    answer: Found = json.loads(done.stdout.rpartition("ANSWER ")[2])
    return answer


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Found:
    return each(f"sqlite:///{tmp_path_factory.mktemp('each')}/one.sqlite3")


def kinds(found: Found) -> dict[str, list[tuple[str, list[str]]]]:
    return {name: [(f["kind"], f["tables"]) for f in findings] for name, findings in found["found"].items()}


def test_every_crossing_is_found_and_nothing_else(sqlite: Found) -> None:
    assert kinds(sqlite) == EXPECTED
    assert sqlite["failures"] == 0


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_the_statements_of_every_engine_are_understood(engine: str, make_database: MakeDatabase) -> None:
    found = each(make_database(engine))
    tables = ["auth_user", "shop_line", "shop_order"]
    kept = {} if engine == "postgresql" else {"hidden_until_a_rollback": [], "hidden_until_a_savepoint": []}
    inner = {"cte_of_its_tables_name": [("subquery", USER_ORDER)]}
    assert kinds(found) == {**EXPECTED, "locks": [("join", tables), ("transaction", tables)], **inner, **kept}
    assert found["failures"] == 0


def test_afterwards_the_connections_are_as_before(sqlite: Found) -> None:
    assert sqlite["as before"] is True
    assert sqlite["marks"] == []


def test_each_names_the_innermost_line_of_the_project_also_across_async(sqlite: Found) -> None:
    def wheres(name: str) -> set[str]:
        return {finding["where"] for finding in sqlite["found"][name]}

    assert wheres("shown_join") == {f"{CODE}::shown_join"}
    assert wheres("both_sides_by_savepoint") == {f"{CODE}::both_sides_by_savepoint"}
    assert wheres("in_async") == {f"{CODE}::_async_join", f"{CODE}::_async_transaction.<locals>.write"}
    lines = {f["line"]: f["where"] for f in sqlite["found"]["shown_join"]}
    [line] = lines
    assert "select_related" in (ROOT / CODE).read_text().splitlines()[line - 1]


def test_no_value_is_ever_shown(sqlite: Found) -> None:
    assert "a secret" not in json.dumps(sqlite)
    assert sqlite["found"]["raw"][0]["sql"].endswith("where o.user_id = u.id and u.username = ?")


def test_the_first_cure_fits_what_was_done(sqlite: Found) -> None:
    def first(name: str) -> str:
        return str(sqlite["found"][name][0]["cures"][0])

    assert first("shown_join").startswith("prefetch_related() instead of select_related()")
    assert first("filtering_join").startswith("two queries: read the keys first")
    assert first("redundant_join").startswith("drop the join")
    assert first("cascade").startswith("a loose reference")
    assert first("unknown_table").startswith('say whose table it is: "table:name"')
    assert first("atomic_on_default") == 'atomic(using="auth_db")'
    assert first("on_commit_on_default") == 'on_commit(…, using="auth_db")'


def test_pitfall_9_a_subquery_of_another_owner_is_found_before_it_silently_reads_a_stale_copy(sqlite: Found) -> None:
    for name in ("subquery", "subquery_of_a_delete"):
        [found] = sqlite["found"][name]
        assert (found["kind"], found["owners"]) == ("subquery", AUTH)
        assert found["message"] == "a subquery across auth_user and shop_order, which auth_db and default will own"


def test_pitfall_10_a_join_of_two_owners_names_both_tables_their_owners_and_prefetch_related(sqlite: Found) -> None:
    [found] = sqlite["found"]["shown_join"]
    assert found["message"] == "a join of auth_user and shop_order, which auth_db and default will own"
    assert "prefetch_related()" in found["cures"][0]


def test_an_unknown_table_has_an_owner_of_its_own(sqlite: Found) -> None:
    assert sqlite["found"]["unknown_table"][0]["owners"] == ["default", "nobody knows: old_visits"]


def test_an_exemption_that_has_ended_says_so_and_hides_nothing(sqlite: Found) -> None:
    [(issue, said)] = sqlite["expired"].items()
    assert said == (
        f"the exemption for {issue} ended with 2020-02: cure what it allowed, or agree on a later date and write it "
        "there."
    )
    assert said in sqlite["found"]["expired"][0]["message"]


def test_threads_have_transactions_of_their_own(sqlite: Found) -> None:
    assert [(f["kind"], f["count"]) for f in sqlite["found"]["in_threads"]] == [("join", 2)]


PAIRS = {"oldest": ("3.11", "Django~=4.2.0"), "newest": ("3.13", "Django")}


@pytest.mark.parametrize("pair", PAIRS)
def test_the_blocks_of_the_oldest_and_the_newest_django_are_understood(pair: str, tmp_path: Path) -> None:
    version, framework = PAIRS[pair]
    found = each(f"sqlite:///{tmp_path}/one.sqlite3", python_with(interpreter(version), framework, *LIBRARY))
    assert found["django"].startswith("4.2.") == (pair == "oldest")
    assert kinds(found) == EXPECTED
    assert (found["failures"], found["as before"]) == (0, True)
