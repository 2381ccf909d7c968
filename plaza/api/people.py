"""Who users are, in each app's own database: told by accounts through the outbox, so that a page never asks them.

A message holds the whole profile and its version; an older one that comes late changes nothing. Whoever writes before
his message has come is made from the signed claims of his token.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, router, transaction
from django.db.models import Q
from django.utils.timezone import now

from plaza.api.outbox import consumes
from plaza.api.prepared import prepared
from plaza.api.records import Person
from plaza.media.links import link

PROFILE, DELETED = "accounts.profile", "accounts.deleted"
SHOWN = ("user_id", "public_id", "nickname", "name", "image", "status")
NOBODY = {"id": None, "nickname": None, "name": "deleted user", "image": None}

P = TypeVar("P", bound=Person)


def consume(model: type[Person], consumer: str, then: Callable[[Mapping[str, Any]], None] | None = None) -> None:
    """Keep an app's people as accounts tell of them, and do what follows from it; called by the app's consumers."""

    @consumes(PROFILE, consumer)
    def learn(payload: Mapping[str, Any]) -> None:
        keep(model, payload)
        if then is not None:
            then(payload)

    @consumes(DELETED, f"{consumer}.people")
    def bury(payload: Mapping[str, Any]) -> None:
        number = payload["user_id"]
        tombstone = {
            "nickname": f"deleted-{number}", "name": "deleted user", "image": "", "status": Person.Status.DELETED,
            "told_at": now(),
        }  # fmt: skip
        if not model._default_manager.filter(pk=number).update(**tombstone):
            _make(model, {"user_id": number, "public_id": uuid.uuid4(), **tombstone})


def keep(model: type[Person], told: Mapping[str, Any]) -> None:
    """Write what was told unless it is known already, or newer is; a tombstone stays one."""
    values = {**told, "told_at": datetime.fromisoformat(told["told_at"])}
    number = values["user_id"]
    older = Q(told_at=None) | Q(told_at__lt=values["told_at"])
    rows = model._default_manager.filter(older, pk=number).exclude(status=Person.Status.DELETED)
    if rows.update(**{name: value for name, value in values.items() if name != "user_id"}):
        return
    _make(model, values)


def _make(model: type[P], values: Mapping[str, Any]) -> P:
    """The row, made or, where somebody was faster, as it is: read by a lock, for a snapshot would not show it."""
    using = router.db_for_write(model)
    try:
        with transaction.atomic(using=using):
            return model._default_manager.create(**values)
    except IntegrityError:
        with transaction.atomic(using=using):
            row = model._default_manager.select_for_update().filter(pk=values["user_id"]).first()
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


def writer(model: type[P], request: Any) -> P:
    """Who writes. One that accounts have not told of yet is made from the token; one that is gone writes nothing.

    :raises Gone: the account was deleted
    :raises PermissionDenied: it is blocked
    """
    from rest_framework.exceptions import PermissionDenied

    from plaza.api.problems import Gone

    number = int(request.user.pk)
    person = model._default_manager.filter(pk=number).first()
    if person is None:
        claims = request.auth
        values = {"user_id": number, "public_id": claims["profile"], "nickname": claims["nickname"]}
        person = _make(model, {**values, "name": claims["nickname"]})
    if person.status == Person.Status.DELETED:
        raise Gone("This account was deleted.")
    if person.status == Person.Status.SUSPENDED:
        raise PermissionDenied("This account is blocked.")
    return person
