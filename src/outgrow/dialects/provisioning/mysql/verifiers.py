"""MySQL and MariaDB: what a server keeps of a password, made here, so that the password itself is never sent to it.

Neither a general log, a binary log, the list of processes nor performance_schema can show what they never got.
"""

from __future__ import annotations

import hashlib
import secrets

_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SALT = 20  # bytes; crypt(3), of Python's library or the system's, cuts a salt at 16
_ROUNDS = 5000  # the server's default, which it writes as 005


def native(password: str) -> str:
    """mysql_native_password: SHA1 of SHA1. Weak for a word that a person chose, not for 190 random bits."""
    return "*" + hashlib.sha1(hashlib.sha1(password.encode()).digest()).hexdigest().upper()


def caching_sha2(password: str, salt: str | None = None) -> str:
    """caching_sha2_password: SHA-crypt of 256 bits with a longer salt (https://www.akkadia.org/drepper/SHA-crypt.txt)."""
    salt = salt or "".join(secrets.choice(_ALPHABET) for _ in range(_SALT))
    return f"$A${_ROUNDS // 1000:03x}${salt}{_encoded(_sha_crypt(password.encode(), salt.encode()))}"


def _sha_crypt(password: bytes, salt: bytes) -> bytes:
    length = len(password)
    other = hashlib.sha256(password + salt + password).digest()
    first = hashlib.sha256(password + salt + _stretched(other, length))
    bits = length
    while bits:
        first.update(other if bits & 1 else password)
        bits >>= 1
    digest = first.digest()
    p = _stretched(hashlib.sha256(password * length).digest(), length)
    s = _stretched(hashlib.sha256(salt * (16 + digest[0])).digest(), len(salt))
    for number in range(_ROUNDS):
        odd = number & 1
        parts = p if odd else digest
        parts += (s if number % 3 else b"") + (p if number % 7 else b"") + (digest if odd else p)
        digest = hashlib.sha256(parts).digest()
    return digest


def _stretched(digest: bytes, length: int) -> bytes:
    return (digest * (length // len(digest) + 1))[:length]


def _encoded(digest: bytes) -> str:
    """Three bytes as four letters, the lowest bits first, in SHA-crypt's own order of bytes."""
    found, a, b, c = "", 0, 10, 20
    for _ in range(10):
        found += _letters(digest[a] << 16 | digest[b] << 8 | digest[c], 4)
        a, b, c = (a + 21) % 30, (b + 21) % 30, (c + 21) % 30
    return found + _letters(digest[31] << 8 | digest[30], 3)


def _letters(value: int, count: int) -> str:
    return "".join(_ALPHABET[value >> 6 * place & 63] for place in range(count))
