"""The six commands on a real project and real servers: what they print, write, and leave with."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.conftest import MakeDatabase
from tests.engines import ENGINES

ROWS = 500
Fill = Callable[..., None]


@pytest.fixture
def fill(shop: Path, manage: Run) -> Fill:
    """`fill(500)` makes the source with so many groups; `bad` of them have names longer than their column."""

    def run(rows: int = ROWS, bad: int = 0) -> None:
        assert manage("migrate", "-v0").returncode == 0
        with sqlite3.connect(shop / "shop.sqlite3") as file:
            names = ((n, f"group {n}" + "x" * 200 * (n <= bad)) for n in range(1, rows + 1))
            file.executemany("INSERT INTO auth_group (id, name) VALUES (?, ?)", names)
        file.close()

    return run


@pytest.fixture
def target(make_database: MakeDatabase, request: pytest.FixtureRequest) -> dict[str, str]:
    """The environment with a target in it: PostgreSQL, or the engine that the test names."""
    return {"TARGET": make_database(getattr(request, "param", "postgresql"))}


def quick_start() -> list[str]:
    """The console that the README shows."""
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    return text.partition("```console\n")[2].partition("```")[0].splitlines()


def secret_of(target: dict[str, str]) -> str:
    login = target["TARGET"].partition("://")[2].rpartition("@")[0]
    return login.partition(":")[2]


def events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("target", ENGINES, indirect=True)
def test_a_move_is_audited_copied_verified_and_reported(
    outgrow: Run, fill: Fill, target: dict[str, str], shop: Path
) -> None:
    fill()
    before = (shop / "shop.sqlite3").read_bytes()
    done = outgrow("move", "--to", "env:TARGET", env=target)
    assert done.returncode == 0, done.stderr
    for part in ("Every row was copied and verified", "auth_group", 'DATABASES["default"] = {', "counted"):
        assert part in done.stdout
    for step in ("check", "audit source", "schema", "copy", "restore", "verify", "settings"):
        assert f"{step}: done in" in done.stderr
    assert (shop / "shop.sqlite3").read_bytes() == before
    for command in (["status"], ["report"], ["verify"], ["report", "--html", "page.html"]):
        later = outgrow(*command, env=target)
        assert later.returncode == 0, later.stderr
        for text in (later.stdout, later.stderr, done.stdout, done.stderr):
            assert not secret_of(target) or secret_of(target) not in text
    page = shop / "page.html"
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert "auth_group" in page.read_text()


def test_json_is_one_object_a_line_and_ends_with_the_result(outgrow: Run, fill: Fill, target: dict[str, str]) -> None:
    fill()
    assert events(outgrow("audit", "--to", "env:TARGET", "--json", env=target).stdout)[-1]["would_lose"] is False
    assert events(outgrow("plan", "--to", "env:TARGET", "--json", env=target).stdout)[-1]["plan"]["source"]
    lines = events(outgrow("move", "--to", "env:TARGET", "--json", env=target).stdout)
    assert lines[-1]["kind"] == "result"
    assert lines[-1]["report"]["state"] == "verified"
    finished = [line["step"] for line in lines if line["kind"] == "step_finished"]
    assert {"audit source", "schema", "copy", "restore", "verify", "settings"} <= set(finished)
    assert events(outgrow("verify", "--json", env=target).stdout)[-1]["equal"] is True
    assert events(outgrow("status", "--json", env=target).stdout)[0]["tables"]["auth_group"] == "verified"
    assert json.loads(outgrow("report", "--json", env=target).stdout)["rows"] >= ROWS


def test_the_audit_ends_with_1_when_rows_would_be_lost_and_a_move_writes_nothing(
    outgrow: Run, fill: Fill, target: dict[str, str]
) -> None:
    fill(bad=3)
    audit = outgrow("audit", "--to", "env:TARGET", env=target)
    assert audit.returncode == 1
    assert "A101" in audit.stdout
    assert "keys: 1, 2, 3" in audit.stdout
    assert "xxx" not in audit.stdout
    move = outgrow("move", env=target)
    assert (move.returncode, move.stdout) == (1, "")
    assert "A101" in move.stderr.splitlines()[-1]
    assert "no move has begun" in outgrow("status", env=target).stderr
    error = events(outgrow("move", "--json", env=target).stdout)[-1]
    assert (error["kind"], error["exit_code"], error["findings"][0]["keys"]) == ("error", 1, [[1], [2], [3]])
    assert outgrow("audit", "--fix", "A101=cut", env=target).returncode == 0
    fixed = outgrow("move", "--fix", "A101=cut", env=target)
    assert fixed.returncode == 0, fixed.stderr
    printed = re.sub(r"PostgreSQL \S+ on [\d.]+:\d+", "PostgreSQL shop on db.example:5432", audit.stdout + fixed.stdout)
    shown = [line for line in quick_start() if line.strip() and line != "…" and not line.startswith("$ ")]
    assert len(shown) > 8
    assert [line for line in shown if line not in printed.splitlines()] == []
    assert "A101=cut to 150 in auth_group: 3 values" in fixed.stdout


def test_the_audit_names_models_that_a_router_keeps_in_another_database(
    outgrow: Run, shop: Path, fill: Fill, target: dict[str, str]
) -> None:
    (shop / "shop" / "routers.py").write_text(
        "class Elsewhere:\n"
        "    def allow_migrate(self, db, app_label, **hints):\n"
        "        return app_label != 'sessions'\n"
    )
    with (shop / "shop" / "settings.py").open("a") as settings:
        settings.write('INSTALLED_APPS.append("django.contrib.sessions")\n')
        settings.write('DATABASE_ROUTERS = ["shop.routers.Elsewhere"]\n')
    fill()
    audit = outgrow("audit", "--to", "env:TARGET", env=target)
    assert audit.returncode == 0, audit.stderr
    assert "1 model(s) live in another database: sessions.Session" in audit.stdout
    assert "no migration is pending" not in audit.stdout


def test_a_dry_run_and_a_plan_write_nothing(outgrow: Run, fill: Fill, tmp_path: Path) -> None:
    fill()
    file = tmp_path / "new.sqlite3"
    dry = outgrow("move", "--to", f"sqlite:///{file}", "--dry-run")
    assert (dry.returncode, "nothing was written" in dry.stdout) == (0, True)
    plan = outgrow("plan")
    assert "auth_group" in plan.stdout
    assert not file.exists()


def test_verify_ends_with_1_and_names_rows_without_their_values(outgrow: Run, fill: Fill, tmp_path: Path) -> None:
    fill()
    file = tmp_path / "new.sqlite3"
    assert outgrow("move", "--to", f"sqlite:///{file}").returncode == 0
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE auth_group SET name = 'grOup 7' WHERE id = 7")
        connection.execute("DELETE FROM auth_group WHERE id = 9")
    connection.close()
    done = outgrow("verify")
    assert done.returncode == 1
    assert "auth_group id=7 column name: source has 7 characters, #" in done.stdout
    assert "id=9" in done.stdout
    assert "grOup 7" not in done.stdout
    assert "grOup 7" in outgrow("verify", "--show-values").stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["move"], "--to"),
        (["move", "--to", "nowhere"], "has no alias 'nowhere'"),
        (["move", "--to", "nowhere"], "or a URL such as postgres://user@host:5432/name."),
        (["move", "--to", "sqlite:///new.sqlite3", "--fix", "A110=cut"], "--fix A110=cut names no rule"),
        (["audit", "--to", "sqlite:///new.sqlite3", "--fix", "A501=cut"], "it offers null, reject."),
        (["move", "--to", "server"], "127.0.0.1"),
        (["audit", "--to", "postgres://bob:hunter2@127.0.0.1:1/shop"], "127.0.0.1"),
        (["move", "--to", "default"], "one and the same database"),
        (["status", "--to", "sqlite:///none.sqlite3"], "no move has begun"),
        (["report", "--to", "sqlite:///none.sqlite3"], "no move has begun"),
        (["verify", "--to", "default", "--from", "nowhere"], "has no alias 'nowhere'"),
        (["move", "--to", "sqlite:///new.sqlite3", "--resume"], "nothing to resume"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_2(
    outgrow: Run, fill: Fill, arguments: list[str], sentence: str
) -> None:
    fill(5)
    done = outgrow(*arguments, "-v0")
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert sentence in last
    for text in (done.stderr, done.stdout):
        assert "Traceback" not in text
        assert "hunter2" not in text


def test_the_unforeseen_is_one_sentence_and_a_file_for_its_owner_only(
    outgrow: Run, fill: Fill, shop: Path, tmp_path: Path
) -> None:
    fill(5)
    (shop / "shop" / "models.py").write_text(
        "from django.db import models\n"
        "class Strange(models.TextField):\n"
        "    def get_internal_type(self):\n"
        "        raise RuntimeError(open('message').read())\n"
        "class Thing(models.Model):\n"
        "    name = Strange()\n"
    )
    (shop / "message").write_text("Duplicate entry 'joe@example.com', password=hunter2")
    settings = shop / "shop" / "settings.py"
    settings.write_text(settings.read_text().replace('"django.contrib.auth"]', '"django.contrib.auth", "shop"]'))
    with sqlite3.connect(shop / "shop.sqlite3") as connection:
        connection.execute(
            "CREATE TABLE shop_thing (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name text NOT NULL)"
        )
    connection.close()
    done = outgrow("plan", "--to", "sqlite:///new.sqlite3")
    assert done.returncode == 70
    assert "Something unforeseen happened (RuntimeError)" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    (file,) = tmp_path.glob("outgrow-traceback-*.txt")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text()
    assert "RuntimeError: Duplicate entry <15 characters, #" in text
    assert "joe" not in text + done.stderr
    assert "hunter2" not in text + done.stderr
    shown = outgrow("plan", "--to", "sqlite:///new.sqlite3", "--traceback").stderr
    assert "Traceback (most recent call last)" in shown
    assert "joe" not in shown


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_move_says_how_to_go_on_and_can(
    outgrow: Run, fill: Fill, target: dict[str, str], shop: Path, environment: dict[str, str], number: signal.Signals
) -> None:
    fill(300_000)
    process = subprocess.Popen(
        [sys.executable, "-m", "outgrow", "move", "--to", "env:TARGET", "--json"], cwd=shop,
        env={**environment, **target}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line).get("step") == "copy":
            os.kill(process.pid, number)
            break
    output, errors = process.communicate(timeout=60)
    status = outgrow("status", env=target).stdout
    if number is signal.SIGKILL:
        assert f"process {process.pid} on {socket.gethostname()} no longer runs" in status
    else:
        assert process.returncode == 130
        assert errors.splitlines()[-1] == "Stopped: go on with `outgrow move --to env:TARGET --resume`."
        assert "Traceback" not in errors
        assert events(output)[-1]["exit_code"] == 130
    assert "nobody is at work on it: go on with `outgrow move --resume`" in status
    assert "is at work;" not in status
    resumed = outgrow("move", "--to", "env:TARGET", "--resume", env=target)
    assert resumed.returncode == 0, resumed.stderr
    assert "Every row was copied and verified" in resumed.stdout


def test_the_command_under_manage_py_does_the_same(manage: Run, fill: Fill, shop: Path, target: dict[str, str]) -> None:
    fill()
    settings = shop / "shop" / "settings.py"
    settings.write_text(settings.read_text().replace('"django.contrib.auth"]', '"django.contrib.auth", "outgrow"]'))
    done = manage("outgrow", "move", "--to", "env:TARGET", env=target)
    assert done.returncode == 0, done.stderr
    assert manage("outgrow", "verify", env=target).returncode == 0
    assert manage("makemigrations", "--check", "--dry-run").returncode == 0


def test_a_terminal_that_knows_ascii_only_gets_all_of_it_in_ascii(outgrow: Run, fill: Fill, tmp_path: Path) -> None:
    fill()
    done = outgrow("audit", "--to", f"sqlite:///{tmp_path}/한글.sqlite3", env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, "\\ud55c\\uae00.sqlite3" in done.stdout) == (0, True), done.stderr


def test_a_frozen_source_has_no_other_writers_and_a_replaced_file_keeps_its_mode(
    outgrow: Run, fill: Fill, tmp_path: Path
) -> None:
    fill()
    file = tmp_path / "old.sqlite3"
    with sqlite3.connect(file) as old:
        old.execute("CREATE TABLE secret AS SELECT 1")
    old.close()
    file.chmod(0o640)
    done = outgrow("move", "--to", f"sqlite:///{file}", "--freeze", "--replace-target", file.name)
    assert done.returncode == 0, done.stderr
    assert "A801" not in done.stdout
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("old.sqlite3*")} == {0o640}


WRITER = """
import os, signal, sqlite3, sys
file = sqlite3.connect(sys.argv[1], isolation_level=None)
file.execute("PRAGMA journal_mode=WAL")
file.execute("PRAGMA wal_autocheckpoint=0")
for statement in sys.argv[2:]:
    file.execute(statement)
