"""A backup taken under load, restored into a fresh server: every row is that of the dump, and a changed one is seen."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest

from tests.conftest import require
from tests.deploy.conftest import run_outgrow, write_project
from tests.engines import Server, start_private
from tests.engines.origins import clients

ROWS = {
    "postgresql": "INSERT INTO note SELECT n, 'row ' || n FROM generate_series(1, 2000) n",
    "mariadb": "INSERT INTO note SELECT seq, concat('row ', seq) FROM seq_1_to_2000",
    "mysql": "INSERT INTO note WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 2000) "
    "SELECT /*+ SET_VAR(cte_max_recursion_depth = 3000) */ n, concat('row ', n) FROM s",
}


def site(folder: Path, engine: str) -> Path:
    """A project with our scripts, whose one database is called "shop"."""
    made = write_project(folder)
    assert run_outgrow(made, "deploy", "init", "--database", engine).returncode == 0
    return made


def run(folder: Path, script: str, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["bash", f"deploy/{script}", *arguments]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120
    )


def logged_in(server: Server, folder: Path) -> dict[str, str]:
    """What lets the server's own programs in, of the version that it has."""
    options = folder / f"{server.port}.cnf"
    login = {"host": server.host, "port": server.port, "user": server.user, "password": server.password}
    options.write_text("[client]\nprotocol=tcp\n" + "".join(f"{name}={value}\n" for name, value in login.items()))
    return {
        "PATH": f"{clients(server.engine, folder / 'bin')}:{os.environ['PATH']}",
        "PGHOST": server.host, "PGPORT": str(server.port),
        "PGPASSWORD": server.password, "PGUSER": server.user, "OPTIONS": str(options), "IN_SERVER": "", "IN_FRESH": "",
    }  # fmt: skip


@pytest.mark.slow(0.5)
@pytest.mark.parametrize("engine", ROWS)
def test_a_backup_under_load_is_restored_with_equal_rows(tmp_path: Path, engine: str) -> None:
    folder = site(tmp_path / "work", engine)
    with start_private(engine) as server, start_private(engine) as fresh:
        server.create_database("shop")
        server.sql("CREATE TABLE note (id bigint PRIMARY KEY, text text)", "shop")
        server.sql(ROWS[engine], "shop")
        over = threading.Event()

        def writes() -> None:
            number = 10_000
            while not over.is_set():
                number += 1
                text = "E'tab\\t and \\\\.'" if engine == "postgresql" else "'tab\\t, quote\\' and ;'"
                server.sql(f"INSERT INTO note VALUES ({number}, {text})", "shop")

        writer = threading.Thread(target=writes)
        writer.start()
        try:
            made = run(folder, "backup.sh", logged_in(server, tmp_path))
        finally:
            over.set()
            writer.join()
        assert made.returncode == 0, made.stderr
        proved = run(folder, "restore_test.sh", logged_in(fresh, tmp_path), made.stdout.strip())
        assert proved.returncode == 0, proved.stderr
        assert proved.stdout.startswith("shop: restored, every row equal")
        assert fresh.sql("SELECT count(*) FROM note WHERE id <= 2000", "shop") == [(2000,)]


def test_a_damaged_backup_is_refused(tmp_path: Path) -> None:
    folder = site(tmp_path / "work", "postgresql")
    server = require("postgresql")
    backup = folder / "deploy/backups/2026-11-30T010203Z"
    backup.mkdir(parents=True)
    (backup / "shop.dump").write_text("not what was dumped")
    (backup / "SHA256SUMS").write_text(f"{'0' * 64}  shop.dump\n")
    proved = run(folder, "restore_test.sh", logged_in(server, tmp_path))
    assert proved.returncode == 1
    assert "shop.dump: FAILED" in proved.stdout + proved.stderr


def test_old_backups_are_removed_and_nothing_else_of_their_folder(tmp_path: Path) -> None:
    folder, backups = site(tmp_path / "work", "postgresql"), tmp_path / "backups"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/pg_dump").write_text("#!/bin/sh\necho rows\n")
    (tmp_path / "bin/pg_dump").chmod(0o755)
    for name in ("photos", "2020-01-01T010203Z", "2020-01-02T010203Z.part"):
        (backups / name).mkdir(parents=True)
        os.utime(backups / name, (0, 0))
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    made = run(folder, "backup.sh", {"PATH": path, "IN_SERVER": "", "BACKUPS": str(backups)})
    assert made.returncode == 0, made.stderr
    assert {one.name for one in backups.iterdir()} == {"photos", Path(made.stdout.strip()).name}
