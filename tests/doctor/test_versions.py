"""Versions: judged by what each Django says of itself, without an old server, which nobody should start any more."""

from __future__ import annotations

from outgrow.dialects.inspecting import Level, django, versions
from tests.doctor.conftest import Made, answer, examined
from tests.engines import Server


def test_an_old_server_is_named_with_what_this_django_needs() -> None:
    said = versions.judged("The server is MariaDB", (10, 2, 9), (10, 5), "upgrade the server")
    assert said.level is Level.FAILED
    assert said.text == (
        "The server is MariaDB 10.2.9, and this Django needs 10.5 or newer: upgrade the server, or stay with an older "
        "Django."
    )


def test_what_django_needs_is_asked_of_its_own_backend_for_each_of_two_engines_that_share_it(
    mariadb: Server, account: Made
) -> None:
    entry = {"ENGINE": "django.db.backends.mysql", "NAME": "nowhere", "HOST": "127.0.0.1", "PORT": 1}
    assert django.least_version(entry, mariadb=True) >= (10, 4)
    assert django.least_version(entry) < (10, 0)
    assert answer(examined(account(mariadb).url()), "D301").text.startswith("the server is MariaDB 1")
