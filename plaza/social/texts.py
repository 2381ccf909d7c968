"""What a text names: hashtags and people."""

from __future__ import annotations

import re
import unicodedata

MOST_TAGS, MOST_MENTIONS = 60, 20
LONGEST_TAG = 100  # characters
TAGS = re.compile(r"(?<![\w&])(?:#\w+)+")  # one, or several without a blank between them
MENTION = re.compile(r"(?<![\w.@])@([a-z0-9][a-z0-9_.]{1,28}[a-z0-9_])", re.IGNORECASE)


def tag(text: str) -> str:
    """A tag as it is kept: letters that look the same are the same."""
    return unicodedata.normalize("NFKC", text).lower()


def tags(text: str) -> list[str]:
    """Each once, as they come; a number alone is none, nor is what is too long to be kept."""
    found = (tag(one) for run in TAGS.findall(text) for one in run[1:].split("#") if not one.isdecimal())
    return [one for one in dict.fromkeys(found) if len(one) <= LONGEST_TAG]


def mentions(text: str) -> list[str]:
    """Nicknames, each once."""
    return list(dict.fromkeys(name.lower() for name in MENTION.findall(text)))
