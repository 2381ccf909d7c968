"""Requests that read from replicas, and users who see what they wrote.

``MIDDLEWARE = ["outgrow.middleware.ReplicaMiddleware", …]``, first, so that what other middleware writes and reads
(sessions, users) counts as well.

Safe requests (GET, HEAD, OPTIONS, TRACE) read from replicas, the others from the primaries. A request in which anything
was written, whatever its method and its answer, gives the client a signed cookie with the positions that its next reads
need. A client can neither choose a database by it nor forge one: what the project did not sign counts as nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers

from outgrow import conf
from outgrow.routing import tokens
from outgrow.routing.reading import Block, State, replicated
from outgrow.routing.writes import both

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class ReplicaMiddleware:
    """For sync and async stacks; not used where no replicas are declared."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        if not replicated():
            raise MiddlewareNotUsed('OUTGROW["REPLICAS"] declares none')
        self._next = get_response
        self._options = conf.replicas()
        self._async = iscoroutinefunction(get_response)
        if self._async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        return self._later(request) if self._async else self._now(request)

    def _now(self, request: HttpRequest) -> HttpResponseBase:
        with self._block(request) as entered:
            response: HttpResponseBase = self._next(request)
            return self._mark(response, entered)

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        with self._block(request) as entered:
            response: HttpResponseBase = await self._next(request)
            if entered.writes.pending():  # their positions are asked for in the thread that wrote, not in the loop
                await sync_to_async(entered.writes.needs)()
            return self._mark(response, entered)

    def _block(self, request: HttpRequest) -> Block:
        return Block(request.method in SAFE, self._needs(request), apart=True)

    def _needs(self, request: HttpRequest) -> dict[str, str]:
        """What the client's cookie or header says, for primaries that there are."""
        options = self._options
        given = [request.COOKIES.get(options.cookie), request.headers.get(options.header) if options.header else None]
        known, found = replicated(), dict[str, str]()
        for token in filter(None, given):
            with suppress(tokens.BadToken):  # too old, or not ours: the other one may be good
                needs = tokens.read(token, max_age=options.max_age)
                found = both(found, {alias: position for alias, position in needs.items() if alias in known})
        return found

    def _mark(self, response: HttpResponseBase, entered: State) -> HttpResponseBase:
        if not entered.writes.seen:
            return response
        token, options = tokens.make(entered.writes.needs()), self._options
        response.set_cookie(options.cookie, token, max_age=options.max_age, httponly=True, **conf.session_cookie())
        patch_vary_headers(response, ["Cookie"])
        if options.header is not None:
            response.headers[options.header] = token
        return response
