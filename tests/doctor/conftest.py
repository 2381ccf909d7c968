"""One database, examined in this process; and accounts and servers that have exactly one thing wrong."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import django
import pytest
from django.conf import settings

from outgrow.dialects.inspecting import Level, inspection_for
from outgrow.doctor import Answer
from outgrow.doctor.examining import examine
from outgrow.places import resolve
from tests.engines import Server

if not settings.configured:
    settings.configure(USE_TZ=True, INSTALLED_APPS=["outgrow"])
    django.setup()

PASSWORD = "the-apps-own-secret"


def examined(url: str, *, deep: bool = False, most_lag: float | None = None, **entry: Any) -> list[Answer]:
    """All answers about a URL; ``entry``: what its DATABASES entry has besides."""
    place = {**resolve(url).settings}
    options = {**(place.get("OPTIONS") or {}), **entry.pop("OPTIONS", {})}
    inspection = inspection_for({**place, **entry, "OPTIONS": options}, None, most_lag)
    found = examine(inspection, deep=deep, further=lambda session: iter(()))
    return [Answer.of(check, said) for check, said in found]


def answer(found: list[Answer], check: str) -> Answer:
    """The only answer to a check."""
    answers = [a for a in found if a.id == check]
    assert len(answers) == 1, found
    return answers[0]


def troubles(found: list[Answer]) -> dict[str, str]:
    """What is not good: id → the first words of its sentence."""
    return {a.id: a.text for a in found if a.level is not Level.GOOD}


Found = TypeVar("Found")


def until(ask: Callable[[], Found], good: Callable[[Found], bool], seconds: float = 10) -> Found:
    """The first answer that is good, or the last one: servers take up their settings in their own time."""
    end = time.monotonic() + seconds
    while not good(found := ask()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


@dataclass
class Account:
    """A login of one test, on a database of its own."""

    server: Server
    database: str
    user: str

    def url(self, password: str = PASSWORD, user: str | None = None, database: str | None = None) -> str:
        scheme = "postgres" if self.server.engine == "postgresql" else "mysql"
        login = f"{user or self.user}:{password}" if password else (user or self.user)
        return f"{scheme}://{login}@{self.server.host}:{self.server.port}/{database or self.database}"

    def sql(self, *statements: str) -> None:
        """As the administrator, in this database."""
        for statement in statements:
            self.server.sql(statement.format(user=self.user, name=self.database, password=PASSWORD), self.database)


Made = Callable[..., Account]


@pytest.fixture
def account() -> Iterator[Made]:
    """``account(server)``: a login that may do what an application and `migrate` need, and its database."""
    made: list[Account] = []

    def make(server: Server, **options: str) -> Account:
        name = f"shop_{secrets.token_hex(4)}"
        server.create_database(name, **options)
        found = Account(server, name, f"u{secrets.token_hex(4)}")
        made.append(found)
        if server.engine == "postgresql":
            found.sql("CREATE ROLE {user} LOGIN PASSWORD '{password}'", "GRANT ALL ON SCHEMA public TO {user}")
        else:
            found.sql(
                "CREATE USER '{user}'@'%' IDENTIFIED BY '{password}'",
                "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON `{name}`.* TO "
                "'{user}'@'%'",
            )
        return found

    yield make
    for one in made:
        one.server.drop_database(one.database)
        quoted = one.user if one.server.engine == "postgresql" else f"'{one.user}'@'%'"
        kind = "ROLE" if one.server.engine == "postgresql" else "USER"
        one.server.sql(f"DROP {kind} IF EXISTS {quoted}")
