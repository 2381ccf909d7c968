"""Rows for hiding managers, unmanaged tables and fields that alter values."""

from __future__ import annotations

import uuid

from ..store import As, Group
from .keys import UUIDS

CUSTOM = ("secret", "shout", "trimmed", "mood", "price", "fixed", "dashed", "sealed")


def _custom(number: int, *values) -> dict:
    return {"id": number, **dict(zip(CUSTOM, values, strict=True))}


LOUD = As("ß" * 8, "SS" * 8)  # 'ß' would grow to 'SS' and no longer fit eight characters

GROUPS = [
    Group("animals.SoftDeleted", [{"id": n, "name": f"n{n}", "deleted": n % 2 == 0} for n in range(1, 11)]),
    Group(
        "animals.CustomFields",
        [
            _custom(1, b"", "LOUD", "trimmed", "calm", 0, "12345678", uuid.UUID(int=0), ""),
            _custom(2, bytes(range(256)), As("Quiet", "QUIET"), " kept ", "wild", 1999, "abc 한국어x", UUIDS[1], "x"),
            _custom(3, As("AA==", b"\0"), LOUD, " \t", None, 99_999_999_999, "ß" * 8, UUIDS[0], "y" * 20),
            _custom(4, *(None,) * len(CUSTOM)),
        ],
    ),
    Group(
        "animals.SearchCard",
        [
            {"id": 1, "title": "Alpha BETA", "search": "alpha beta"},
            {"id": 2, "title": "", "search": ""},
        ],
    ),
    Group(
        "animals.Census",
        [
            {"id": n, "region": region, "heads": heads}
            for n, region, heads in ((1, "north", 7), (2, "south", 900), (5, "", -1))
        ],
    ),
    Group(
        "animals.Grown",
        [{"id": 1, "first": "1", "second": "2", "third": "3"}, {"id": 2, "first": "a", "second": "b", "third": "c"}],
    ),
    Group("animals.Season", [{"id": 40 + n, "name": name} for n, name in enumerate(["winter", "spring", "monsoon"])]),
    Group("animals.Empty", []),
    Group("animals.Single", [{"id": 1, "name": "the only one"}]),
    Group("animals.Pebble", [{"id": n} for n in (1, 2, 3, 500)]),
]
