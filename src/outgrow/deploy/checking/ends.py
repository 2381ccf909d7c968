"""Until when a version gets security fixes, as its makers have announced."""

from __future__ import annotations

import re
from datetime import date

ENDS = {
    "python": {
        "2": date(2020, 1, 1), "3.6": date(2021, 12, 23), "3.7": date(2023, 6, 27), "3.8": date(2024, 10, 7),
        "3.9": date(2025, 10, 31), "3.10": date(2026, 10, 31), "3.11": date(2027, 10, 31), "3.12": date(2028, 10, 31),
        "3.13": date(2029, 10, 31), "3.14": date(2030, 10, 31),
    },
    "postgres": {
        "9": date(2021, 11, 11), "10": date(2022, 11, 10), "11": date(2023, 11, 9), "12": date(2024, 11, 21),
        "13": date(2025, 11, 13), "14": date(2026, 11, 12), "15": date(2027, 11, 11), "16": date(2028, 11, 9),
        "17": date(2029, 11, 8), "18": date(2030, 11, 14),
    },
    "mysql": {
        "5": date(2023, 10, 31), "8.0": date(2026, 4, 30), "8.1": date(2023, 10, 25), "8.2": date(2024, 1, 14),
        "8.3": date(2024, 4, 10), "8.4": date(2032, 4, 30),
    },
    "mariadb": {
        "5": date(2020, 4, 11), "10.0": date(2019, 3, 31), "10.1": date(2020, 10, 17), "10.2": date(2022, 5, 23),
        "10.3": date(2023, 5, 25), "10.4": date(2024, 6, 18), "10.5": date(2025, 6, 24), "10.6": date(2026, 7, 6),
        "10.7": date(2023, 2, 9), "10.8": date(2023, 5, 20), "10.9": date(2023, 8, 22), "10.10": date(2023, 11, 17),
        "10.11": date(2028, 2, 16),
    },
}  # fmt: skip
MOVING = {
    "latest",
    "lts",
    "stable",
    "slim",
    "alpine",
    "innovation",
    "rolling",
    "mainline",
    "edge",
    "slim-trixie",
    "slim-bookworm",
}


def ended(name: str, tag: str, today: date) -> date | None:
    """The day on which an image's version ended, if that is over."""
    version = re.match(r"\d+(?:\.\d+)?", tag)
    if version is None or name not in ENDS:
        return None
    known = ENDS[name]
    end = known.get(version[0]) or known.get(version[0].partition(".")[0])
    return end if end is not None and end <= today else None


def split_image(image: str) -> tuple[str, str, str]:
    """ "registry/python:3.13@sha256:…" as ("python", "3.13", "sha256:…"); what is not there is ""."""
    rest, _, digest = image.partition("@")
    last = rest.rpartition("/")[2]
    name, _, tag = last.partition(":")
    return name, tag, digest
