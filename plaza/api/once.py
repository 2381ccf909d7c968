"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): a POST that is sent twice is done once.

The key's row is in the database of what is written and in its transaction: both are there, or neither. A second
request waits for the first at the unique key, and gets its answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import wraps
from typing import Any

from django.apps import apps
from django.db import IntegrityError, router, transaction
from django.utils.crypto import salted_hmac
from django.utils.timezone import now
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from plaza.api.parsers import TOO_DEEP
from plaza.api.problems import Unprocessable
from plaza.api.records import LONGEST, KnownRequest

HEADER = "Idempotency-Key"
SALT = "plaza.once"
KEPT = timedelta(hours=24)
"""For how long a retry is known."""

HEADERS = ("ETag", "Location")
"""Of the answer's, those that a client goes on with."""

BATCH = 500

Handler = Callable[..., Response]


def once(known: type[KnownRequest]) -> Callable[[Handler], Handler]:
    """Decorate a view's ``post``: it runs in a transaction of its app's database, together with the key."""

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        def post(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            key = request.headers.get(HEADER, "")
            if not key:
                raise exceptions.ValidationError(
                    {HEADER: "Send one, such as a UUID: a retry with it is not done twice."}
                )
            if len(key) > LONGEST:
                raise exceptions.ValidationError({HEADER: f"Expected at most {LONGEST} characters."})
            return _once(known, key, request, lambda: handler(view, request, *args, **kwargs))

        return post

    return decorate


def _once(known: type[KnownRequest], key: str, request: Request, act: Callable[[], Response]) -> Response:
    using = router.db_for_write(known)
    mine = {"user_id": request.user.pk or 0, "key": _kept(key)}
    print_ = _fingerprint(request)
    try:
        with transaction.atomic(using=using):
            try:
                with transaction.atomic(using=using):
                    row = known.objects.using(using).create(**mine, request=print_)
            except IntegrityError as error:
                raise _Known from error
            answer = act()
            headers = {name: answer[name] for name in HEADERS if name in answer}
            row.status = answer.status_code
            row.answer = json.dumps({"body": answer.data, "headers": headers}, cls=JSONEncoder)
            row.save(using=using)
            return answer
    except _Known:
        return _again(known.objects.using(using).get(**mine), print_)


class _Known(Exception):
    """The key was used before."""


def _again(row: KnownRequest, print_: str) -> Response:
    if row.request != print_:
        raise Unprocessable(f"This {HEADER} was sent with another request: use a new one.")
    said = json.loads(row.answer)
    return Response(said["body"], status=row.status, headers={**said["headers"], "Idempotent-Replayed": "true"})


def tables() -> Iterator[type[KnownRequest]]:
    """Each app's known requests."""
    yield from (model for model in apps.get_models() if issubclass(model, KnownRequest))


def clean(known: type[KnownRequest]) -> int:
    """Delete what no retry will ask for any more, in small steps that nobody waits for; returns how many."""
    using, done, before = router.db_for_write(known), 0, now() - KEPT
    while True:
        old = known._default_manager.using(using).filter(created_at__lt=before)
        keys = list(old.order_by("created_at").values_list("pk", flat=True)[:BATCH])
        done += known._default_manager.using(using).filter(pk__in=keys).delete()[0]
        if len(keys) < BATCH:
            return done


def _kept(key: str) -> str:
    """What of a key is kept: to MySQL K1 and k1 are one text, and two keys would be one."""
    return hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()


def _fingerprint(request: Request) -> str:
    """With the service's own key: there may be a password in what was sent, and what is kept is no quick way to it."""
    said = salted_hmac(SALT, f"{request.method} {request.get_full_path()}\n", algorithm="sha256")
    try:
        said.update(json.dumps(request.data, sort_keys=True, default=repr).encode())
    except RecursionError:
        raise exceptions.ParseError(TOO_DEEP) from None
    return said.hexdigest()
