"""Rows for what newer versions of Django brought; left out where the app is not installed."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

from ..store import Computed, Group, column_values

ITEM = uuid.UUID("018f3e2a-7c1d-7000-8000-000000000001")
MOMENT = datetime(1999, 12, 31, 23, 59, 59, 1, tzinfo=UTC)


def _enclosure(number: int, width: int, height: int | None, name: str) -> dict:
    area = None if height is None else width * height
    row = {"id": number, "width": width, "height": height, "name": name, "after": width}
    return {**row, "area": Computed(area), "lower": Computed(name.lower())}


def _default(number: int, value: int, name: str | None, flag: bool, ratio: float) -> dict:
    return {"id": number, "number": value, "name": name, "moment": MOMENT, "flag": flag, "ratio": ratio}


GROUPS = [
    Group(
        "since50.Enclosure",
        [
            _enclosure(1, 3, 4, "Lions"),
            _enclosure(2, -1, None, "TIGERS"),
            _enclosure(3, 0, 5, ""),
            _enclosure(4, 1, 1, "a\tB"),
        ],
    ),
    Group("since50.VirtualEnclosure", [{"id": n, "width": n, "double": Computed(2 * n)} for n in (-5, 0, 21)]),
    Group(
        "since50.Defaults",
        [_default(1, 0, None, False, 0.0), _default(2, 7, "", True, 0.5), _default(3, -1, "given", False, 1e22)],
    ),
    Group(
        "since52.Cell",
        [{"row": row, "column": column, "value": f"{row},{column}"} for row in (-1, 0, 2**31 - 1) for column in (0, 1)],
    ),
    Group(
        "since52.Translation",
        [
            {"item": ITEM, "day": date(2024, 2, 29), "language": language, "text": text}
            for language, text in (("en", "zoo"), ("ko", "동물원"), ("", ""), ("pt-BR", "zoológico\n"))
        ],
    ),
    Group(
        "since52.Member",
        [
            {"team_id": 1, "number": 1, "cell_row": 0, "cell_column": 1},
            {"team_id": 1, "number": 2, "cell_row": None, "cell_column": 1},
            {"team_id": 1, "number": -3, "cell_row": 404, "cell_column": 404},
        ],
    ),
    Group("since61.Parent", [{"id": n, "name": f"parent {n}"} for n in (1, 2, 3)]),
    Group(
        "since61.Child",
        [{"id": 1, "parent_id": 1, "godparent_id": 2}, {"id": 2, "parent_id": 2, "godparent_id": None}],
    ),
    Group("since61.Grandchild", [{"id": 1, "child_id": 2, "name": "only"}]),
    Group("since61.Adopted", [{"id": 1, "parent_id": 3}, {"id": 2, "parent_id": 1}]),
    Group("since61.Token", [{"id": 1, "value": ITEM, "name": "given, not made"}]),
    Group("since61.AnyDecimal", column_values("value", [Decimal("1.5"), Decimal("-100"), Decimal("0.000001"), None])),
    Group(
        "since61.AnyDecimal",
        column_values("value", [Decimal("1e60"), Decimal("1." + "3" * 100)], 100),
        engines=frozenset({"postgresql"}),
        extreme=True,
    ),
    Group(
        "pictures.Picture",
        [
            {"id": 1, "image": "pictures/not there.png", "width": 640, "height": 480},
            {"id": 2, "image": "", "width": None, "height": None},
        ],
    ),
]
