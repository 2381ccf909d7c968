"""Rows for hiding managers, unmanaged tables and fields that alter values."""

from __future__ import annotations

from ..store import As, Group

CUSTOM = ("secret", "shout", "trimmed", "mood", "price", "fixed")


def _custom(number: int, *values) -> dict:
    return {"id": number, **dict(zip(CUSTOM, values, strict=True))}


GROUPS = [
    Group("animals.SoftDeleted", [{"id": n, "name": f"n{n}", "deleted": n % 2 == 0} for n in range(1, 11)]),
    Group(
        "animals.CustomFields",
        [
            _custom(1, b"", "LOUD", "trimmed", "calm", 0, "12345678"),
            _custom(2, bytes(range(256)), As("Quiet", "QUIET"), "  kept  ", "wild", 1999, "abc 한국어x"),
            # 'ß' would grow to 'SS' and no longer fit eight characters.
            _custom(3, As("AA==", b"\0"), As("ßßßßßßßß", "SS" * 8), " \t", None, 99_999_999_999, "ßßßßßßßß"),
            _custom(4, None, None, None, None, None, None),
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
