"""A database by alias, URL or env:NAME: what comes out, and that no secret does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from outgrow.places import (
    UnknownPlace,
    block_environment,
    describe,
    known_secrets,
    resolve,
    settings_block,
    split_block,
)

SECRET = "pä%ss/w@rd"
ENCODED = "p%C3%A4%25ss%2Fw%40rd"


@pytest.fixture(autouse=True)
def databases(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"ENGINE": "django.db.backends.mysql", "NAME": "legacy", "PASSWORD": "in-settings"}
    monkeypatch.setattr(settings, "DATABASES", {"default": {}, "legacy": entry})


@pytest.mark.parametrize(
    ("url", "engine", "spoken"),
    [
        (f"postgres://bob:{ENCODED}@db.example:5433/shop", "postgresql", "PostgreSQL shop on db.example:5433"),
        (f"postgresql://bob:{ENCODED}@db.example/shop", "postgresql", "PostgreSQL shop on db.example"),
        (f"mysql://bob:{ENCODED}@db.example/shop", "mysql", "MySQL shop on db.example"),
        (f"mariadb://bob:{ENCODED}@db.example/shop", "mysql", "MariaDB shop on db.example"),
    ],
)
def test_a_url_names_a_server_and_its_spoken_form_holds_no_login(url: str, engine: str, spoken: str) -> None:
    place = resolve(url)
    assert place.settings["ENGINE"] == f"django.db.backends.{engine}"
    assert (place.settings["USER"], place.settings["PASSWORD"], place.settings["NAME"]) == ("bob", SECRET, "shop")
    assert place.spoken == spoken
    assert "bob" not in place.label + place.spoken
    assert SECRET not in repr(place)


def test_djangos_defaults_are_filled_in() -> None:
    assert resolve("sqlite:////srv/shop.sqlite3").settings["TEST"]["NAME"] is None
    assert resolve("legacy").settings["CONN_MAX_AGE"] == 0


@pytest.mark.parametrize(
    ("url", "name"), [("sqlite:////srv/shop.sqlite3", "/srv/shop.sqlite3"), ("sqlite:///shop.sqlite3", "shop.sqlite3")]
)
def test_a_sqlite_url_names_a_file(url: str, name: str) -> None:
    assert resolve(url).settings["NAME"] == name


def test_query_options_reach_the_driver_and_a_socket_is_a_host() -> None:
    place = resolve("postgresql://bob@/shop?host=/run/postgresql&sslmode=require")
    assert (place.settings["HOST"], place.settings["OPTIONS"]) == ("/run/postgresql", {"sslmode": "require"})


def test_an_alias_is_its_entry_and_may_be_typed_to_confirm() -> None:
    place = resolve("legacy")
    assert (place.alias, place.spoken, place.names) == ("legacy", "MySQL legacy on localhost", ("legacy",))


def test_a_password_in_the_command_line_is_warned_about_and_only_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGET", f"postgres://bob:{ENCODED}@h/shop")
    assert "env:NAME" in (resolve(f"postgres://bob:{ENCODED}@h/shop").warning or "")
    assert resolve("env:TARGET").warning is None
    assert resolve("postgres://bob@h/shop").warning is None
    assert resolve("legacy").warning is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("legcay", "no alias 'legcay' (it has legacy; did you mean 'legacy'?)"),
        ("bob:hunter2@h", "no alias of that name"),
        ("env:NOT_SET", "NOT_SET is not set"),
        ("env:ADMIN_URl", "ADMIN_URl is not set (did you mean ADMIN_URL?)"),
        ("env:NO_URL", "NO_URL holds no database URL"),
        ("env:BAD", "The URL in BAD cannot be read"),
        ("postgres://bob:hunt#er2@h/shop", "percent-encode"),
        ("postgres://bob:12#hunter2@h/shop", "percent-encode"),
        ("postgres://bob:hunter2/@h/shop", "percent-encode"),
        ("postgres://bob:hunter2@h:port/shop", "percent-encode"),
        ("postgres://bob:hunter2@h", "names no database"),
        ("sqlite://", "names no database"),
        ("oracle://bob:hunter2@h/shop", "unknown engine"),
        ("https://bob:hunter2@h/shop", "unknown engine"),
    ],
)
def test_what_names_no_database_is_one_sentence_without_a_secret(
    text: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_URL", "hunter2")
    monkeypatch.setenv("ADMIN_URL", "mysql://root:hunter2@h/")
    monkeypatch.setenv("BAD", "mysql://bob:hunt[er2@h/shop")
    with pytest.raises(UnknownPlace) as caught:
        resolve(text)
    assert sentence in str(caught.value)
    assert "hunt" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "url",
    [
        f"postgres://bob:{ENCODED}@db.example:5433/shop?sslmode=require&sslpassword={ENCODED}",
        f"mysql://bob:{ENCODED}@db.example/shop?ssl-ca=/etc/ca.pem&charset=utf8mb4",
        "sqlite:////srv/shop.sqlite3",
        "postgres://bob@db.example/it%27s%22q",
    ],
)
def test_the_settings_block_is_python_that_gives_the_same_settings(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = resolve(url)
    block = settings_block(place)
    assert SECRET not in block
    monkeypatch.setenv("DATABASE_PASSWORD", SECRET)
    monkeypatch.setenv("DATABASE_SSLPASSWORD", SECRET)
    entry = _pasted(block)
    assert {k: place.settings[k] for k in entry} == entry
    assert {k for k in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS") if place.settings[k]} <= set(entry)


def test_the_settings_block_keeps_what_the_replaced_entry_says_of_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"ATOMIC_REQUESTS": True, "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}  # None: for ever
    default = {"ENGINE": "django.db.backends.sqlite3", "NAME": Path("/srv/shop.sqlite3"), **said}
    new = {"ENGINE": "django.db.backends.postgresql", "NAME": "shop", "DISABLE_SERVER_SIDE_CURSORS": True}
    monkeypatch.setattr(settings, "DATABASES", {"default": default, "new": new})
    by_url = _pasted(settings_block(resolve("postgres://bob@h/shop")))
    assert {key: by_url[key] for key in said} == said
    by_alias = _pasted(settings_block(resolve("new")))
    assert by_alias == new


def test_the_settings_block_names_a_sqlite_file_by_its_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _pasted(settings_block(resolve("sqlite:///shop.sqlite3")))["NAME"] == str(tmp_path / "shop.sqlite3")


def _pasted(block: str) -> dict[str, Any]:
    """At the end of settings that have an entry each for both databases."""
    pasted: dict[str, Any] = {"DATABASES": {"default": {}, "legacy": {}}}
    exec(block, pasted)
    entry: dict[str, Any] = pasted["DATABASES"]["default"]
    return entry


def test_the_settings_block_leaves_the_other_databases_of_the_project_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pasted as the whole of DATABASES it would take them away."""
    pasted: dict[str, Any] = {"DATABASES": {"default": {"NAME": "old"}, "legacy": {"NAME": "kept"}}}
    exec(settings_block(resolve("postgres://bob@h/shop"), "default"), pasted)
    assert pasted["DATABASES"]["legacy"] == {"NAME": "kept"}
    assert pasted["DATABASES"]["default"]["NAME"] == "shop"
    monkeypatch.setattr(
        settings, "DATABASES", {"default": {}, "new": {"ENGINE": "django.db.backends.mysql", "NAME": "x"}}
    )
    assert settings_block(resolve("new"), "default").startswith("DATABASES = {")  # the only one then


