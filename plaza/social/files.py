"""Files that nothing shows any more are deleted after the commit that says so, by the outbox: none is left, and no
transaction waits for a disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.files.storage import default_storage

from plaza.api import outbox
from plaza.social.models import SocialMessage

GONE = "social.files_gone"


def drop(names: Iterable[str]) -> None:
    """Inside the transaction that lets go of them."""
    if wanted := sorted({name for name in names if name}):
        outbox.tell(SocialMessage, GONE, names=wanted)


@outbox.consumes(GONE, "social")
def delete(payload: Mapping[str, Any]) -> None:
    for name in payload["names"]:
        default_storage.delete(name)
