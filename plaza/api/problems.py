"""Errors as ``application/problem+json`` (RFC 9457): type, title, status, detail, and the fields at fault.

{"type": "urn:plaza:invalid", "title": "Bad Request", "status": 400, "detail": "…",
 "invalid-params": [{"name": "media.0", "reason": "…"}]}
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from plaza.api.retries import is_broken_off

TYPE = "application/problem+json"
RETRY_SECONDS = 5

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class Conflict(exceptions.APIException):
    """Somebody was first: read anew, then decide."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    default_detail = "Somebody else changed this first: read it again."


class Gone(exceptions.APIException):
    status_code = status.HTTP_410_GONE
    default_code = "gone"
    default_detail = "This was here and is gone."


class Stale(exceptions.APIException):
    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "stale"
    default_detail = "This was changed since it was read: read it again and send its new ETag as If-Match."


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class NoSuchRange(exceptions.APIException):
    """What was asked for lies beyond the end of a file of this size."""

    status_code = status.HTTP_416_REQUESTED_RANGE_NOT_SATISFIABLE
    default_code = "no_such_range"

    def __init__(self, size: int) -> None:
        super().__init__(f"There are no such bytes: this file has {size:,}.")
        self.size = size


class Unprocessable(exceptions.APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "unprocessable"


class VersionRequired(exceptions.APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "version_required"
    default_detail = "Send the ETag that you read as If-Match, so that nobody's change is lost."


class Unavailable(exceptions.APIException):
    """A database that this endpoint needs does not answer; others go on."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = "A database that this needs does not answer: try again in a few seconds."
    wait = RETRY_SECONDS


def vanishing(act: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Decorate what inserts beside a row that somebody may just be deleting: then it is not there."""

    @wraps(act)
    def tried(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        try:
            return act(*args, **kwargs)
        except IntegrityError:
            raise exceptions.NotFound("This was just deleted.") from None

    return tried


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler; None for what is a fault of the code, which is Django's to report."""
    known = _known(error)
    if known is None:
        return None
    set_rollback()
    headers = dict(getattr(context.get("request"), "limit_headers", {}))
    if known.status_code == status.HTTP_401_UNAUTHORIZED:
        headers["WWW-Authenticate"] = getattr(known, "auth_header", "Bearer")
    if isinstance(known, NoSuchRange):
        headers |= {"Content-Range": f"bytes */{known.size}", "Accept-Ranges": "bytes"}
    if wait := getattr(known, "wait", None):
        headers["Retry-After"] = str(int(wait) or 1)
    return Response(body(known), status=known.status_code, headers=headers, content_type=TYPE)


def _known(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404 | ObjectDoesNotExist):
        return exceptions.NotFound()  # also what was there a moment ago, when this request first looked
    if isinstance(error, RequestDataTooBig):
        return TooLarge(f"This body is too large: expected at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes.")
    if isinstance(error, SuspiciousOperation):
        return exceptions.ParseError("This request cannot be accepted.")
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, OperationalError) and is_broken_off(error):
        return Conflict("Too many want this at once: read it again, then decide.")
    if isinstance(error, OperationalError | InterfaceError) or _gone(error):
        return Unavailable()
    return None


def _gone(error: Exception) -> bool:
    """A connection that broke in the middle is a plain DatabaseError to some drivers."""
    return isinstance(error, DatabaseError) and "connection" in str(error).lower()


def body(error: exceptions.APIException) -> dict[str, Any]:
    fields = list(_fields(error.detail))
    found: dict[str, Any] = {
        "type": f"urn:plaza:{error.get_codes() if isinstance(error.get_codes(), str) else error.default_code}",
        "title": HTTPStatus(error.status_code).phrase,
        "status": error.status_code,
        "detail": _sentence(error, fields),
    }
    if fields and isinstance(error, exceptions.ValidationError):
        found["invalid-params"] = [{"name": name, "reason": reason} for name, reason in fields]
    return found


def _sentence(error: exceptions.APIException, fields: list[tuple[str, str]]) -> str:
    if isinstance(error.detail, str):
        return _plain(error.detail)
    if len(fields) == 1:
        name, reason = fields[0]
        return f"{name}: {reason}" if name else reason
    return f"{len(fields)} fields cannot be accepted: see invalid-params."


def _fields(detail: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """(field, reason), nested ones with dots; what belongs to no field has an empty name."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            here = "" if key in ("non_field_errors", "detail") else str(key)
            yield from _fields(value, ".".join(filter(None, (name, here))))
    elif isinstance(detail, list | tuple):
        nested = any(isinstance(one, Mapping | list) for one in detail)
        for number, one in enumerate(detail):
            if not nested or one:
                yield from _fields(one, f"{name}.{number}" if nested and name else name)
    else:
        yield _plain(name), _plain(detail)


def _plain(text: object) -> str:
    """Half a character (a lone surrogate) that was sent and is cited could not be answered."""
    return str(text).encode(errors="replace").decode()


@csrf_exempt
def not_found(request: HttpRequest, exception: Exception | None = None, anything: str = "") -> JsonResponse:
    """For addresses that no view has."""
    return JsonResponse(body(exceptions.NotFound("There is nothing at this address.")), status=404, content_type=TYPE)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """For what Django itself refuses, such as a Host that is not served."""
    known = exceptions.ParseError("This request cannot be accepted: check its Host and its headers.")
    return JsonResponse(body(known), status=400, content_type=TYPE)


def server_error(request: HttpRequest) -> JsonResponse:
    """For a fault of the code: it says nothing of what happened inside."""
    return JsonResponse(
        body(exceptions.APIException("The service failed; it is logged.")), status=500, content_type=TYPE
    )
