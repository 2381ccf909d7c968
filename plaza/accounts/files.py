"""Files of accounts that are gone are deleted after the commit that says so, by the outbox: none is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.files.storage import default_storage

from plaza.accounts.models import AccountsMessage
from plaza.api import outbox

GONE = "accounts.files_gone"


def drop(name: str) -> None:
    """Inside the transaction that lets go of it."""
    if name:
        outbox.tell(AccountsMessage, GONE, names=[name])


@outbox.consumes(GONE, "accounts")
def delete(payload: Mapping[str, Any]) -> None:
    for name in payload["names"]:
        default_storage.delete(name)
