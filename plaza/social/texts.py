"""What a text names: hashtags and people."""

from __future__ import annotations

import re
import unicodedata

MOST_TAGS, MOST_MENTIONS = 60, 20
LONGEST_TAG = 100  # characters
TAG = re.compile(r"(?<![\w&])#(\w+)")
MENTION = re.compile(r"(?<![\w.@])@([a-z0-9][a-z0-9_.]{1,28}[a-z0-9_])", re.IGNORECASE)


def tag(text: str) -> str:
    """A tag as it is kept: letters that look the same are the same."""
    return unicodedata.normalize("NFKC", text).lower()[:LONGEST_TAG]


def tags(text: str) -> list[str]:
    """Each once, as they come; a number alone is none."""
    found = (tag(one) for one in TAG.findall(text) if not one.isdecimal() and len(one) <= LONGEST_TAG)
    return list(dict.fromkeys(found))


def mentions(text: str) -> list[str]:
    """Nicknames, each once."""
    return list(dict.fromkeys(name.lower() for name in MENTION.findall(text)))
