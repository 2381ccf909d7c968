"""Requests that read from replicas, and users who see what they wrote.

``MIDDLEWARE = ["outgrow.middleware.ReplicaMiddleware", …]``, first, so that what other middleware writes and reads
(sessions, users) counts as well.

Safe requests (GET, HEAD, OPTIONS, TRACE) read from replicas, the others from the primaries. A request in which anything
was written, whatever its method and its answer, gives the client signed cookies, one for each primary that was written,
with the position that the next reads need. A client can neither choose a database by them nor forge one: what the
project did not sign counts as nothing.

A browser may wait for several answers at once, and none can know the cookies that the others bring. What is guaranteed:
an answer in which nothing was written sets no cookie; one that wrote to one primary leaves the cookies of the others
alone; and its position is taken when it leaves, so that it holds all that was committed before, also by requests that
began later and were answered earlier. A slow answer thus takes back nothing that a quick one has said. Only two answers
that leave within the same moment and overtake each other on their way can leave the earlier of the two positions.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers

from outgrow import conf
from outgrow.routing import tokens
from outgrow.routing.reading import Block, replicated
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
            return self._mark(request, response, entered.writes.positions() if entered.writes.seen else {})

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        with self._block(request) as entered:
            response: HttpResponseBase = await self._next(request)
            positions = {}
            if entered.writes.seen:  # they are asked for in the thread that wrote, not in the loop
                positions = await sync_to_async(entered.writes.positions)()
            return self._mark(request, response, positions)

    def _block(self, request: HttpRequest) -> Block:
        return Block(request.method in SAFE, self._needs(request), apart=True)

    def _needs(self, request: HttpRequest) -> dict[str, str]:
        """What the client's cookies and header say, for primaries that there are."""
        known, found = replicated(), dict[str, str]()
        given = [request.COOKIES.get(self._cookie(alias), "") for alias in known]
        if self._options.header:  # several, by commas, from a client that got several answers at once
            given += [token.strip() for token in request.headers.get(self._options.header, "").split(",")]
        for token in filter(None, given):
            with suppress(tokens.BadToken):  # too old, or not ours: the other one may be good
                needs = tokens.read(token, max_age=self._options.max_age)
                found = both(found, {alias: position for alias, position in needs.items() if alias in known})
        return found

    def _mark(self, request: HttpRequest, response: HttpResponseBase, positions: dict[str, str]) -> HttpResponseBase:
        if not positions:
            return response
        options, kept = self._options, conf.session_cookie()
        for alias, position in positions.items():
            token = tokens.make({alias: position})
            response.set_cookie(self._cookie(alias), token, max_age=options.max_age, httponly=True, **kept)
        patch_vary_headers(response, ["Cookie"])
        if options.header is not None:
            response.headers[options.header] = tokens.make({**self._needs(request), **positions})
        return response

    def _cookie(self, alias: str) -> str:
        return f"{self._options.cookie}_{quote(alias, safe='')}"
