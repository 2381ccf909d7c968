"""Of two requests with one refresh token one wins, also where the second began before the first had committed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, router, transaction
from django.utils.timezone import now
from rest_framework.exceptions import AuthenticationFailed

from plaza.accounts.api import tokens
from plaza.accounts.models import Login
from plaza.api.health import used_aliases

ALIAS = router.db_for_write(Login)


def refused(token: str) -> bool:
    try:
        tokens.refresh(token)
    except AuthenticationFailed:
        return True
    finally:
        connections.close_all()
    return False


@pytest.mark.skipif(connections[ALIAS].vendor == "sqlite", reason="SQLite has one writer at a time")
@pytest.mark.django_db(databases=used_aliases(), transaction=True)
def test_a_refresh_that_waits_for_another_one_is_refused(django_user_model: type) -> None:
    """PostgreSQL tests the condition on a waiting UPDATE's own row anew, and not what a subquery has read of it."""
    pair = tokens.begin(django_user_model.objects.create(username="ann"), client="", ip=None)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(using=ALIAS):
            Login.objects.filter(pk=pair.login.pk).update(refresh_id=pair.login.public_id, used_at=now())
            second = pool.submit(refused, pair.refresh)
            time.sleep(1)
        assert second.result(10)
