"""Rows for the tables whose names need quoting."""

from __future__ import annotations

from ..store import Group

GROUPS = [
    Group(
        "animals.Reserved",
        [
            {"id": 1, "order": 1, "select": "*", "group_by": True, "from_field": None, "user_id": 2},
            {"id": 2, "order": -1, "select": "", "group_by": False, "from_field": "order", "user_id": None},
        ],
    ),
    Group(
        "animals.MixedCase",
        [
            {"id": 1, "first_name": "Ada", "last_name": "Lovelace"},
            {"id": 2, "first_name": "Grace", "last_name": "HOPPER"},
        ],
    ),
    Group("animals.Spaced", [{"id": 1, "its_name": "it's", "dotted": 1, "dashed": -1}]),
    Group("animals.Korean", [{"id": 1, "name": "호랑이", "weight": 220.5}]),
    Group("animals.LongName", [{"id": 1, "column": 1}, {"id": 2, "column": 2}]),
    Group(
        "animals.LongName_others",
        [{"id": 1, "from_longname_id": 1, "to_longname_id": 2}, {"id": 2, "from_longname_id": 2, "to_longname_id": 1}],
    ),
    Group(
        "animals.Wide",
        [
            {"id": row, **{f"column_{n:02d}": (row * n if n % 2 else f"{row}/{n}") for n in range(60)}}
            for row in range(1, 4)
        ],
    ),
]
