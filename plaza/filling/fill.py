"""Fill an empty, migrated plaza with rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from django.apps import apps
from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper

from plaza.api.counting import recount
from plaza.filling import accounts, bookings, social, videos
from plaza.filling.sheets import FEWEST_ROWS, Sheet, World, share_out
from plaza.filling.words import Phrases
from plaza.filling.writer import analyze, insert, one_transaction

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


def home(model: type[models.Model], database: str | None) -> BaseDatabaseWrapper:
    """The database that a model's rows go to: the one that is named, else its own."""
    return connections[database or router.db_for_write(model)]


def fill(
    database: str | None = None,
    *,
    rows: int,
    seed: int,
    names: Sequence[str] = tuple(APPS),
    report: Report = lambda label, wrote, total: None,
) -> dict[str, int]:
    """Write exactly `rows` rows, in one transaction a database; return how many each table got.

    Statistics are gathered at the end: until the servers would do so themselves their plans are for empty tables (on
    MySQL the home feed takes 1.6 times as long).
    """
    counts = plan(names, rows)
    sheets = chosen_sheets(names)
    filled = [apps.get_model(sheet.label) for sheet in sheets]
    homes = {model: home(model, database) for model in filled}
    refuse_if_filled(homes)
    world = World(seed=seed, phrases=Phrases(seed), counts=counts)
    with ExitStack() as stack:
        for connection in dict.fromkeys(homes.values()):
            stack.enter_context(one_transaction(connection, [m for m in filled if homes[m] is connection]))
        for sheet, model in zip(sheets, filled, strict=True):
            total = counts[sheet.label]
            insert(
                homes[model], model, sheet.fields, sheet.rows(world),
                lambda wrote, label=sheet.label, total=total: report(label, wrote, total),
            )  # fmt: skip
    recount(names, database)
    for connection in dict.fromkeys(homes.values()):
        analyze(connection, [model for model in filled if homes[model] is connection])
    return counts


def refuse_if_filled(homes: dict[type[models.Model], BaseDatabaseWrapper]) -> None:
    for model, connection in homes.items():
        if model._base_manager.using(connection.alias).exists():
            raise CannotFill(
                f"{model._meta.db_table} already holds rows, and made rows have their own ids; "
                "use a new database, or empty this one with `manage.py flush`."
            )
