"""The cheap part, for a health endpoint: it says what keeps a database from serving, and nothing else."""

from __future__ import annotations

import socket
import time

from outgrow.dialects.inspecting import Level
from outgrow.doctor import Readiness, ready
from tests.doctor.conftest import PASSWORD, Made
from tests.engines import Server


def glance(url: str, seconds: float = 3.0) -> Readiness:
    (found,) = ready([url], seconds)
    return found


def test_a_database_that_can_be_used_is_ready(
    postgresql: Server, mysql: Server, mariadb: Server, account: Made
) -> None:
    found = ready([account(server).url() for server in (postgresql, mysql, mariadb)])
    assert [one.trouble for one in found] == [None] * 3
    assert not any(PASSWORD in repr(one) for one in found)


def test_a_login_that_is_refused_is_no_readiness(postgresql: Server, mysql: Server, account: Made) -> None:
    for server in (postgresql, mysql):
        trouble = glance(account(server).url("not-this-one")).trouble
        assert trouble is not None
        assert (trouble.id, trouble.level) == ("D106", Level.FAILED)
        assert "not-this-one" not in trouble.text


def test_a_setting_that_only_warns_keeps_nobody_from_serving(postgresql: Server, account: Made) -> None:
    one = account(postgresql)
    one.sql("ALTER ROLE {user} SET default_transaction_isolation = 'serializable'")
    assert glance(one.url()).trouble is None


def test_a_server_that_takes_the_question_and_never_answers_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        trouble = glance(f"postgresql://ann:{PASSWORD}@127.0.0.1:{silent.getsockname()[1]}/shop", 0.5).trouble
        assert time.monotonic() - began < 3
    assert trouble is not None
    assert trouble.id == "D901"
