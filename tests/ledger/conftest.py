"""A target database of each engine with a ledger in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import django
import pytest
from django.conf import settings

from tests.engines import ENGINES

if not settings.configured:
    settings.configure(USE_TZ=True, INSTALLED_APPS=["outgrow"])
    django.setup()

from outgrow.dialects import dialect_for
from outgrow.dialects.base import Dialect, Session
from outgrow.ledger import Ledger
from outgrow.places import Place, resolve

BEGIN: dict[str, Any] = {"plan_json": "{}", "source": "SQLite a", "target": "here", "options": {"verify": True}}


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, make_database: Callable[..., str]) -> Place:
    """An empty database of the engine."""
    return resolve(make_database(request.param), from_argv=False)


@pytest.fixture
def dialect(place: Place) -> Dialect:
    return dialect_for(place.settings)


@pytest.fixture
def connect(dialect: Dialect) -> Iterator[Callable[[], Session]]:
    """Opens sessions that are closed at the end."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(dialect.connect())


@pytest.fixture
def session(connect: Callable[[], Session]) -> Session:
    return connect()


@pytest.fixture
def ledger(dialect: Dialect, session: Session) -> Ledger:
    return Ledger.begin(dialect, session, **BEGIN)
