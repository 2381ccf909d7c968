"""Texts that break parsers, loaders and collations.

No engine but SQLite and MySQL/MariaDB holds NUL; half surrogates fit nowhere.
"""

from __future__ import annotations

import tempfile

from ..store import As, Group, column_values

CONTROLS = [chr(code) for code in [*range(1, 32), 127, 0x80, 0x85, 0x9F]]
TEXTS = [
    "plain", "", " ", "  leading", "trailing  ", "\ttab\t", "line\nfeed", "return\r", "\r\n", "\f\v\b\a\x1b",
    "\\", "\\\\", "\\N", "\\\\N", "\\.", "\\n", "\\t", "\\x41", "\\0", "\\101", "ends with \\", "\\\n", "\\\t",
    ".", "NULL", "null", "None", "\n", "\n\n", "\\.\n", "a\n\\.\nb",
    "'", "''", '"', '""', "`", "it's", 'say "hi"', "$$", "$1", "%", "%s", "%%", "%(x)s", "{0}", "?", ":x", "@x",
    ";", "-- comment", "/* */", "#", ",", "|", "\x01", "\x02", "\x1a", "\x7f",
    "🦊", "🏳️‍🌈", "👨‍👩‍👧‍👦", "🇰🇷", "𝒵𝑜𝑜", "\U0010ffff", "\U00010000",
    "e\u0301", "é", "ǆ", "ﬁ", "한국어", "\u1112\u1161\u11ab", "日本語", "\u202eright to left", "שלום", "مرحبا",
    "\u0130stanbul", "ß", "ſ", "\ufeffBOM", "\uffff", "\ufffe", "\ufffd", "\ufdd0", "\u200b", "\u2028", "\u2029",
    "\u00a0", "\u3000", "a\u0000b".replace("\u0000", "\u2400"), "true", "0", "1", "-0", "1e22", "0x41", "NaN",
    "2024-02-29", "[1, 2]", "{}", "{NULL}", "(,)", "<a>&amp;</a>", "=1+1", "x" * 200, "한" * 200, "🦊" * 200,
    "".join(CONTROLS), "é" * 100 + " " * 100, "\\" * 200, "'" * 200, "\t" * 200,
]  # fmt: skip
MEGABYTE = 2**20


def _bounded(number: int, one: str, fill: str, indexed: str | None) -> dict:
    return {"id": number, "one": one, "fifty": fill * 50, "most": fill * 255, "indexed": indexed}


def _text_like(number: int, *values: str) -> dict:
    return {"id": number, **dict(zip(("email", "url", "slug", "file_path", "file"), values, strict=True))}


def _addresses(number: int, *values) -> dict:
    return {"id": number, **dict(zip(("any", "v4", "v6", "unpacked"), values, strict=True))}


GROUPS = [
    Group("animals.Texts", [{"id": n, "text": text, "char": text} for n, text in enumerate(TEXTS, 1)]),
    Group("animals.Texts", [{"id": 1000 + n, "text": text, "char": text} for n, text in enumerate(CONTROLS)]),
    Group("animals.Texts", [{"id": 2000, "text": None, "char": None}, {"id": 2001, "text": "", "char": None}]),
    Group(
        "animals.Texts",
        [{"id": 3000, "text": "NUL\0inside", "char": "\0"}, {"id": 3001, "text": "end\0", "char": "\0\0"}],
        engines=frozenset({"sqlite", "mysql", "mariadb"}),
        extreme=True,
    ),
    Group(  # SQLite checks no length (trap 3)
        "animals.Texts",
        [{"id": 4000, "text": "", "char": "y" * 201}, {"id": 4001, "text": "", "char": "🦊" * 5000}],
        engines=frozenset({"sqlite"}),
        extreme=True,
    ),
    Group(
        "animals.LongTexts",
        column_values(
            "body",
            [
                "a" * MEGABYTE,
                "\\\t\n\r" * (MEGABYTE // 8),
                "🦊" * (MEGABYTE // 4),
                "".join(f"line {n}\r\n" for n in range(100_000)),
                "x" * 65_535,
                "x" * 65_536,
                "'" * 70_000,
                "",
            ],
        ),
    ),
    Group("animals.BoundedTexts", [_bounded(1, "a", "a", "a"), _bounded(2, "한", "한", None)]),
    Group("animals.BoundedTexts", [_bounded(3, "🦊", "🦊", "🦊" * 100), _bounded(4, "", "", None)]),
    Group(
        "animals.TextLike",
        [
            _text_like(1, "", "", "", "", ""),
            _text_like(
                2, "a+b@example.com", "https://example.com/?q=%C3%A9&a=b#c", "slug", tempfile.gettempdir(), "a b.txt"
            ),
            _text_like(3, "요리@예시.한국", "http://[::1]:80/" + "p" * 484, "유니코드", "/%s/\\", "animals/é/%00.png"),
            _text_like(4, "not an address", "not a URL", "not a slug!", "/nowhere", "n" * 150),
        ],
    ),
    Group(
        "animals.Addresses",
        [
            _addresses(1, "0.0.0.0", "0.0.0.0", "::", "0.0.0.0"),
            _addresses(2, "255.255.255.255", "127.0.0.1", "::1", "10.1.2.3"),
            _addresses(3, "2001:db8::1", "192.168.0.1", "fe80::1", "2001:db8::"),
            _addresses(4, "::ffff:192.0.2.128", "1.2.3.4", "::ffff:192.0.2.128", "192.0.2.128"),
            _addresses(5, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "8.8.8.8", "1:2:3:4:5:6:7:8", "1::8"),
            _addresses(6, "64:ff9b::102:304", "1.0.0.0", "0:0:1::", "2001:0:0:1::1"),
            _addresses(7, None, None, None, None),
        ],
    ),
    Group(  # Django never writes these forms, other programs do; inet would change them
        "animals.Addresses",
        [
            _addresses(
                100, *[As(text, text) for text in ("2001:DB8::1", "010.1.2.3", "0:0:0:0:0:0:0:1", "::192.0.2.1")]
            ),
        ],
        engines=frozenset({"sqlite"}),
        extreme=True,
    ),
]
