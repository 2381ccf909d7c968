"""Fill an empty, migrated plaza with rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from plaza.filling import accounts, bookings, social, videos
from plaza.filling.sheets import FEWEST_ROWS, Sheet, World, share_out
from plaza.filling.words import Phrases
from plaza.filling.writer import insert, one_transaction

APPS = {
    "accounts": accounts.SHEETS,
    "social": social.SHEETS,
    "videos": videos.SHEETS,
    "bookings": bookings.SHEETS,
}

# Called with a table's label, the rows just written and the rows this table will have.
Report = Callable[[str, int, int], None]


class CannotFill(Exception):
    """The wish, or the database it was meant for, does not allow filling."""


def chosen_sheets(names: Sequence[str]) -> list[Sheet]:
    """The sheets of these apps, users first, in an order that no key runs against."""
    unknown = sorted(set(names) - set(APPS))
    if unknown or not names:
        raise CannotFill(f"{', '.join(unknown) or 'Nothing'} is no app of plaza; choose from {', '.join(APPS)}.")
    return [accounts.USERS, *(sheet for app in APPS if app in names for sheet in APPS[app])]


def plan(names: Sequence[str], rows: int) -> dict[str, int]:
    """How many rows each table would get."""
    if rows < FEWEST_ROWS:
        raise CannotFill(f"{rows} rows are too few for every table; ask for {FEWEST_ROWS} or more.")
    return share_out(chosen_sheets(names), rows)


def fill(
    connection: BaseDatabaseWrapper,
    *,
    rows: int,
    seed: int,
    names: Sequence[str] = tuple(APPS),
    report: Report = lambda label, wrote, total: None,
) -> dict[str, int]:
    """Write exactly `rows` rows in one transaction; return how many each table got."""
    counts = plan(names, rows)
    sheets = chosen_sheets(names)
    filled = [apps.get_model(sheet.label) for sheet in sheets]
    refuse_if_filled(connection, filled)
    world = World(seed=seed, phrases=Phrases(seed), counts=counts)
    with one_transaction(connection, filled):
        for sheet, model in zip(sheets, filled, strict=True):
            total = counts[sheet.label]
            insert(
                connection, model, sheet.fields, sheet.rows(world),
                lambda wrote, label=sheet.label, total=total: report(label, wrote, total),
            )  # fmt: skip
    return counts


def refuse_if_filled(connection: BaseDatabaseWrapper, filled: list[type[models.Model]]) -> None:
    for model in filled:
        if model._base_manager.using(connection.alias).exists():
            raise CannotFill(
                f"{model._meta.db_table} already holds rows, and made rows have their own ids; "
                "use a new database, or empty this one with `manage.py flush`."
            )
