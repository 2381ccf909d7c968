"""Of many who prove one address at the same time one wins; on servers, by real commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connections, router, transaction

from plaza.accounts import changing
from plaza.accounts.models import Address
from plaza.api.health import used_aliases
from plaza.api.problems import Conflict

ALIAS = router.db_for_write(Address)
TURNS = 10


def on_servers(test: Callable[[], None]) -> Callable[[], None]:
    """By commits of its own; a mark of the whole file would come behind that of all tests."""
    marked = pytest.mark.django_db(databases=used_aliases(), transaction=True)(test)
    return pytest.mark.skipif(connections[ALIAS].vendor == "sqlite", reason="SQLite has one writer at a time")(marked)


def together(acts: list[Callable[[], str]]) -> Counter[str]:
    barrier = Barrier(len(acts))

    def run(act: Callable[[], str]) -> str:
        try:
            connections[ALIAS].ensure_connection()
            barrier.wait(10)
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(run, acts))


@on_servers
def test_an_address_goes_to_the_first_who_proves_it() -> None:
    def proving(token: str) -> Callable[[], str]:
        def act() -> str:
            try:
                return "his" if changing.confirm(token) else "refused"
            except Conflict:
                return "taken"

        return act

    users = [User.objects.create_user(f"user{number}") for number in range(4)]
    addresses = [Address.objects.create(user=user, email=f"{user.username}@example.org") for user in users]
    for turn in range(TURNS):
        with transaction.atomic(using=ALIAS):
            for address in addresses:
                address.refresh_from_db()
                changing.ask(address, f"new{turn}@example.org")
        tokens = [changing.token(address) for address in addresses]
        assert together([proving(token) for token in tokens]) == {"his": 1, "taken": 3}
        assert together([proving(token) for token in tokens]) == {"refused": 1, "taken": 3}


@on_servers
def test_a_token_is_good_for_one_of_many() -> None:
    user = User.objects.create_user("ann")
    address = Address.objects.create(user=user, email="ann@example.org")
    for turn in range(TURNS):
        with transaction.atomic(using=ALIAS):
            address.refresh_from_db()
            changing.ask(address, f"new{turn}@example.org")
        token = changing.token(address)
        assert together([lambda token=token: str(changing.confirm(token))] * 4) == {"True": 1, "False": 3}
