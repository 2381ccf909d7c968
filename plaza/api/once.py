"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): a POST that is sent twice is done once.

The key's row is in the database of what is written and in its transaction: both are there, or neither. A second
request waits for the first at the unique key, and gets its answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import IntegrityError, router, transaction
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from plaza.api.parsers import TOO_DEEP
from plaza.api.problems import Unprocessable
from plaza.api.records import LONGEST, KnownRequest

HEADER = "Idempotency-Key"

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
    mine = {"user_id": request.user.pk or 0, "key": key}
    print_ = _fingerprint(request)
    try:
        with transaction.atomic(using=using):
            try:
                with transaction.atomic(using=using):
                    row = known.objects.using(using).create(**mine, request=print_)
            except IntegrityError as error:
                raise _Known from error
            answer = act()
            row.status, row.answer = answer.status_code, json.dumps(answer.data, cls=JSONEncoder)
            row.save(using=using)
            return answer
    except _Known:
        return _again(known.objects.using(using).get(**mine), key, print_)


class _Known(Exception):
    """The key was used before."""


def _again(row: KnownRequest, key: str, print_: str) -> Response:
    if row.key != key or row.request != print_:  # MySQL and MariaDB take `a` and `A` for one key
        raise Unprocessable(f"This {HEADER} was sent with another request: use a new one.")
    return Response(json.loads(row.answer), status=row.status, headers={"Idempotent-Replayed": "true"})


def _fingerprint(request: Request) -> str:
    said = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    try:
        said.update(json.dumps(request.data, sort_keys=True, default=repr).encode())
    except RecursionError:
        raise exceptions.ParseError(TOO_DEEP) from None
    return said.hexdigest()
