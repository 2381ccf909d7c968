"""JSON as text: taking escapes out that no other engine accepts."""

from __future__ import annotations

import re

_ESCAPES = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)


def strip_json(text: bytes) -> bytes:
    """The JSON text without ``\\u0000`` and without halves of surrogate pairs; whole pairs and all else stay."""
    parts: list[bytes] = []
    end = 0
    high: tuple[int, bytes] | None = None  # a first half that waits for its second: (where it ended, its text)
    for match in _ESCAPES.finditer(text):
        code = int(match[1], 16) if match[1] else -1
        between = text[end : match.start()]
        paired = high is not None and not between and 0xDC00 <= code < 0xE000
        if high is not None and paired:
            parts += [high[1], match[0]]
        else:
            parts.append(between)
            if code != 0 and not 0xD800 <= code < 0xE000:
                parts.append(match[0])
        high = (match.end(), match[0]) if 0xD800 <= code < 0xDC00 else None
        end = match.end()
    return b"".join([*parts, text[end:]])
