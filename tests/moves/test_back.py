"""The way back, and the options of a move: dry run, no verify, restart, today's models."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from tests.conftest import MakeDatabase
from tests.moves import catalogs
from tests.moves.projects import Project
from tests.moves.test_archive import execute

Filled = Callable[[str], str]


def sha256(url: str) -> str:
    return hashlib.sha256(Path(url.removeprefix("sqlite:///")).read_bytes()).hexdigest()


def test_the_way_back_brings_what_was_written_since_and_keeps_the_old_file(
    the_plaza: Project, filled: Filled, make_database: MakeDatabase
) -> None:
    old, new = filled("plaza"), make_database("postgresql")
    before = sha256(old)
    the_plaza.move(old, new)
    execute("postgresql", new, "UPDATE social_tag SET name='written on the new side' WHERE id=1")
    said = the_plaza.ask(new, "digest")
    refused = the_plaza.outgrow(new, "move", to=old)
    assert refused.code == 2
    assert "--replace-target" in refused.err
    assert sha256(old) == before
    name = Path(old).name
    wrong = the_plaza.outgrow(new, "move", "--replace-target", "other.sqlite3", to=old)
    assert wrong.code == 2
    assert name in wrong.err
    the_plaza.move(new, old, "--replace-target", name)
    assert the_plaza.ask(old, "digest") == said
    [kept] = the_plaza.folder.glob(f"{name}.20??-*")
    assert re.fullmatch(rf"{name}\.\d{{4}}-\d\d-\d\d-\d{{6}}", kept.name)
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == before


def test_a_server_that_held_rows_is_replaced_only_by_name(
    the_plaza: Project, filled: Filled, make_database: MakeDatabase
) -> None:
    source, target = filled("plaza"), make_database("mysql")
    the_plaza.move(source, target)
    execute("mysql", target, "INSERT INTO social_tag (name) VALUES ('only on the target')")
    refused = the_plaza.outgrow(source, "move", to=target)
    assert refused.code == 2
    assert catalogs.rows("mysql", target, "SELECT count(*) FROM social_tag WHERE name='only on the target'") == [(1,)]
    the_plaza.move(source, target, "--replace-target", target.rpartition("/")[2])
    assert catalogs.rows("mysql", target, "SELECT count(*) FROM social_tag WHERE name='only on the target'") == [(0,)]
    assert the_plaza.ask(target, "digest") == the_plaza.ask(source, "digest")


def test_a_dry_run_audits_and_plans_and_writes_nothing(
    the_plaza: Project, filled: Filled, make_database: MakeDatabase
) -> None:
    source, target = filled("plaza"), make_database("mariadb")
    before = sha256(source)
    done = the_plaza.outgrow(source, "move", "--dry-run", to=target).ok()
    assert "This was a dry run: nothing was written." in done.out
    assert catalogs.rows("mariadb", target, "SHOW TABLES") == []
    assert sha256(source) == before
    planned = the_plaza.outgrow(source, "plan", "--json", to=target).ok().result["plan"]
    assert planned["rows"] == sum(table["rows"] for table in planned["tables"])
    assert {"social_post", "auth_user"} <= {table["name"] for table in planned["tables"]}
    assert [other["name"] for other in planned["others"]] == ["django_migrations"]
    assert planned["facts"]["target version"].startswith("MariaDB")
    assert catalogs.rows("mariadb", target, "SHOW TABLES") == []
    assert sorted(path.name for path in the_plaza.folder.iterdir()) == ["cache", "plaza.sqlite3"]


def test_what_was_not_verified_is_called_copied_until_verify_says_more(
    the_plaza: Project, filled: Filled, make_database: MakeDatabase
) -> None:
    source, target = filled("plaza"), make_database("postgresql")
    moved = the_plaza.outgrow(source, "move", "--no-verify", to=target).ok()
    assert "Every row was copied; nothing has been verified." in moved.out
    status = the_plaza.outgrow(source, "status", to=target).ok()
    assert "nothing has been verified" in status.out
    assert "copied and verified" not in moved.out + status.out
    assert "Source and target are equal" in the_plaza.outgrow(source, "verify", to=target).ok().out


def test_a_report_is_one_file_for_its_owner_and_complete(
    the_plaza: Project, filled: Filled, make_database: MakeDatabase
) -> None:
    source, target = filled("plaza"), make_database("postgresql")
    the_plaza.move(source, target)
    the_plaza.outgrow(source, "report", "--html", "report.html", to=target).ok()
    page = (the_plaza.folder / "report.html").read_text()
    for table in catalogs.counts("postgresql", target):
        assert f"<code>{table}</code>" in page
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page), "it needs the network"
    password = re.search(r":([^:@/]+)@", target)
    assert password is None or password[1] not in page


def test_restart_begins_again_from_an_unfinished_move(
    the_zoo: Project, filled: Filled, make_database: MakeDatabase
) -> None:
    source, target = filled("zoo"), make_database("postgresql")
    assert the_zoo.outgrow(source, "move", to=target).code == 1  # the audit of the target stops it half way
    again = the_zoo.outgrow(source, "move", "--fix", "A703=archive", to=target)
    assert again.code == 2
    assert "--resume" in again.err
    assert "--restart" in again.err
    report = the_zoo.move(source, target, "--fix", "A703=archive", "--restart")["report"]
    assert report["state"] == "verified"
    assert report["run"] == 2


def test_today_s_models_are_a_way_when_old_migrations_are_none(
    the_plaza: Project, filled: Filled, make_database: MakeDatabase
) -> None:
    source, target = filled("plaza"), make_database("mysql")
    the_plaza.move(source, target, "--schema", "current")
    assert the_plaza.ask(target, "digest") == the_plaza.ask(source, "digest")
    assert "No migrations to apply" in the_plaza.manage(target, "migrate")
    assert "[ ]" not in the_plaza.manage(target, "showmigrations")
