"""PostgreSQL's OPTIONS: what Django and psycopg take for themselves, Outgrow's own sessions leave alone."""

from __future__ import annotations

from typing import Any

import pytest

from outgrow.dialects import dialect_for
from outgrow.places import resolve
from tests.conftest import MakeDatabase


@pytest.mark.parametrize(
    "options",
    [
        {"prepare_threshold": 5}, {"server_side_binding": True}, {"isolation_level": 3}, {"pool": True},
        {"autocommit": False}, {"row_factory": tuple}, {"cursor_factory": None}, {"context": None},
        {"application_name": "shop", "client_encoding": "latin1", "connect_timeout": 3},
    ],
    ids=lambda options: next(iter(options)),
)  # fmt: skip
def test_a_database_is_reached_whatever_the_project_has_for_its_own_connections(
    make_database: MakeDatabase, options: dict[str, Any]
) -> None:
    settings = {**resolve(make_database("postgresql")).settings, "OPTIONS": options}
    with dialect_for(settings).connect() as session:
        assert session.value("SELECT 1") == 1
        assert session.value("SHOW client_encoding") == "UTF8"
