"""A database with three roles on real servers: made, proved, made again, broken off, and looked at from outside."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from outgrow.errors import OutgrowError, Refused, Unreachable
from outgrow.events import Event
from outgrow.provision import Outcome, envfile
from tests import forks
from tests.conftest import require
from tests.engines import Server
from tests.provision.conftest import ENGINES, Site, connected, makes_certificates, passwords, url_of

TABLE = {
    "postgresql": "CREATE TABLE later (id serial PRIMARY KEY, word text)",
    "mysql": "CREATE TABLE later (id int AUTO_INCREMENT PRIMARY KEY, word text)",
}


class Bomb(Exception):
    """The process dies here."""


def bomb(after: int) -> Callable[[Event], None]:
    """Ends a run before its statement number ``after``."""
    seen = 0

    def watch(event: Event) -> None:
        nonlocal seen
        if event.kind == "note":
            if seen == after:
                raise Bomb
            seen += 1

    return watch


def plain(site: Site, outcome: Outcome) -> list[str]:
    """The statements with the same name in all, which a grant of MySQL's escapes."""
    return [step.sql.replace("\\_", "_").replace(site.name, "NAME") for step in outcome.steps]


def test_three_roles_are_made_and_each_proves_what_it_can_and_cannot(new: Site, tmp_path: Path) -> None:
    outcome = new.provision(env=str(tmp_path / ".env"))
    assert outcome.changed
    assert outcome.differences == []
    assert outcome.proved[:3] == [
        f"{new.name}_migrator makes, alters and drops tables",
        f"{new.name}_app reads and writes their rows, and cannot make, alter or drop any",
        f"{new.name}_reader reads their rows, and cannot write",
    ]
    if new.postgresql and new.tls:  # its roles know nothing of TLS
        assert "`hostssl` for `host`" in outcome.notes[0]
    elif new.tls:
        assert outcome.proved[3:] == ["none of the three gets in without TLS"]
    assert new.roles() == [f"{new.name}_app", f"{new.name}_migrator", f"{new.name}_reader"]


def test_a_table_that_the_migrator_makes_later_is_usable_at_once(new: Site) -> None:
    outcome = new.provision()
    with connected(url_of(outcome, "migrator")) as migrator:
        migrator.execute(TABLE["postgresql" if new.postgresql else "mysql"])
    with connected(url_of(outcome)) as app:
        app.execute("INSERT INTO later (word) VALUES ('one')")
        assert app.value("SELECT count(*) FROM later") == 1
        for forbidden in ("CREATE TABLE mine (id int)", "DROP TABLE later", "TRUNCATE TABLE later"):
            with pytest.raises(Exception, match=r"(?i)denied|must be owner"):
                app.execute(forbidden)
    with connected(url_of(outcome, "reader")) as reader:
        assert reader.value("SELECT word FROM later") == "one"
        for forbidden in (
            "INSERT INTO later (word) VALUES ('two')",
            "DELETE FROM later",
            "UPDATE later SET word = 'x'",
        ):
            with pytest.raises(Exception, match=r"(?i)denied"):
                reader.execute(forbidden)


