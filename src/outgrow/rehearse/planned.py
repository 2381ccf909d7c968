"""The owners that are rehearsed: of a file, as JSON, or those that the project declares already."""

from __future__ import annotations

import json
from pathlib import Path

from outgrow.errors import Refused
from outgrow.rehearse.ownership import Ownership, check_spelling
from outgrow.routing import Owners, WrongRoutes, declared


def planned(typed: str | None) -> Ownership:
    """``typed``: a JSON file, or JSON itself: {"auth_db": ["auth", …], "default": "*"}; None: OUTGROW["OWNERS"].

    Raises Refused where there are no owners, or they name what the project does not have.
    """
    if not typed:
        owners = declared()
        if owners is None:
            raise Refused(
                'No owners are planned: give --owners a JSON file such as {"auth_db": ["auth", "sessions"], '
                '"default": "*"}, or declare OUTGROW["OWNERS"].'
            )
        return Ownership(owners)
    try:
        owners = Owners.parse(_json(typed))
    except WrongRoutes as error:
        raise Refused(str(error).replace('OUTGROW["OWNERS"]', "--owners")) from error
    check_spelling(owners)
    return Ownership(owners)


def _json(typed: str) -> object:
    text, where = typed, "--owners"
    if not typed.lstrip().startswith("{"):
        where = typed
        try:
            text = Path(typed).read_text(encoding="utf-8")
        except OSError as error:
            raise Refused(f"The owners' file {typed} cannot be read ({error.strerror}): name a JSON file.") from error
    try:
        found: object = json.loads(text)
    except ValueError as error:
        raise Refused(f"The owners in {where} are not JSON ({error}): expected a JSON object of aliases.") from error
    return found