def test_each_database_has_its_own_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second server's password came from the variable of the first."""
    place = resolve(f"postgres://bob:{ENCODED}@db.example/shop?sslmode=require&sslpassword={ENCODED}")
    monkeypatch.setattr(settings, "DATABASES", {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "x"}})
    for block in (settings_block(place, "auth-db"), split_block(place, "auth-db", {"auth-db": ["auth"]})):
        assert SECRET not in block
        pasted: dict[str, Any] = {"DATABASES": {}, "INSTALLED_APPS": [], "DATABASE_ROUTERS": []}
        wanted = block_environment(place, "auth-db")
        assert wanted == {"AUTH_DB_PASSWORD": SECRET, "AUTH_DB_SSLPASSWORD": SECRET}
        with monkeypatch.context() as patch:
            for name, value in wanted.items():
                patch.setenv(name, value)
            exec(block, pasted)
        entry = pasted["DATABASES"]["auth-db"]
        assert (entry["PASSWORD"], entry["OPTIONS"]["sslpassword"]) == (SECRET, SECRET)
    assert block_environment(place).keys() == {"DATABASE_PASSWORD", "DATABASE_SSLPASSWORD"}


def test_options_that_cannot_be_written_down_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"ENGINE": "django.db.backends.mysql", "NAME": Path("x"), "OPTIONS": {"conv": object(), "read_timeout": 5}}
    monkeypatch.setattr(settings, "DATABASES", {"default": entry})
    block = settings_block(resolve("default"))
    assert '# "conv": as in your present settings' in block
    pasted: dict[str, Any] = {}
    exec(block, pasted)
    assert pasted["DATABASES"]["default"]["OPTIONS"] == {"read_timeout": 5}


def test_an_unknown_engine_is_described_by_its_module() -> None:
    assert describe({"ENGINE": "acme.backends.oracle", "NAME": "x"}) == "oracle x on localhost"


def test_every_secret_that_was_seen_is_known() -> None:
    resolve(f"postgres://bob:{ENCODED}@h/shop")
    assert {SECRET, "in-settings"} <= known_secrets()
