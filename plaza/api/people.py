"""Who users are, in each app's own database: told by accounts through the outbox, so that a page never asks them.

A message holds the whole profile and its version; an older one that comes late changes nothing. Whoever writes before
his message has come is made from the signed claims of his token, and is private until it comes: they do not say it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, router, transaction
from django.db.models import Q
from django.utils.timezone import now

from plaza.api import locks
from plaza.api.outbox import consumes
from plaza.api.prepared import prepared
from plaza.api.records import Person
from plaza.media.links import link

PROFILE, DELETED = "accounts.profile", "accounts.deleted"
SHOWN = ("user_id", "public_id", "nickname", "name", "image", "status")
NOBODY = {"id": None, "nickname": None, "name": "deleted user", "image": None}

P = TypeVar("P", bound=Person)


def consume(
    model: type[Person],
    consumer: str,
    forget: Callable[[int], None],
    then: Callable[[Mapping[str, Any]], None] | None = None,
) -> None:
    """Keep an app's people as accounts tell of them, and do what follows from it; called by the app's consumers.

    ``forget`` removes what a deleted user had there: once he is a tombstone, so that nothing comes after it.
    """

    @consumes(PROFILE, consumer)
    def learn(payload: Mapping[str, Any]) -> None:
        keep(model, payload)
        if then is not None:
            then(payload)

    @consumes(DELETED, consumer)
    def leave(payload: Mapping[str, Any]) -> None:
        bury(model, payload["user_id"])
        forget(payload["user_id"])


def bury(model: type[Person], number: int) -> None:
    """Make a user a tombstone, in a transaction of its own, so that whoever begins to write finds it; then wait for
    what is just being written (see ``writing``)."""
    tombstone = {
        "nickname": f"deleted-{number}", "name": "deleted user", "image": "", "status": Person.Status.DELETED,
        "told_at": now(),
    }  # fmt: skip
    rows = model._default_manager.filter(pk=number)
    if not rows.update(**tombstone):
        _make(model, {"user_id": number, "public_id": uuid.uuid4(), **tombstone})
        rows.update(**tombstone)  # he may just have been made from a token
    locks.outlasted(model, number)


def keep(model: type[Person], told: Mapping[str, Any]) -> None:
    """Write what was told unless it is known already, or newer is; a tombstone stays one."""
    values = {**told, "told_at": datetime.fromisoformat(told["told_at"])}
    number = values["user_id"]
    older = Q(told_at=None) | Q(told_at__lt=values["told_at"])
    rows = model._default_manager.filter(older, pk=number).exclude(status=Person.Status.DELETED)
    changes = {name: value for name, value in values.items() if name != "user_id"}
    if not rows.update(**changes):
        _make(model, values)
        rows.update(**changes)  # he may just have been made from a token


def _make(model: type[P], values: Mapping[str, Any]) -> P:
    """The row, made or, where somebody was faster, as it is: read by a lock, for a snapshot would not show it."""
    using = router.db_for_write(model)
    try:
        with transaction.atomic(using=using):
            return model._default_manager.create(**values)
    except IntegrityError:
        with transaction.atomic(using=using):
            row = locks.held(model, [values["user_id"]]).get(values["user_id"])
        if row is None:
            raise  # not that the row is there, but a key of another table
        return row


def card(public_id: uuid.UUID, nickname: str, name: str, image: str) -> dict[str, Any]:
    """What is shown of one who is not gone; see ``forms.Someone``."""
    return {"id": str(public_id), "nickname": nickname, "name": name, "image": link(image) if image else None}


@prepared
def _known(numbers: Iterable[int], *, model: type[Person]) -> Any:
    rows = model._default_manager.filter(pk__in=numbers).exclude(status=Person.Status.DELETED)
    return rows.values_list(*SHOWN)


def shown(model: type[Person], numbers: Iterable[int | None]) -> dict[int | None, dict[str, Any]]:
    """What a page shows of its users, by their numbers, in one query; a stand-in for those that are gone."""
    wanted = {number for number in numbers if number is not None}
    found: dict[int | None, dict[str, Any]] = dict.fromkeys({None, *wanted}, NOBODY)
    for number, *columns, _ in _known(wanted, model=model):
        found[number] = card(*columns)
    return found


def writing(model: type[P], request: Any, *others: int, alone: bool = False) -> dict[int, P]:
    """Who writes, and those others whom it is about, by their numbers: locked, so that nobody of them is deleted before
    this transaction ends. Whatever points at a user is written so, or he is deleted and it stays for ever.

    One that accounts have not told of yet is made from the token; one that is gone writes nothing.

    :raises Gone: the account was deleted
    :raises PermissionDenied: it is blocked
    """
    me = int(request.user.pk)
    found = here(model, {**dict.fromkeys(others), me: told_by(request)}, alone=alone)
    _refuse(found[me])
    return found


def writer(model: type[P], request: Any, *, alone: bool = False) -> P:
    """The same where it is about nobody else."""
    return writing(model, request, alone=alone)[int(request.user.pk)]


def allowed(model: type[P], request: Any) -> int:
    """The number of who may write, as he is known now and without a lock: before a long body is read, or for what only
    deletes, or changes rows by a condition."""
    number = int(request.user.pk)
    person = model._default_manager.filter(pk=number).first()
    if person is not None:
        _refuse(person)
    return number


def told_by(request: Any) -> dict[str, Any]:
    """Who the token says that its bearer is; whether he is private it does not say: none is public by mistake."""
    claims, known = request.auth, {"user_id": int(request.user.pk), "is_private": True}
    return {**known, "public_id": claims["profile"], "nickname": claims["nickname"], "name": claims["nickname"]}


def here(model: type[P], told: Mapping[int, Mapping[str, Any] | None], *, alone: bool = False) -> dict[int, P]:
    """The rows of these users, locked (see ``locks.held``); of whom accounts have told nothing yet, made of this."""
    found = locks.held(model, told, alone=alone)
    for number, values in sorted(told.items()):
        if number not in found and values is not None:
            found[number] = _make(model, values)
    return found


def _refuse(person: Person) -> None:
    from rest_framework.exceptions import PermissionDenied

    from plaza.api.problems import Gone

    if person.status == Person.Status.DELETED:
        raise Gone("This account was deleted.")
    if person.status == Person.Status.SUSPENDED:
        raise PermissionDenied("This account is blocked.")
