"""Files that no row names any more are deleted by the outbox, after the commit that let go of them: none is left, and
no transaction waits for a disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.files.storage import default_storage

from plaza.api import outbox
from plaza.api.records import OutboxMessage

BATCH = 100  # files of one message


class Dropped:
    """Of one app: what it drops inside a transaction is deleted after its commit, however many attempts that takes."""

    def __init__(self, messages: type[OutboxMessage]) -> None:
        app = messages._meta.app_label
        self._messages, self._topic = messages, f"{app}.files_gone"
        outbox.consumes(self._topic, app)(_delete)

    def __call__(self, names: Iterable[str | None], folders: Iterable[str] = ()) -> None:
        """Inside the transaction that lets go of them; what has no name is no file."""
        wanted = sorted({name for name in names if name})
        for first in range(0, len(wanted), BATCH):
            outbox.tell(self._messages, self._topic, names=wanted[first : first + BATCH])
        for one in sorted(set(folders)):
            outbox.tell(self._messages, self._topic, folder=one)


def _delete(payload: Mapping[str, Any]) -> None:
    for name in payload.get("names") or _all_of(payload["folder"]):
        default_storage.delete(name)


def _all_of(folder: str) -> list[str]:
    """What lies in it, and where it is one of a disk, itself."""
    try:
        _, found = default_storage.listdir(folder)
    except FileNotFoundError:
        return []
    return [*(f"{folder}/{one}" for one in found), folder]
