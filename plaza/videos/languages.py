"""Names of languages as BCP 47 writes them (RFC 5646, section 2.1), each with one spelling (section 2.1.1).

Whether it is well-formed is asked, and not whether it is registered: the registry grows, and browsers ignore what they
do not know.
"""

from __future__ import annotations

import re

LONGEST = 35  # RFC 5646, section 4.4.1
TAG = re.compile(
    r"(?P<language>[a-z]{2,3}(-[a-z]{3}){0,3}|[a-z]{4,8})"
    r"(-(?P<script>[a-z]{4}))?"
    r"(-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)"
    r"(?P<extensions>(-[0-9a-wy-z](-[a-z0-9]{2,8})+)*)"
    r"(?P<private>-x(-[a-z0-9]{1,8})+)?"
)


def spelled(said: str) -> str | None:
    """As it is written: en-US, zh-Hant-TW; None for what is no name of a language."""
    if len(said) > LONGEST or not said.isascii():
        return None
    found = TAG.fullmatch(said.lower())
    if found is None:
        return None
    script, region = found["script"], found["region"]
    parts = [found["language"], script and script.title(), region and region.upper()]
    return "-".join(filter(None, parts)) + found["variants"] + found["extensions"] + (found["private"] or "")