os.kill(os.getpid(), signal.SIGKILL)
"""


def leave_a_wal(file: Path, *statements: str) -> None:
    """What a writer leaves that was killed: committed rows in the WAL alone."""
    subprocess.run([sys.executable, "-c", WRITER, str(file), *statements], check=False)
    assert Path(f"{file}-wal").stat().st_size > 0


def column(file: Path, query: str) -> list[Any]:
    with sqlite3.connect(file) as opened:
        found = [row[0] for row in opened.execute(query)]
    opened.close()
    return found


def test_rows_in_a_wal_are_moved_and_the_wal_of_a_replaced_file_stays_with_it(
    outgrow: Run, fill: Fill, shop: Path, tmp_path: Path
) -> None:
    fill()
    leave_a_wal(shop / "shop.sqlite3", "INSERT INTO auth_group (id, name) VALUES (9999, 'in the WAL alone')")
    file = tmp_path / "old.sqlite3"
    leave_a_wal(file, "CREATE TABLE old (name)", "INSERT INTO old VALUES ('kept')")
    done = outgrow("move", "--to", f"sqlite:///{file}", "--replace-target", file.name)
    assert done.returncode == 0, done.stderr
    assert column(file, "SELECT name FROM auth_group WHERE id=9999") == ["in the WAL alone"]
    assert column(file, "SELECT name FROM sqlite_master WHERE name='old'") == []
    [kept] = list(tmp_path.glob("old.sqlite3.20*"))
    assert column(kept, "SELECT name FROM old") == ["kept"]
    assert column(shop / "shop.sqlite3", "SELECT count(*) FROM auth_group") == [ROWS + 1]
    alone = tmp_path / "alone.sqlite3"
    leave_a_wal(alone, "CREATE TABLE old (name)")
    alone.rename(tmp_path / "moved by hand.sqlite3")
    refused = outgrow("move", "--to", f"sqlite:///{alone}")
    assert (refused.returncode, "alone.sqlite3-wal" in refused.stderr) == (2, True)
    assert Path(f"{alone}-wal").stat().st_size > 0
    assert not alone.exists()


def test_what_only_the_second_audit_finds_is_told_with_the_way_on(
    outgrow: Run, fill: Fill, shop: Path, tmp_path: Path
) -> None:
    fill()
    with sqlite3.connect(shop / "shop.sqlite3") as file:
        file.executescript("DROP TABLE auth_group; CREATE TABLE auth_group (id integer PRIMARY KEY, name varchar(150))")
        file.executemany("INSERT INTO auth_group VALUES (?, 'twice')", [(1,), (2,)])
    target = ("--to", f"sqlite:///{tmp_path}/new.sqlite3")
    move = outgrow("move", *target)
    assert (move.returncode, "A503" in move.stderr) == (1, True)
    said = move.stderr.splitlines()[-1]
    assert all(part in said for part in ("no row was copied", "outgrow report", "--resume"))
    assert "keys: 1, 2" in outgrow("report", *target).stdout
    file.execute("UPDATE auth_group SET name='once' WHERE id=1")
    file.commit()
    file.close()
    assert outgrow("move", *target, "--resume").returncode == 0


def test_what_the_project_printed_while_its_schema_failed_is_kept_in_a_file_that_is_named(
    outgrow: Run, manage: Run, shop: Path, tmp_path: Path
) -> None:
    (shop / "boom" / "migrations").mkdir(parents=True)
    for package in (shop / "boom", shop / "boom" / "migrations"):
        (package / "__init__.py").write_text("")
    (shop / "boom" / "migrations" / "0001_initial.py").write_text(BOOM)
    settings = shop / "shop" / "settings.py"
    settings.write_text(settings.read_text().replace('"django.contrib.auth"]', '"django.contrib.auth", "boom"]'))
    assert manage("migrate", "-v0").returncode == 0
    move = ("move", "--to", f"sqlite:///{tmp_path}/new.sqlite3")
    done = outgrow(*move, env={"BOOM": "1"})
    assert (done.returncode, "boom.0001_initial cannot run on SQLite: it went bang" in done.stderr) == (2, True)
    name = done.stderr.splitlines()[-1].rpartition("what the project printed is in ")[2].partition(",")[0]
    file = Path(name)
    log = file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "the fuse is lit by ********" in log
    assert "0001_initial.py" in log
    assert "a-key-nobody-may-see" not in log + done.stderr + outgrow(*move, "--traceback", env={"BOOM": "1"}).stderr


BOOM = """
import os
from django.conf import settings
from django.db import migrations

def bang(apps, editor):
    if os.environ.get("BOOM"):
        print("the fuse is lit by", settings.SECRET_KEY)
        raise RuntimeError("it went bang")

class Migration(migrations.Migration):
    operations = [migrations.RunPython(bang)]
"""
