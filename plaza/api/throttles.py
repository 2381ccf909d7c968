"""Limits by user (or address, or what a view says) and route, counted in one step by the ``limits`` library.

THROTTLE_URL names the store: ``redis://…`` counts over all processes; ``memory://`` within one, which is right for one.
"""

from __future__ import annotations

import logging
import math
import time
from functools import cache
from threading import Lock
from typing import Any

from django.conf import settings
from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from plaza.api import clients

log = logging.getLogger(__name__)
_making = Lock()


def limiter() -> FixedWindowRateLimiter:
    with _making:  # two threads that make the first one import the store's driver at once, and one finds half of it
        return _limiter(settings.THROTTLE_URL)


@cache
def _limiter(url: str) -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(storage_from_string(url))


@cache
def limit_of(scope: str) -> RateLimitItem | None:
    """The limit of a scope: PLAZA_LIMITS, for example {"token": "15/5 minutes"}; None where it has none."""
    found = settings.PLAZA_LIMITS.get(scope)
    return parse(found) if found else None


def headers(scope: str, limit: RateLimitItem, wait: float) -> dict[str, str]:
    """What a 429 says of the limit that was reached (draft-ietf-httpapi-ratelimit-headers-11)."""
    return {
        "RateLimit-Policy": f'"{scope}";q={limit.amount};w={limit.get_expiry()}',
        "RateLimit": f'"{scope}";r=0;t={math.ceil(wait)}',
    }


def asker(request: Request) -> str:
    return f"user {request.user.pk}" if request.user and request.user.pk else clients.network(request)


def spend(request: Request, scope: str, *about: str, by: str | None = None) -> None:
    """Count what a view finds out only while it works, such as a like that is new, or a try at this one thing; by
    whoever asks, if it is not said.

    :raises Throttled: 429, it is one too many
    """
    throttle = Throttle()
    if throttle.is_over(request, scope, by or asker(request), *about):
        raise exceptions.Throttled(throttle.wait())


class Throttle(BaseThrottle):
    """The limit of the view's ``throttle_scope``, by its ``counted_by`` if it has one, and of all requests together."""

    def __init__(self) -> None:
        self._wait: float | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        own = getattr(view, "throttle_scope", None)
        if self.is_over(request, "all", asker(request)):
            return False
        return own is None or not self.is_over(request, own, getattr(view, "counted_by", asker)(request))

    def is_over(self, request: Request, scope: str, *who: str) -> bool:
        """Count one of this scope, if it has a limit; whether that was one too many."""
        limit = limit_of(scope)
        if limit is None or self._is_counted(limit, scope, *who):
            return False
        request.limit_headers = headers(scope, limit, self._wait or 1)  # for problems.handle
        return True

    def _is_counted(self, limit: RateLimitItem, scope: str, *who: str) -> bool:
        """A store that does not answer lets everybody in: limits protect the service, and must not stop it."""
        try:
            if limiter().hit(limit, scope, *who):
                return True
            self._wait = max(1.0, limiter().get_window_stats(limit, scope, *who).reset_time - time.time())
        except Exception as error:  # whatever the store's driver raises
            log.warning("the store of the limits does not answer (%s): nobody is limited", type(error).__name__)
            return True
        return False

    def wait(self) -> float | None:
        return self._wait
