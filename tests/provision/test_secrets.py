"""A password is in the file, or printed once, and nowhere else: no log, no list of processes, no output, no error."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from outgrow.dialects.provisioning.mysql import verifiers
from outgrow.errors import Unreachable
from outgrow.events import Event
from outgrow.provision import envfile
from tests.engines import Server
from tests.provision.conftest import Site, passwords

ROOT = Path(__file__).parents[2]


def run(site: Site, folder: Path, *more: str, on: str = "env:ADMIN_URL") -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, in a folder without a project."""
    return subprocess.run(
        [sys.executable, "-m", "outgrow", "provision", "--on", on, "--name", site.name, *more, *flags(site)],
        cwd=folder, capture_output=True, text=True, check=False, env=environment(site),
    )  # fmt: skip


def flags(site: Site) -> list[str]:
    return [] if site.tls else ["--without-tls"]


def environment(site: Site) -> dict[str, str]:
    known = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    return {**known, "ADMIN_URL": site.server.url(), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}


def secrets_of(file: Path) -> list[str]:
    return passwords(envfile.read(file).values)


def everything_logged(site: Site) -> str:
    """With every statement logged as it came."""
    if site.postgresql:
        return site.server.log()  # type: ignore[attr-defined, no-any-return]
    rows = site.server.sql("SELECT argument FROM mysql.general_log")
    return "\n".join(row[0].decode(errors="replace") if isinstance(row[0], bytes) else str(row[0]) for row in rows)


@pytest.fixture
def logging(new: Site) -> Site:
    if new.postgresql:
        new.server.sql("ALTER SYSTEM SET log_statement = 'all'")
        new.server.sql("SELECT pg_reload_conf()")
        time.sleep(0.2)
    else:
        new.server.sql("SET GLOBAL log_output = 'TABLE'")
        new.server.sql("SET GLOBAL general_log = 1")
    return new


def test_the_servers_log_of_every_statement_has_no_password(logging: Site, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    try:
        logging.provision(env=str(file))
        logging.provision(env=str(file), new_passwords=True)
        logged = everything_logged(logging)
    finally:
        if logging.postgresql:
            logging.server.sql("ALTER SYSTEM RESET log_statement")
            logging.server.sql("SELECT pg_reload_conf()")
        else:
            logging.server.sql("SET GLOBAL general_log = 0")
    assert f"{logging.name}_app" in logged
    assert [secret for secret in secrets_of(file) if secret in logged] == []


def test_output_and_the_list_of_processes_have_no_password(new: Site, tmp_path: Path) -> None:
    seen: set[str] = set()
    environments: set[str] = set()
    done = threading.Event()

    def look() -> None:
        """What `ps` shows of every process: its arguments to everybody, its environment to its owner."""
        while not done.is_set():
            for process in psutil.process_iter(["cmdline", "environ"]):
                seen.update(process.info["cmdline"] or ())
                environments.update((process.info["environ"] or {}).values())
            time.sleep(0.05)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        ended = run(new, tmp_path, "--env", ".env", "-v", "3")
    finally:
        done.set()
        watcher.join()
    assert ended.returncode == 0, ended.stderr
    said = ended.stdout + ended.stderr
    assert "'…'" in said
    assert any(new.name in argument for argument in seen)
    for secret in (*secrets_of(tmp_path / ".env"), new.server.password):
        assert secret not in said
        assert not [argument for argument in seen if secret in argument]
    for secret in secrets_of(tmp_path / ".env"):
        assert not [value for value in environments if secret in value]


@pytest.mark.parametrize("new", ["mysql"], indirect=True)
def test_a_password_in_the_command_line_is_warned_about_and_not_repeated(new: Site, tmp_path: Path) -> None:
    ended = run(new, tmp_path, "--dry-run", on=new.server.url())
    assert ended.returncode == 0, ended.stderr
    assert "Warning: The password of " in ended.stderr
    assert "put the URL into an environment variable and write env:NAME." in ended.stderr
    assert new.server.password not in ended.stdout + ended.stderr


def test_a_statement_that_fails_is_named_without_its_secret(new: Site) -> None:
    """The role disappears between two statements."""

    def watch(event: Event) -> None:
        if event.text.startswith("ALTER"):
            quoted = f'"{new.name}_app"' if new.postgresql else f"'{new.name}_app'@'%'"
            if quoted in event.text and "'…'" in event.text:
                if new.postgresql:
                    new.sql("DROP OWNED BY {app}")
                new.server.sql(f"DROP {'ROLE' if new.postgresql else 'USER'} {quoted}")

    with pytest.raises(Unreachable) as caught:
        new.provision(watch)
    said = str(caught.value)
    assert "'…'" in said
    assert said.endswith("mend that, and run the same command again, which goes on from there.")
    assert "SCRAM" not in said
    assert "$A$" not in said


def test_sha_crypt_is_that_of_its_specification() -> None:
    """https://www.akkadia.org/drepper/SHA-crypt.txt, its first example."""
    made = verifiers.caching_sha2("Hello world!", "saltstring")
    assert made == "$A$005$saltstring" + "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"


def test_the_native_verifier_is_what_the_server_itself_makes(mariadb: Server) -> None:
    assert mariadb.sql("SELECT PASSWORD('Hello world!')") == [(verifiers.native("Hello world!"),)]


def test_a_new_password_is_long_and_new_each_time(new: Site) -> None:
    one, other = passwords(new.provision().urls), passwords(new.provision(new_passwords=True).urls)
    assert len({hashlib.sha256(secret.encode()).digest() for secret in one + other}) == 6
    assert all(len(secret) == 32 for secret in one + other)
