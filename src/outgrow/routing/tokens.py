"""Positions as one signed text, for a cookie, a header or a task."""

from __future__ import annotations

from collections.abc import Mapping

from django.core import signing

from outgrow.errors import Refused

SALT = "outgrow.position"


class BadToken(Refused):
    """A text that outgrow.position() of this project did not make."""


def make(needs: Mapping[str, str]) -> str:
    return signing.dumps(dict(needs), salt=SALT)


def read(token: str, max_age: int | None = None) -> dict[str, str]:
    """Positions by primary; raises BadToken for a foreign, changed or, in seconds, too old one."""
    try:
        needs = signing.loads(token, salt=SALT, max_age=max_age)
    except signing.BadSignature as error:
        raise BadToken(
            "this position was not made by outgrow.position() of this project, or is too old; hand over the text "
            "that it returned, unchanged."
        ) from error
    return {str(alias): str(position) for alias, position in needs.items()}
