"""Tables that no model knows: a removed app's, one hard to quote, one without a key, a cache."""

from __future__ import annotations

from django.db import connections

HARD_TO_QUOTE = 'left over: 100% of "old" rows'
LEFTOVERS: dict[str, tuple[tuple[str, ...], list[tuple]]] = {
    "animals_leftover": (("id", "body", "seen"), [(1, "old\trow", None), (2, None, None)]),
    HARD_TO_QUOTE: (("50% of", "order", "it's"), [(1, "\\N", None), (None, "", "it's"), (1, "\\N", None)]),
    "animals_nokey": (("name", "number"), [("twice", 1), ("twice", 1), (None, None)]),
    "animals_cache_table": (("cache_key", "value", "expires"), [(":1:key", "gASVBQ==", "2030-01-01 00:00:00")]),
}


def quoted(using: str, name: str) -> str:
    """Django's own quote_name leaves quotes inside a name as they are."""
    mark = "`" if connections[using].vendor == "mysql" else '"'
    return mark + name.replace(mark, mark * 2) + mark


def fill_leftovers(using: str) -> dict[str, int]:
    with connections[using].cursor() as cursor:
        for table, (columns, rows) in LEFTOVERS.items():
            names = ", ".join(quoted(using, column) for column in columns)
            marks = ", ".join(["%s"] * len(columns))
            start = f"INSERT INTO {quoted(using, table)} ({names})".replace("%", "%%")
            for row in rows:
                cursor.execute(f"{start} VALUES ({marks})", row)
    return {table: len(rows) for table, (_, rows) in LEFTOVERS.items()}


def check_leftovers(using: str) -> list[str]:
    """Dates aside: what type the driver makes of a column without a model is the driver's affair."""
    result = []
    with connections[using].cursor() as cursor:
        for table, (columns, rows) in LEFTOVERS.items():
            seen = [n for n, column in enumerate(columns) if column not in ("seen", "expires")]
            names = ", ".join(quoted(using, columns[n]) for n in seen)
            cursor.execute(f"SELECT {names} FROM {quoted(using, table)}")
            found = sorted(map(repr, map(tuple, cursor.fetchall())))
            if found != sorted(repr(tuple(row[n] for n in seen)) for row in rows):
                result.append(f"{table}: its rows became {found}")
    return result


def delete_all(using: str, table: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(f"DELETE FROM {quoted(using, table)}")
