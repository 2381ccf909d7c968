"""Chance that can be repeated: one stream per table, moments after a fixed epoch, power laws.

Makers hand out what SQLite stores (text moments, hex uuids), because making a datetime and
formatting it again costs ten times as much as the row itself; `writer` reads it back elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from math import gcd
from random import Random
from typing import TypeVar

Choice = TypeVar("Choice")

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = [f"{(EPOCH + timedelta(days=day)):%Y-%m-%d} " for day in range(700)]
BLOCK = 65_536

UUID_FREE = ~(0xF << 76 | 0x3 << 62)
UUID_FOUR = 0x4 << 76 | 0x2 << 62


@cache
def times_of_day() -> list[str]:
    """16,384 of them, the whole seconds without a fraction, as str(datetime) has them."""
    source = Random("plaza/times")
    moments = [EPOCH + timedelta(0, 0, source.getrandbits(40) % 86_400_000_000) for _ in range(15_360)]
    moments += [EPOCH + timedelta(0, source.getrandbits(30) % 86_400) for _ in range(1_024)]
    return [written(moment)[11:] for moment in moments]


def written(moment: datetime) -> str:
    """A moment as Django's SQLite backend writes it: in UTC, without saying so."""
    return moment.replace(tzinfo=None).isoformat(" ")


def next_day(moment: str) -> str:
    return written(datetime.fromisoformat(moment) + timedelta(days=1))


class Dice:
    """Built on `Random.random` and `getrandbits`, the calls whose output Python keeps stable."""

    def __init__(self, seed: int, name: str) -> None:
        source = Random(f"plaza/{seed}/{name}")
        self.roll = source.random
        self.bits = source.getrandbits
        self.times = times_of_day()

    def below(self, limit: int) -> int:
        return int(self.roll() * limit)

    def pick(self, choices: Sequence[Choice]) -> Choice:
        return choices[int(self.roll() * len(choices))]

    def chance(self, part: float) -> int:
        """0 or 1: binding True costs sqlite3 a microsecond more than binding 1."""
        return int(self.roll() < part)

    def uuid(self) -> str:
        return f"{self.bits(128) & UUID_FREE | UUID_FOUR:032x}"

    def file(self, folder: str, ending: str) -> str:
        return f"{folder}/{self.bits(64):016x}.{ending}"

    def moments(self, total: int) -> Iterator[str]:
        """As many moments as wished for, day after day over the whole span."""
        times, bits, days = self.times, self.bits, len(DAYS)
        return (DAYS[nth * days // total] + times[bits(14)] for nth in range(total))

    def after(self, moment: str, at_most_seconds: int) -> str:
        microseconds = 1 + int(self.roll() * at_most_seconds * 1_000_000)
        return written(datetime.fromisoformat(moment) + timedelta(0, 0, microseconds))

    def stride(self, modulus: int) -> int:
        """A step that visits every number below modulus before it repeats one."""
        step = 1 + self.below(modulus)
        while gcd(step, modulus) != 1:
            step += 1
        return step


def degrees(targets: int, total: int, cap: int, exponent: float = 0.8) -> Iterator[int]:
    """How many of total fall to the 1st, 2nd, … most popular target: a power law, capped.

    With exponent 0.8 the most followed of 20,000 users has about a fifth of them as followers.
    """
    if total > targets * cap:
        raise ValueError(f"{total} pairs do not fit {targets} targets of at most {cap} each")
    weights = [rank**-exponent for rank in range(1, targets + 1)]
    scale, left, owed = total / sum(weights), total, 0.0
    for still_to_come, weight in zip(range(targets - 1, -1, -1), weights, strict=True):
        owed += weight * scale
        # What is left over must fit the targets still to come.
        degree = min(cap, left, max(int(owed), left - still_to_come * cap))
        owed -= degree
        left -= degree
        yield degree


def pairs(
    dice: Dice, targets: int, members: int, total: int, unlike: Sequence[int] | None = None
) -> Iterator[tuple[list[int], list[int]]]:
    """Distinct pairs of ids from 1 on, power-law over targets, as blocks of two columns.

    Targets come in no order, but each with all its members at once, as likes come to a post.
    With unlike, target t is never paired with member unlike[t - 1], and members are one more.
    """
    spread = dice.stride(targets)
    left: list[int] = []
    right: list[int] = []
    for rank, degree in enumerate(degrees(targets, total, members)):
        target = rank * spread % targets + 1
        start, step = dice.below(members), dice.stride(members)
        met = [nth % members + 1 for nth in range(start, start + degree * step, step)]
        if unlike:
            self_ = unlike[target - 1]
            met = [member + (member >= self_) for member in met]
        left += [target] * degree
        right += met
        if len(left) >= BLOCK:
            yield left, right
            left, right = [], []
    if left:
        yield left, right


def paired_rows(
    blocks: Iterator[tuple[list[int], list[int]]], *columns: Iterator[object]
) -> Iterator[tuple[object, ...]]:
    """Rows of (target, member, id, *columns), zipped in C: most rows of plaza are such rows.

    The target comes first because zip stops there, before it takes an id that nobody gets.
    """
    ids = count(1)
    for targets, members in blocks:
        yield from zip(targets, members, ids, *columns)  # noqa: B905 - the rest goes on
