"""Which tables are filled, in key-safe order, and how many of N rows each of them gets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from plaza.filling.words import Phrases

FEWEST_ROWS = 1000
ONE_A_USER = {"accounts.Profile", "accounts.Address", "social.Person", "videos.Person", "bookings.Person"}
ONE_A_USER |= {"social.ProfileStats"}
AS_MANY_AS = {"videos.ChannelStats": "videos.Channel", "videos.VideoStats": "videos.Video"}
Row = tuple[Any, ...]


@dataclass(frozen=True)
class World:
    """What every row maker may look at: the seed, the stock of texts, how many rows all have."""

    seed: int
    phrases: Phrases
    counts: dict[str, int]

    @property
    def users(self) -> int:
        return self.counts["auth.User"]


class Sheet(NamedTuple):
    """One table: its model, its share of all rows, its columns and the maker of its rows."""

    label: str
    share: int
    fields: tuple[str, ...]
    rows: Callable[[World], Iterator[Row]]

    @property
    def app(self) -> str:
        return self.label.partition(".")[0]


def share_out(sheets: list[Sheet], rows: int) -> dict[str, int]:
    """Split rows over sheets by share, every row given away, none left without any."""
    whole = sum(sheet.share for sheet in sheets)
    counts = {sheet.label: max(3, rows * sheet.share // whole) for sheet in sheets}
    # So few users could not follow, like or watch often enough without doing it twice.
    counts["auth.User"] = max(counts["auth.User"], int((rows * 0.4) ** 0.5) + 3)
    for label in ONE_A_USER & set(counts):
        counts[label] = counts["auth.User"]
    for label, other in AS_MANY_AS.items():
        if label in counts:
            counts[label] = counts[other]
    free = [sheet for sheet in sheets if sheet.label not in {"auth.User", *ONE_A_USER, *AS_MANY_AS}]
    largest = max(free, key=lambda sheet: sheet.share).label
    counts[largest] += rows - sum(counts.values())
    return counts
