"""Exports are jobs: one is ordered, a worker (`manage.py plaza_export`) makes its file and deletes it a week later.

A worker claims an order for a quarter of an hour and works outside of any transaction; killed in between, or with a
database away, it is done again later. A file is named after its order and its worker's claim, so that what a killed
worker has left is found, and no two write one file; an order that is gone when the file is ready takes the file along.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import models, router, transaction
from django.db.models import F, Q
from django.utils.timezone import now

from plaza.accounts.models import Export
from plaza.api import exports
from plaza.api.outbox import pause_after

KEPT = timedelta(days=7)
CLAIM = timedelta(minutes=15)
BATCH = 50
log = logging.getLogger(__name__)
WAITING = Q(name="", expires_at=None)
"""No file yet, and its account is there."""


def order(user_id: int) -> Export:
    """The export that this user waits for already, or a new one; inside a transaction that has locked the user."""
    waiting = Export.objects.filter(WAITING, user_id=user_id).first()
    return waiting or Export.objects.create(user_id=user_id)


def forget(user_id: int) -> None:
    """Inside the transaction that deletes an account: its files go when that commits, or with the next sweep."""
    Export.objects.filter(user_id=user_id).update(expires_at=now())
    transaction.on_commit(lambda: sweep(user_id), using=router.db_for_write(Export), robust=True)


def sweep(user_id: int | None = None) -> int:
    """Delete the files whose time is over, then their rows: killed in between, it is done again."""
    old = Export.objects.filter(expires_at__lte=now(), due_at__lte=now())
    if user_id is not None:
        old = old.filter(user_id=user_id)
    gone = 0
    for one in list(old.order_by("pk")[:BATCH]):
        mine = Export.objects.filter(pk=one.pk)
        try:
            default_storage.delete(one.name or _name(one))
        except Exception as error:  # the next one has its turn, and this one comes again
            log.warning("the file of export %s was not deleted", one.pk, exc_info=error)
            mine.update(**_later(one, error))
        else:
            gone += mine.delete()[0]
    return gone


def _name(one: Export) -> str:
    """Of the file that the last claim's worker has made, or may have left."""
    claim = one.claimed_until.timestamp() if one.claimed_until else 0
    return f"exports/{one.public_id.hex}-{claim:.6f}.zip"


def work() -> tuple[int, int]:
    """Make what is due; returns how many were made, and how many have to wait."""
    made = failed = 0
    for one in list(Export.objects.filter(_free(), WAITING, due_at__lte=now()).order_by("pk")[:BATCH]):
        claimed = Export.objects.filter(WAITING, pk=one.pk, due_at=one.due_at, claimed_until=one.claimed_until)
        left, until = _name(one), now() + CLAIM
        if not claimed.update(claimed_until=until):
            continue  # another worker has it
        one.claimed_until = until
        try:
            default_storage.delete(left)  # of a worker that was killed
            _make(one)
        except Exception as error:  # whatever it is, the order stays, and the next one has its turn
            mine = Export.objects.filter(pk=one.pk, claimed_until=until)  # unless another worker took it for dead
            mine.update(claimed_until=None, **_later(one, error))
            failed += 1
        else:
            made += 1
    return made, failed


def _make(one: Export) -> None:
    with TemporaryFile() as file:
        exports.write(one.user_id, file)
        file.seek(0)
        name = default_storage.save(_name(one), File(file))
    at, mine = now(), Export.objects.filter(WAITING, pk=one.pk, claimed_until=one.claimed_until)
    if not mine.update(name=name, ready_at=at, expires_at=at + KEPT):
        default_storage.delete(name)  # the account is gone, or a worker that took it for dead was quicker


def _free() -> models.Q:
    return Q(claimed_until=None) | Q(claimed_until__lt=now())


def _later(one: Export, error: Exception) -> dict[str, Any]:
    """What its row says then."""
    return {"due_at": now() + pause_after(one.attempts), "attempts": F("attempts") + 1, "error": type(error).__name__}
