"""UUIDs, bytes and JSON; JSON is stored as the text given here, where the engine keeps text."""

from __future__ import annotations

import json
import random
import uuid
from typing import Any

from ..store import ALL, As, Group, column_values
from .keys import UUIDS

BYTES = [
    b"", b"\0", b"\0\0\0", bytes(range(256)), bytes(reversed(range(256))), b"\\", b"\\N", b"\\x41", b"\n\t\r",
    b"'\"`", b"\xff\xfe", b"\xc3\x28", b"plain text", b"%s", random.Random(6).randbytes(2**20), None,
]  # fmt: skip
SHORT = [None, b"", b"0123456789abcdef", b"\xff" * 16]
# MariaDB's uuid refuses a seventh byte above 0x7f beside a ninth of at most 0x80 (10.11).
MALFORMED = uuid.UUID("a59598fb-ee85-b2eb-1f4f-c7b197ee97f3")
JSON_TEXTS = [
    "null", "true", "false", "0", "-1", "1", "1.0", "1.5", "-1.5", "0.1", "0.30000000000000004", "1e22", "1e-7",
    "1E+2", "100.0", "-0.0", "123456789.12345679", "9007199254740991", "-9007199254740991", "9007199254740993",
    "9223372036854775807", "-9223372036854775808", "1.7976931348623157e308", "2.2250738585072014e-308",
    '""', '"text"', '"\\\\N"', '"\\t\\n\\r\\f\\b\\/\\\\\\""', '"\\u00e9\\uD83E\\uDD8A"',
    '"é🦊"', '"\\u0001\\u001f\\u007f"',
    '"\\uffff\\u2028"', '"null"', "[]", "{}", "[[]]", "[{}]", '{"a": {}}', "[null]", "[1, 1.0, true, \"1\", null]",
    '{"": "empty key", " ": 1, "a.b": {"c.d": 1}, "a": {"b": 2}, "it\'s": "\\"", "\\"": 1, "$": 1, "$.a": 2, "0": 0}',
    '{"é": 1, "e\\u0301": 2, "É": 3, "İ": 4, "i\\u0307": 5}', '{"b": 1, "aa": 2, "a": 3, "A": 4, "ab": 5}',
    '{"one": [1, [2, [3, [4, {"five": [6]}]]]]}', " { \"blanks\" :\n [ 1 ,\t2 ] } ", "[" * 31 + "]" * 31,
]  # fmt: skip
LONG_JSON = json.dumps({"text": '🦊\\"' * 50_000, "list": list(range(20_000))})
DEEP_JSON = "[" * 90 + "]" * 90  # MariaDB takes 31 levels, MySQL 100
# Text is kept by SQLite and MariaDB; jsonb and MySQL's json would keep another value (design §4).
ODD_JSON_TEXTS = [
    '{"a": 1, "a": 2}',
    "[1, 18446744073709551616, 123456789012345678901234567890]",
    "[3.14159265358979323846]",
]


def _document(text: str | None) -> Any:
    return None if text is None else As(text, json.loads(text))


GROUPS = [
    Group("animals.Uuids", [{"id": n, "value": u, "unique": u} for n, u in enumerate(UUIDS, 1)]),
    Group(
        "animals.Uuids",
        [{"id": 50, "value": MALFORMED, "unique": MALFORMED}],
        engines=ALL - {"mariadb"},
        extreme=True,
    ),
    Group("animals.Uuids", [{"id": 100, "value": None, "unique": uuid.UUID(int=10)}]),
    Group("animals.Blobs", [{"id": n, "data": data, "short": SHORT[n % 4]} for n, data in enumerate(BYTES, 1)]),
    Group("animals.Documents", column_values("body", [None, *map(_document, JSON_TEXTS), _document(LONG_JSON)])),
    Group(
        "animals.Documents",
        column_values("body", [_document(DEEP_JSON)], 300),
        engines=ALL - {"mariadb"},
        extreme=True,
    ),
    Group(
        "animals.Documents",
        column_values("body", map(_document, ODD_JSON_TEXTS), 200),
        engines=frozenset({"sqlite", "mariadb"}),
        extreme=True,
    ),
    Group("animals.StrictDocuments", column_values("body", map(_document, ["null", "{}", "[]", '{"a": null}']))),
]
