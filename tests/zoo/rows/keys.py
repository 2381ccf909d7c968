"""Primary keys at the ends of their ranges, with gaps, and with near twins."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from ..store import Group

INT16, INT32, INT64 = 2**15, 2**31, 2**63
MOMENT = datetime(2024, 2, 29, 12, 0, 0, 999_999, tzinfo=UTC)
UUIDS = [
    uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),  # version 1
    uuid.UUID("2ed6657d-e927-568b-95e1-2665a8aea6a2"),  # version 5
    uuid.UUID("f47ac10b-58cc-4372-a567-0e02b2c3d479"),  # version 4
    uuid.UUID("018f3e2a-7c1d-7000-8000-000000000001"),  # version 7
    uuid.UUID("018f3e2a-7c1d-7000-8000-000000000002"),
    uuid.UUID("00000000-0000-0000-0000-000000000000"),  # nil
    uuid.UUID("ffffffff-ffff-ffff-ffff-ffffffffffff"),  # max
]
TWINS = ["de", "DE", "De", "é", "e\u0301", "e", "ss", "ß", "i", "İ", "ı", "I", "か", "カ", "①", "1"]


def _named(*numbers: int) -> list[dict]:
    return [{"id": number, "name": f"no {number}"} for number in numbers]


GROUPS = [
    # 2**31 - 1 is left out: MySQL could give out no further number.
    Group("animals.AutoKey", _named(-INT32, -1, 0, 1, 2, 5, 1000, INT32 - 100)),
    Group("animals.BigAutoKey", _named(-INT64, -INT32 - 1, -1, 0, 7, INT32, 2**53 + 1, INT64 - 100)),
    Group("animals.SmallAutoKey", _named(-INT16, -1, 0, 3, INT16 - 100)),
    Group("animals.IntegerKey", [{"number": n} for n in (-INT64, -1, 0, 1, INT64 - 1)]),
    Group(
        "animals.CharKey",
        [{"code": code, "name": code.upper()} for code in ("de", "fr", "kr", "a b", "1", "01", "x" * 20)]
        + [{"code": "", "name": "empty key"}, {"code": "동물원", "name": ""}, {"code": "🦊", "name": ""}],
    ),
    Group("animals.ExactKey", [{"code": code, "name": f"{n}"} for n, code in enumerate(TWINS)]),
    Group("animals.ExactKey", [{"code": code, "name": "blanks"} for code in ("de ", "de  ", " de", "", " ")]),
    # The default collation of MySQL and MariaDB takes these for one key (traps 7 to 9 and 82).
    Group(
        "animals.CharKey",
        [{"code": code, "name": "twin"} for code in ("DE", "De", "de ", "FR", "é", "e")],
        engines=frozenset({"sqlite", "postgresql"}),
        extreme=True,
    ),
    Group("animals.LongKey", [{"path": "/".join(["long"] * 140)[:700]}, {"path": "한" * 700}, {"path": "p"}]),
    Group("animals.SlugKey", [{"slug": slug} for slug in ("a-slug", "a-slug-2", "100_", "z" * 50)]),
    Group("animals.UuidKey", [{"id": value, "name": f"uuid {n}"} for n, value in enumerate(UUIDS)]),
    Group(
        "animals.DateKey",
        [
            {"day": day, "visitors": n}
            for n, day in enumerate([date(1000, 1, 1), date(1969, 12, 31), date(2024, 2, 29), date(9999, 12, 31)])
        ],
    ),
    Group(
        "animals.DateTimeKey",
        [{"moment": MOMENT}, {"moment": MOMENT + timedelta(microseconds=1)}, {"moment": MOMENT - timedelta(days=9999)}],
    ),
    Group(
        "animals.DecimalKey",
        [
            {"weight": Decimal(text)}
            for text in ("-99999999.9999", "-0.0001", "0.0000", "0.0001", "0.1000", "12345678.9012")
        ],
    ),
    Group(
        "animals.OddlyNamedKey",
        [
            {"id": "", "rowid": 30, "key": 1},
            {"id": "1", "rowid": 10, "key": 3},
            {"id": "1", "rowid": -20, "key": 900},
        ],
    ),
]
