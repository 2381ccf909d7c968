"""Values and secrets as they may be shown: a value by its length and a short hash, a secret not at all."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xxhash import xxh3_64_hexdigest

HIDDEN = "********"
# "user:password@host" is how messages show what a URL looks like
_USERINFO = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)(?!user(?::password)?@host\b)[^\s'\"]*@")
_QUOTED = re.compile(r"""'[^'\n]*'|"[^"\n]*"|=\([^)\n]*\)""")
_PASSWORD = re.compile(
    r"""(?P<name>['"]?\b(?:password|passwd|passphrase|sslpassword|secret_key|pgpassword)['"]?\s*[=:]\s*)"""
    r"""(?P<value>'[^']*'|"[^"]*"|[^\s,;)'"]+)""",
    re.IGNORECASE,
)


def mask(value: object, *, show: bool = False) -> str:
    """A value of somebody's row: ``12 characters, #3f2a91`` unless values may be shown."""
    if show:
        return repr(value)
    if value is None:
        return "NULL"
    if isinstance(value, bytes | bytearray | memoryview):
        raw, unit = bytes(value), "bytes"
        length = len(raw)
    else:
        text = str(value)
        raw, unit, length = text.encode("utf-8", "surrogatepass"), "characters", len(text)
    return f"{length} {unit if length != 1 else unit[:-1]}, #{xxh3_64_hexdigest(raw)[:6]}"


def quiet(message: str) -> str:
    """A driver's message with everything it quotes masked: drivers quote values of rows."""
    return _QUOTED.sub(lambda m: f"<{mask(m[0].strip('=()').strip(chr(39) + chr(34)))}>", message)


def scrub(text: str, secrets: Iterable[str] = ()) -> str:
    """Text with known secrets, logins inside URLs and anything called a password taken out."""
    for secret in sorted({s for s in secrets if len(s) > 2}, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = _USERINFO.sub(rf"\g<scheme>{HIDDEN}@", text)
    return _PASSWORD.sub(rf"\g<name>{HIDDEN}", text)
