"""Clients of the service, and the limits out of the way unless a test is about them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import global_settings
from django.conf import settings as project
from django.core.cache import cache
from django.db import connections, router
from django.test import TestCase
from pytest_django import fixtures
from rest_framework.test import APIClient

from plaza.accounts.models import Address
from plaza.api import throttles
from plaza.api.health import used_aliases
from plaza.tests import copies

PASSWORD = "a word of nine letters"
HASHERS = list(global_settings.PASSWORD_HASHERS)
"""What plaza itself hashes passwords by; it takes long, and is meant to."""


LONG = ("test_openapi", "test_races", "test_two_servers", "test_dead")
"""Files whose tests start processes of their own; they begin first."""


class Client(APIClient):
    """An API client that sends JSON, a new Idempotency-Key with every POST, and the token of its user."""

    tokens: dict[str, Any]

    def post(self, path: str, data: Any = None, **more: Any) -> Any:
        headers = {"Idempotency-Key": str(uuid.uuid4()), **(more.pop("headers", None) or {})}
        return super().post(path, data if data is not None else {}, format="json", headers=headers, **more)

    def patch(self, path: str, data: Any = None, **more: Any) -> Any:
        return super().patch(path, data or {}, format="json", **more)

    def put(self, path: str, data: Any = None, **more: Any) -> Any:
        return super().put(path, data or {}, format="json", **more)

    def log_in(self, name: str, password: str = PASSWORD) -> Client:
        answer = self.post("/api/auth/token", {"nickname": name, "password": password})
        assert answer.status_code == 200, answer.content
        self.tokens = answer.json()
        self.credentials(HTTP_AUTHORIZATION=f"Bearer {self.tokens['access']}")
        return self

    def send(self, path: str, said: bytes, kind: str = "application/octet-stream", **headers: str) -> Any:
        """PUT bytes."""
        return super().generic("PUT", path, said, content_type=kind, headers=headers)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.path.name.startswith(LONG))  # else the last worker works alone for minutes
    for item in items:
        item.add_marker(pytest.mark.django_db(databases=used_aliases()))


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Each process has copies of its own of the migrated databases."""
    with django_db_blocker.unblock(), ExitStack() as stack:
        for alias in used_aliases():
            variable = "DATABASE_URL" if alias == "default" else f"{alias.upper()}_DATABASE_URL"
            stack.enter_context(_copied(alias, copies.known()[variable], tmp_path_factory))
        with django_db_blocker.block():
            yield
        connections.close_all()


@contextmanager
def _copied(alias: str, template: copies.Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    if template.engine == "sqlite":
        _use(alias, str(copies.file(template, tmp_path_factory.mktemp("database"))))
        yield
        return
    served = connections[alias].settings_dict["NAME"]
    with connections[alias].cursor() as cursor:
        name = copies.copy(template, cursor)
    _use(alias, name)
    yield
    _use(alias, served)
    with connections[alias].cursor() as cursor:
        copies.drop(template, name, cursor)
    connections[alias].close()


def _use(alias: str, name: str) -> None:
    connections[alias].close()
    project.DATABASES[alias]["NAME"] = connections[alias].settings_dict["NAME"] = name


@contextmanager
def on_a_full_disk(**_: Any) -> Iterator[Any]:
    """In the place of a NamedTemporaryFile: nothing can be written to it."""
    with open("/dev/full", "r+b") as file:
        yield SimpleNamespace(name="/dev/full", file=file)


@pytest.fixture(autouse=True)
def _everything(db: None, settings: fixtures.Settings) -> Iterator[None]:
    """A database, and no limits."""
    settings.PLAZA_LIMITS = {}
    throttles.limit_of.cache_clear()
    yield
    throttles.limit_of.cache_clear()
    cache.clear()


@pytest.fixture
def commits() -> Callable[[], AbstractContextManager[Any]]:
    """`with commits():` does what waits for the accounts' commit, which a test's transaction never has."""
    return lambda: TestCase.captureOnCommitCallbacks(using=router.db_for_write(Address), execute=True)


@pytest.fixture
def anybody() -> Client:
    """Somebody without an account."""
    return Client()


@pytest.fixture
def registered(anybody: Client) -> Callable[..., Client]:
    """`registered("ann")` has an account, and is logged in."""

    def make(name: str) -> Client:
        wanted = {"nickname": name, "email": f"{name}@example.org", "password": PASSWORD}
        assert anybody.post("/api/auth/register", wanted).status_code == 202
        return Client().log_in(name)

    return make


@pytest.fixture
def ann(registered: Callable[..., Client]) -> Client:
    return registered("ann")


@pytest.fixture
def ben(registered: Callable[..., Client]) -> Client:
    return registered("ben")
