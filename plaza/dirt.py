"""Rows that an audit must find: what SQLite lets in and another engine refuses or changes.

`plant` writes one row for each kind; every other column of that row is clean, so an audit that
finds exactly these cells has found exactly what is wrong. A NULL in a NOT NULL column (A505)
is missing: SQLite enforces NOT NULL even with every check off.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import apps
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from plaza.filling.dice import EPOCH

SERVERS = frozenset({"postgresql", "mysql", "mariadb"})

# Which targets refuse or change what is planted under this id, or take it although Django can
# then not read it as what it was (2 in a boolean, 25:00:00). SQLite as a target takes all.
TARGETS: dict[str, frozenset[str]] = {
    "A101": SERVERS,
    "A102": frozenset({"postgresql"}),
    "A103": SERVERS,
    "A104": frozenset({"mysql", "mariadb"}),  # only where the target's charset is utf8mb3
    "A105": frozenset({"postgresql"}),
    "A201": SERVERS,
    "A202": frozenset({"postgresql"}),
    "A203": frozenset({"mysql"}),
    "A204": frozenset({"postgresql", "mysql"}),
    "A205": SERVERS,
    "A301": SERVERS,
    "A302": SERVERS,
    "A303": SERVERS,
    "A304": frozenset({"mysql", "mariadb"}),
    "A305": SERVERS,
    "A401": SERVERS,
    "A501": SERVERS,
    "A502": frozenset({"mysql", "mariadb"}),
    "A601": SERVERS,
    "A602": frozenset({"postgresql"}),
}


class Cell(NamedTuple):
    """Where something is wrong: the table and column as the database names them, and the key."""

    table: str
    column: str
    key: int


Planted = dict[str, list[Cell]]


class Bytes(bytes):
    """Bytes to be stored as text, whatever they are."""


def expected(planted: Planted, engine: str, *, charset: str = "utf8mb4", pads_space: bool = True) -> Planted:
    """What an audit for this target must report of what was planted, and nothing else.

    `pads_space`: whether 'a' equals 'a ' under the target's collation; the last two cells of
    A502 collide only then.
    """
    found = {code: cells for code, cells in planted.items() if engine in TARGETS[code]}
    if charset != "utf8mb3":
        found.pop("A104", None)
    if "A502" in found and not pads_space:
        found["A502"] = found["A502"][:-2]
    return found


@dataclass
class Bed:
    """Adds rows to an existing file, under keys that nobody has yet."""

    connection: BaseDatabaseWrapper
    planted: Planted = field(default_factory=dict)

    def add(self, label: str, **dirty: Any) -> int:
        """One row, clean but for the values given by attribute name, which go in as they are."""
        model = apps.get_model(label)
        key = (model._base_manager.using(self.connection.alias).aggregate(
            last=models.Max("pk"))["last"] or 0) + 1  # fmt: skip
        instance = model(pk=key, **{**clean(label, key), **self.parents(model, dirty)})
        row = {
            each.attname: each.get_db_prep_save(getattr(instance, each.attname), self.connection)
            for each in model._meta.concrete_fields
        }
        row.update(dirty)
        columns = {each.attname: each.column for each in model._meta.concrete_fields}
        quote = self.connection.ops.quote_name
        places = ["CAST(? AS TEXT)" if isinstance(value, Bytes) else "?" for value in row.values()]
        self.connection.connection.execute(
            f"INSERT INTO {quote(model._meta.db_table)} "
            f"({', '.join(quote(columns[name]) for name in row)}) VALUES ({', '.join(places)})",
            list(row.values()),
        )
        return key

    def parents(self, model: type[models.Model], given: Iterable[str]) -> dict[str, int]:
        """A new clean row for every key that must not be NULL and was not given."""
        return {
            each.attname: self.add(each.related_model._meta.label)
            for each in model._meta.concrete_fields
            if each.is_relation and not each.null and each.attname not in given
        }

    def plant(self, code: str, label: str, attribute: str, value: Any) -> None:
        """A row whose one dirty cell is this one."""
        model, key = apps.get_model(label), self.add(label, **{attribute: value})
        cell = Cell(model._meta.db_table, model._meta.get_field(attribute).column, key)
        self.planted.setdefault(code, []).append(cell)


def plant(connection: BaseDatabaseWrapper) -> Planted:
    """Write all kinds of dirt into a migrated plaza on SQLite; say where it went, by audit id."""
    if connection.vendor != "sqlite":
        raise ValueError(
            f"Dirt can be planted in SQLite only, and this is {connection.display_name}: "
            "the servers refuse most of it, which is why it must be found before a move."
        )
    bed = Bed(connection)
    with checks_off(connection):
        plant_text(bed)
        plant_json(bed)
        plant_numbers(bed)
        plant_moments(bed)
        plant_keys(bed)
    return bed.planted


@contextmanager
def checks_off(connection: BaseDatabaseWrapper) -> Any:
    """Without key and check constraints, as files have been written for years. All or nothing."""
    if connection.in_atomic_block:
        raise ValueError("SQLite ignores PRAGMA foreign_keys inside a transaction; plant outside.")
    connection.ensure_connection()
    with connection.constraint_checks_disabled():
        connection.connection.execute("PRAGMA ignore_check_constraints = ON")
        try:
            with transaction.atomic(using=connection.alias):
                yield
        finally:
            connection.connection.execute("PRAGMA ignore_check_constraints = OFF")


def plant_text(bed: Bed) -> None:
    bed.plant("A101", "accounts.Profile", "name", "가나다라마" * 20)
    bed.plant("A102", "social.Comment", "body", "before\0after")
    bed.plant("A103", "social.Comment", "body", Bytes(b"caf\xe9 in Latin-1, and half a letter \xea\xb0"))
    bed.plant("A104", "social.Tag", "name", "dirt🍜")
    # 2,800 bytes that do not compress: PostgreSQL refuses an index entry over 2,704.
    source = Random("plaza/dirt")
    wide = "".join(chr(0x10000 + int(source.random() * 0x100000)) for _ in range(700))
    bed.plant("A105", "videos.Video", "source_url", wide)


def plant_json(bed: Bed) -> None:
    bed.plant("A201", "accounts.Profile", "preferences", '{"theme": "dark"')
    bed.plant("A202", "videos.Channel", "options", r'{"nul": "before\u0000after"}')
    bed.plant("A203", "videos.Video", "metadata", '{"views": 123456789012345678901234567890}')
    bed.plant("A203", "videos.Video", "metadata", '{"ratio": 1e400}')
    bed.plant("A204", "videos.Video", "captions", '{"at": 1, "at": 2}')
    bed.plant("A205", "bookings.Restaurant", "cuisines", r'["\ud800"]')


def plant_numbers(bed: Bed) -> None:
    bed.plant("A301", "social.Image", "width", 5_000_000_000)
    bed.plant("A302", "social.Image", "height", "tall")
    bed.plant("A302", "social.Movie", "size_bytes", "")
    bed.plant("A302", "bookings.Booking", "price", "50+")
    bed.plant("A303", "bookings.Restaurant", "deposit", 12345678.5)
    bed.plant("A303", "videos.Video", "price", 19.999)
    bed.plant("A304", "videos.Video", "average_rating", float("inf"))
    bed.plant("A305", "social.ViewingStory", "liked", 2)


def plant_moments(bed: Bed) -> None:
    bed.plant("A401", "accounts.Profile", "birth_date", "2024-02-30")
    bed.plant("A401", "social.Post", "edited_at", "0000-00-00 00:00:00")
    bed.plant("A401", "bookings.OpeningHours", "opens_at", "25:00:00")


def plant_keys(bed: Bed) -> None:
    bed.plant("A501", "social.Liking", "user_id", 999_999_999)
    for name in ["Alpha", "ALPHA", "ideeen", "ideeën", "a", "a "]:
        bed.plant("A502", "social.Tag", "name", name)
    bed.plant("A601", "videos.WatchHistory", "session_id", "not-a-uuid")
    bed.plant("A602", "accounts.Profile", "last_ip", "999.1.1.1")


def clean(label: str, key: int) -> dict[str, Any]:
    """Values without fault, the same in every run, for what a model has no default for."""
    media = {"width": 640, "height": 480, "size_bytes": 1, "created_at": EPOCH}
    return {
        "auth.User": {"username": f"dirt{key}", "date_joined": EPOCH},
        "accounts.Profile": {"nickname": f"dirt{key}", "updated_at": EPOCH},
        "social.Image": {**media, "file": f"images/{key}.jpg"},
        "social.Movie": {**media, "file": f"movies/{key}.mp4", "duration": timedelta(1)},
        "social.Tag": {},
        "videos.Channel": {"handle": f"dirt-{key}"},
        "bookings.Restaurant": {"slug": f"dirt-{key}"},
        "bookings.Table": {"label": "D1", "seats": 4},
        "bookings.OpeningHours": {"weekday": 1, "opens_at": time(11), "closes_at": time(22)},
        "bookings.Booking": {
            "party_size": 2,
            "starts_at": EPOCH,
            "ends_at": EPOCH + timedelta(hours=2),
        },
        "social.Story": {"expires_at": EPOCH + timedelta(days=1)},
        "videos.WatchHistory": {"position": timedelta(1)},
        "bookings.WaitlistEntry": {"party_size": 2, "wanted_on": date(2024, 1, 1)},
    }.get(label, {}) | {
        each.name: UUID(int=key, version=4) if each.name == "public_id" else EPOCH
        for each in apps.get_model(label)._meta.concrete_fields
        if each.name in {"public_id", "created_at", "viewed_at", "watched_at"}
    }
