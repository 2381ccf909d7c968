"""``outgrow.allow_cross_database``: code that may cross the owners for now, with the issue where that is being solved.

    with outgrow.allow_cross_database(issue="https://tracker.example/7", until="2027-01"):
        ...

Without a rehearsal it costs one ContextVar and changes nothing. In one, what crosses inside is not reported, and what
is written inside does not count for its transaction; after ``until`` it is reported again, and that it ended is said.
"""

from __future__ import annotations

import calendar
import re
from contextlib import ContextDecorator
from contextvars import ContextVar, Token
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

from outgrow.errors import Refused

_UNTIL = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")
_now: ContextVar[tuple[Exemption, ...]] = ContextVar("outgrow_exemptions", default=())


class allow_cross_database(ContextDecorator):
    """A context manager, and a decorator of functions and of coroutine functions.

    ``issue``: the URL of the issue; ``until``: the last month ("2027-01") or day ("2027-01-31") on which this holds.
    Raises Refused at once for anything else.
    """

    def __init__(self, *, issue: str, until: str | None = None) -> None:
        self.exemption = Exemption(issue, until)
        self._tokens: list[Token[tuple[Exemption, ...]]] = []

    def _recreate_cm(self) -> allow_cross_database:
        return allow_cross_database(issue=self.exemption.issue, until=self.exemption.until)

    def __call__(self, function: Any) -> Any:
        import inspect  # late: only decorators need it

        if not inspect.iscoroutinefunction(function):
            return super().__call__(function)
        import functools

        @functools.wraps(function)
        async def inner(*args: Any, **kwargs: Any) -> Any:
            with self._recreate_cm():
                return await function(*args, **kwargs)

        return inner

    def __enter__(self) -> Exemption:
        self._tokens.append(_now.set((*_now.get(), self.exemption)))
        return self.exemption

    def __exit__(self, *exc: object) -> None:
        _now.reset(self._tokens.pop())


class Exemption:
    """An issue and a last day. ``used`` counts what it kept from being reported in this process."""

    __slots__ = ("ends", "issue", "until", "used")

    def __init__(self, issue: str, until: str | None = None) -> None:
        if not is_link(issue):
            raise Refused(
                f"allow_cross_database(issue={issue!r}): expected the URL of the issue where this is being solved, "
                'such as "https://tracker.example/7"; file one and put it here.'
            )
        self.issue = issue
        self.until = until
        self.ends = last_day(until) if until is not None else None
        self.used = 0

    @property
    def expired(self) -> bool:
        return self.ends is not None and datetime.now(UTC).date() > self.ends

    def __str__(self) -> str:
        if self.expired:
            return (
                f"the exemption for {self.issue} ended with {self.until}: cure what it allowed, or agree on a later "
                "date and write it there."
            )
        return f"allowed for {self.issue}" + (f" until {self.until}" if self.until else "")


def current() -> Exemption | None:
    """The exemption that holds here: the innermost that has not ended, else the innermost; None outside of all."""
    found = _now.get()
    return next((e for e in reversed(found) if not e.expired), found[-1]) if found else None


def is_link(text: object) -> bool:
    """Whether this is the URL of something on the web."""
    if not isinstance(text, str):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)


def last_day(until: object) -> date:
    """The last day of "2027-01", or the day "2027-01-31" itself; raises Refused for anything else."""
    match = _UNTIL.fullmatch(until) if isinstance(until, str) else None
    if match:
        year, month = int(match[1]), int(match[2])
        try:
            return date(year, month, int(match[3] or calendar.monthrange(year, month)[1]))
        except (ValueError, calendar.IllegalMonthError):
            pass
    raise Refused(f'until={until!r} is no date: expected a month such as "2027-01" or a day such as "2027-01-31".')
