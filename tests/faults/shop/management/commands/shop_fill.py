"""Fill the shop: the same rows every time."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from tests.faults.shop.models import Maker, Product, Sample, Tag

WORDS = ("가게", "a\ttab", "back\\slash", "line\nfeed", "'quoted'", "🍊", "", "  blanks around  ", "plain")


class Command(BaseCommand):
    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--rows", type=int, default=3000)

    @transaction.atomic
    def handle(self, *args: Any, rows: int, **options: Any) -> None:
        dice = random.Random(7)
        Maker.objects.bulk_create(Maker(id=n, name=f"maker {n}", founded=date(1900 + n, 2, 1)) for n in range(1, 41))
        Tag.objects.bulk_create(Tag(id=n, word=f"tag {n}") for n in range(1, 21))
        Product.objects.bulk_create(product(n, dice) for n in range(1, rows + 1))
        between = Product.tags.through
        between.objects.bulk_create(
            between(product_id=n, tag_id=tag) for n in range(1, rows + 1, 2) for tag in dice.sample(range(1, 21), 2)
        )
        Sample.objects.bulk_create([*(sample(n, dice) for n in range(1, 61)), Sample(id=61, uuid=None)])


def product(n: int, dice: random.Random) -> Product:
    return Product(
        id=n, maker_id=dice.randint(1, 40), code=f"code-{n}", price=Decimal(dice.randint(0, 99999)) / 100,
        text=dice.choice(WORDS) * dice.randint(1, 40),
        changed=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=dice.randint(0, 10**13)),
    )  # fmt: skip


def sample(n: int, dice: random.Random) -> Sample:
    """Every value would be another one if any part of it got lost."""
    return Sample(
        id=n, integer=n * 10**14 + 1, boolean=bool(n % 2), decimal=Decimal(n) + Decimal("0.1234"), float=n + 1 / 3,
        text=f" {WORDS[n % len(WORDS)]} {n} ", binary=bytes([n, 0, 255]), date=date(1960 + n, 3, 31),
        time=time(n % 24, 59, 58, 123456 + n), datetime=datetime(2026, 1, 31, 23, 59, 58, 654321 + n, tzinfo=UTC),
        duration=timedelta(days=n - 30, microseconds=987654), uuid=uuid.UUID(int=dice.getrandbits(128), version=4),
        json={"n": n, "text": WORDS[n % len(WORDS)], "list": [1.5, None, True]}, inet=f"2001:db8::{n:x}",
    )  # fmt: skip
