"""What the database's first start makes: a role that migrates and owns the tables, and one that has their rows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.conftest import run_outgrow, write_project
from tests.engines import PrivateServer, Server, start_private
from tests.engines.origins import clients


def prepared(folder: Path, server: PrivateServer) -> dict[str, str]:
    """The server after deploy/database/init.sh; the passwords by file."""
    engine = server.engine
    site = write_project(folder)
    assert run_outgrow(site, "deploy", "init", "--database", engine).returncode == 0
    subprocess.run([sys.executable, "deploy/make_secrets.py"], cwd=site, check=True, capture_output=True)
    secrets = site / "deploy/secrets"
    if engine != "postgresql":
        options = secrets / "database_root_options"
        options.chmod(0o600)
        login = {"host": server.host, "port": server.port, "user": server.user, "password": server.password}
        options.write_text("[client]\nprotocol=tcp\n" + "".join(f"{name}={value}\n" for name, value in login.items()))
    environment = {
        **os.environ, "PATH": f"{clients(engine, folder / 'bin')}:{os.environ['PATH']}", "SECRETS_FOLDER": str(secrets),
        "PGHOST": server.host, "PGPORT": str(server.port), "PGUSER": server.user, "PGPASSWORD": server.password,
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "deploy/database/init.sh"], cwd=site, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return {file.name: file.read_text() for file in secrets.iterdir()}


def as_role(server: Server, made: dict[str, str], role: str) -> Server:
    """The same server, asked by one of the roles."""
    return type(server)(
        server.engine, server.host, server.port, f"shop_{role}", made[f"default_{role}_password"], "", home="shop"
    )


def refused(server: Server, statement: str) -> bool:
    try:
        server.sql(statement, "shop")
    except Exception as error:  # each driver has its own; what counts is that it is about rights
        said: Any = str(error).lower()
        return "denied" in said or "must be owner" in said
    return False


@pytest.mark.slow(0.3)
@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb"])
def test_who_serves_can_change_rows_and_no_table(tmp_path: Path, engine: str) -> None:
    with start_private(engine) as server:
        made = prepared(tmp_path / "work", server)
        migrating, serving = as_role(server, made, "migrate"), as_role(server, made, "app")
        migrating.sql("CREATE TABLE note (id integer PRIMARY KEY, text varchar(20))", "shop")
        migrating.sql("ALTER TABLE note ADD more integer", "shop")
        serving.sql("INSERT INTO note (id, text) VALUES (1, 'a')", "shop")
        serving.sql("UPDATE note SET text = 'b'", "shop")
        assert serving.sql("SELECT text FROM note", "shop") == [("b",)]
        serving.sql("DELETE FROM note", "shop")
        for statement in ("DROP TABLE note", "ALTER TABLE note ADD yet integer", "CREATE TABLE other (id integer)"):
            assert refused(serving, statement), statement
