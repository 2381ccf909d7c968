"""Why something cannot be done, in a sentence for whoever asked."""

from __future__ import annotations


class Refused(Exception):
    """The rules do not allow this, now or ever."""


class Late(Refused):
    """Somebody, or something, was first: read anew, then decide."""


class Over(Refused):
    """It was there, and its time is over."""