def test_a_second_run_changes_nothing_and_says_so(new: Site, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    new.provision(env=str(file))
    before, text = new.catalogue(), file.read_text()
    again = new.provision(env=str(file))
    assert again.steps == ()
    assert not again.changed
    assert len(again.proved) >= 3
    assert (new.catalogue(), file.read_text()) == (before, text)


def test_a_run_that_broke_off_anywhere_is_completed_by_the_next(
    new: Site, tmp_path: Path, site: Callable[..., Site]
) -> None:
    whole = new.provision(env=str(tmp_path / "whole"))
    wanted = plain(new, whole)
    last = len(wanted) - 1
    for number in sorted({0, 2, last // 2, last - 2, last}):  # in each kind of statement, and between two kinds
        one, file = site(new.server), tmp_path / f"{number}"
        with pytest.raises(Bomb):
            one.provision(bomb(number), env=str(file))
        with pytest.raises(OutgrowError):  # a role that is half made lets nobody in
            connected(envfile.read(file).values["DATABASE_URL_READER"])
        rest = one.provision(env=str(file))
        assert rest.differences == [], number
        assert rest.proved == [line.replace(new.name, one.name) for line in whole.proved]
        assert set(plain(one, rest)) <= set(wanted)
        one.drop()


KILLED = """
import os, signal, sys
from django.conf import settings
settings.configure(); import django; django.setup()
from outgrow.options import ProvisionOptions
from outgrow.provision import provision
def watch(event):
    if event.kind == "note" and event.text.startswith("GRANT"): os.kill(os.getpid(), signal.SIGKILL)
on, name, env, tls = sys.argv[1:]
provision(ProvisionOptions(on, name, env=env, tls=tls == "True"), watch)
"""


def test_a_run_that_was_killed_leaves_no_lock_and_no_lost_password(new: Site, tmp_path: Path) -> None:
    file = str(tmp_path / ".env")
    killed = forks.run(["-c", KILLED, new.server.url(), new.name, file, str(new.tls)], cwd=tmp_path, env=os.environ)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert new.exists
    written = envfile.read(Path(file)).values
    outcome = new.provision(env=file)
    assert (outcome.differences, dict(outcome.urls)) == ([], written)
    assert len(outcome.proved) >= 3


def test_a_dry_run_says_the_same_statements_and_writes_nothing(new: Site, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    dry = new.provision(env=str(file), dry_run=True)
    assert (new.exists, new.roles(), file.exists(), dry.changed) == (False, [], False, False)
    real = new.provision(env=str(file))
    assert [step.sql for step in dry.steps] == [step.sql for step in real.steps]
    assert new.provision(env=str(file), dry_run=True).steps == ()


def test_no_password_and_no_verifier_is_in_what_may_be_shown(new: Site) -> None:
    outcome = new.provision()
    shown = repr(outcome) + "".join(step.sql for step in outcome.steps)
    assert "'…'" in shown
    for secret in (*passwords(outcome.urls), *(step.secret for step in outcome.steps if step.secret)):
        assert secret not in shown


def test_the_file_is_its_owners_alone_and_has_what_outgrow_databases_reads(new: Site, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    new.provision(env=str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lines = envfile.read(file).values
    assert list(lines) == ["DATABASE_URL", "DATABASE_URL_MIGRATOR", "DATABASE_URL_READER"]
    scheme, tls = ("postgresql", "sslmode=require") if new.postgresql else ("mysql", "ssl_mode=REQUIRED")
    assert lines["DATABASE_URL"].startswith(f"{scheme}://{new.name}_app:")
    assert tls in lines["DATABASE_URL"] or not new.tls


def test_another_alias_has_variables_of_its_own(new: Site, tmp_path: Path) -> None:
    outcome = new.provision(env=str(tmp_path / ".env"), alias="auth")
    assert list(outcome.urls) == ["AUTH_DATABASE_URL", "AUTH_DATABASE_URL_MIGRATOR", "AUTH_DATABASE_URL_READER"]


def test_without_a_file_passwords_are_known_once(new: Site) -> None:
    first = new.provision()
    assert len(first.urls) == 3
    before = new.catalogue()
    second = new.provision()
    assert (second.urls, second.steps, new.catalogue()) == ({}, (), before)
    assert "is kept and not known here, so that nothing was proved" in second.notes[0]


def test_new_passwords_take_the_old_ones_place(new: Site, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    old = new.provision(env=str(file))
    fresh = new.provision(env=str(file), new_passwords=True)
    assert not set(passwords(old.urls)) & set(passwords(fresh.urls))
    assert len(fresh.proved) >= 3
    assert passwords(fresh.urls)[0] in file.read_text()
    with pytest.raises(Unreachable, match="refused the password"):
        connected(url_of(old))


def test_a_file_without_the_passwords_of_roles_that_are_there_is_refused(new: Site, tmp_path: Path) -> None:
    new.provision()
    with pytest.raises(Refused, match=r"are there already, and .*\.env does not have the password: name the file"):
        new.provision(env=str(tmp_path / ".env"))
    assert not (tmp_path / ".env").exists()


def test_a_password_of_the_file_that_is_not_the_roles_is_said(new: Site, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    outcome = new.provision(env=str(file))
    file.write_text(file.read_text().replace(passwords(outcome.urls)[0], "not-this-one"))
    again = new.provision(env=str(file))
    assert again.differences[0].text.startswith(f"{new.name}_app cannot log in by its URL (")
    assert again.differences[0].text.endswith("--new-passwords gives it another one.")
    assert new.provision(env=str(file), new_passwords=True).differences == []


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"])
def test_a_server_without_tls_is_refused_unless_that_is_said(engine: str, site: Callable[..., Site]) -> None:
    plain = site(require(engine))
    if engine == "mariadb" and makes_certificates(plain.server):
        pytest.skip("since 11.4 every MariaDB offers TLS")
    with pytest.raises(
        Refused, match=r" offers no TLS, without which .* or add --without-tls for a server of this very"
    ):
        plain.provision(tls=True)
    assert not plain.exists
    outcome = plain.provision(tls=False)
    assert (len(outcome.proved), outcome.differences) == (3, [])
    assert ("sslmode=prefer" if plain.postgresql else "ssl_mode=PREFERRED") in url_of(outcome)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_order_of_texts_is_chosen_and_explained(
    engine: str, encrypted: Callable[[str], Server], site: Callable[..., Site]
) -> None:
    one = site(encrypted(engine))
    outcome = one.provision()
    if engine == "postgresql":
        assert outcome.choice.startswith("UTF8 with ")
        assert "texts sort by code points, as they did in SQLite" in outcome.choice
        assert one.sql("SELECT 'B' < 'a' AND lower('É') = 'é'") == [(True,)]
    else:
        assert outcome.choice.startswith("utf8mb4 with utf8mb4_")
        assert "as Django's iexact and icontains need here" in outcome.choice
        assert one.sql("SELECT @@character_set_database") == [("utf8mb4",)]
    with connected(url_of(outcome, "migrator")) as session:
        session.execute("CREATE TABLE food (word varchar(20) PRIMARY KEY)")
        session.execute("INSERT INTO food VALUES ('🍕'), ('🍺')")  # one letter to utf8mb4_general_ci


@pytest.mark.parametrize("engine", ENGINES)
def test_a_collation_that_the_server_has_not_gets_the_nearest_that_it_has(
    engine: str, encrypted: Callable[[str], Server], site: Callable[..., Site]
) -> None:
    asked = (
        "utf8mb4_0900_ai_cii" if engine == "mysql" else "utf8mb4_unicode_520_cii" if engine == "mariadb" else "xx_YY"
    )
    near = {"mysql": "did you mean 'utf8mb4_0900_ai_ci'", "mariadb": "did you mean 'utf8mb4_unicode_520_ci'"}
    with pytest.raises(Refused, match=near.get(engine, "The server has no locale xx_YY: name one of ")):
        site(encrypted(engine)).provision(collation=asked)
