"""Reads whose SQL is made once: Django's own takes a millisecond to build a query that a database answers in a tenth.

    @prepared
    def of_author(author: int, first: UUID, *, places: int) -> QuerySet:
        return Post.objects.filter(author_id=author, public_id=first).values("id", "body")[:places]

    of_author(7, some_uuid, places=20)  # a list of what the queryset gives

Positional arguments are the query's parameters: whole numbers, UUIDs, moments, days, texts that are compared as they
are, and lists of these for ``in``. Whatever else the SQL depends on is a keyword, and each of its values has SQL of its
own. A function that looks at an argument itself, or at a clock, must not be prepared: it is called once. ``now()`` goes
in as an argument. Where an argument cannot be found again in the SQL's parameters, the queryset is asked as it is.
"""

from __future__ import annotations

import datetime
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, router
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, ValuesIterable, get_related_populators

from plaza.api import asking

FIRST = 2_000_000_011  # of the numbers that stand for arguments: they fit into four bytes
MOMENT = datetime.datetime(2061, 7, 28, 1, 2, 3, 400_005, tzinfo=datetime.UTC)
SIZES = (1, 2, 4, 8, 16, 24, 32, 64, 128, 256, 512)
"""A list is filled up to one of these by its last number, so that there are few different texts of SQL."""

ANY = -1
"""In place of a list's length, where one text serves all."""

MOST = 250
"""Statements that a thread keeps."""

Build = Callable[..., QuerySet[Any, Any]]
_kept = threading.local()  # a connection is one thread's


def prepared(build: Build) -> Callable[..., list[Any]]:
    """The rows of the queryset that ``build`` makes: dicts, tuples or instances, with related ones."""
    models: dict[Any, Any] = {}

    @wraps(build)
    def rows(*arguments: Any, **constants: Any) -> list[Any]:
        if any(isinstance(one, list | tuple | set | frozenset) and not one for one in arguments):
            return []  # nothing is in an empty list
        given = [list(one) if isinstance(one, tuple | set | frozenset) else one for one in arguments]
        fixed = tuple(sorted(constants.items()))
        if fixed not in models:
            models[fixed] = build(*arguments, **constants).model
        alias = router.db_for_read(models[fixed])
        takes_lists = connections[alias].vendor == "postgresql"
        if not takes_lists:
            given = [_whole(one) if isinstance(one, list) else one for one in given]
        sizes = tuple((ANY if takes_lists else len(one)) if isinstance(one, list) else 0 for one in given)
        known = _kept.__dict__.setdefault("statements", {})
        key = (build, id(connections[alias]), sizes, fixed)
        if key not in known:
            if len(known) >= MOST:
                known.clear()  # whoever asks for pages of every length does not fill the memory
            known[key] = _Statement.made(build, given, constants, alias)
        statement = known[key]
        return list(build(*arguments, **constants)) if statement is None else statement.rows(given)

    return rows


def _whole(given: list[Any]) -> list[Any]:
    """As long as one that has SQL of its own."""
    size = next((size for size in SIZES if size >= len(given)), len(given))
    return given + given[-1:] * (size - len(given))


class _Statement:
    """SQL, where each argument goes among its parameters, and what becomes of a row."""

    def __init__(self, compiler: Any, sql: str, parameters: list[Any], shape: Callable[[Any], Any]) -> None:
        self._compiler, self._sql, self._parameters, self._shape = compiler, sql, parameters, shape
        expressions = [column[0] for column in compiler.select[: compiler.col_count]]
        self._converters = compiler.get_converters(expressions)

    @classmethod
    def made(cls, build: Build, given: list[Any], constants: dict[str, Any], alias: str) -> _Statement | None:
        """None where an argument does not come through as it is."""
        as_arrays = connections[alias].vendor == "postgresql"
        if as_arrays:
            given = [one[:1] * 2 if isinstance(one, list) else one for one in given]
        stand_ins, places = _stand_ins(given)
        query = build(*stand_ins, **constants).using(alias)
        compiler = query.query.get_compiler(alias)
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:
            return None
        slots = [_slot(one, places, connections[alias]) for one in parameters]
        if {(slot.argument, slot.place) for slot in slots if isinstance(slot, _Slot)} != set(places):
            return None
        if as_arrays:
            sql, slots = _with_arrays(sql, slots)
            if any(isinstance(slot, _Slot) and slot.place is not None for slot in slots):
                return None
        return cls(compiler, sql, slots, _shape(query, compiler, alias))

    def rows(self, given: list[Any]) -> list[Any]:
        parameters = [one.value(given) if isinstance(one, _Slot) else one for one in self._parameters]
        found: Any = asking.rows(self._compiler.connection, self._sql, parameters)
        if self._converters:
            found = self._compiler.apply_converters(found, self._converters)
        return [self._shape(row) for row in found]


def _shape(query: Any, compiler: Any, alias: str) -> Callable[[Any], Any]:
    """A dict, a tuple or an instance, as the queryset itself gives it."""
    if query._iterable_class is ValuesIterable:
        names = list(query.query.selected or ())
        return lambda row: dict(zip(names, row, strict=False))
    if query._iterable_class is not ModelIterable:
        return tuple
    kind, select = compiler.klass_info, compiler.select
    model, fields = kind["model"], kind["select_fields"]
    first, end = fields[0], fields[-1] + 1
    names = [column[0].target.attname for column in select[first:end]]
    related = get_related_populators(kind, select, alias)

    def instance(row: Any) -> Any:
        made = model.from_db(alias, names, row[first:end])
        for populator in related:
            populator.populate(row, made)
        return made

    return instance


@dataclass(frozen=True, slots=True)
class _Slot:
    """A parameter that is an argument, or what is at a place of one that is a list, as its database wants it."""

    argument: int
    place: int | None
    adapt: Callable[[Any], Any] | None

    def value(self, given: Sequence[Any]) -> Any:
        value = given[self.argument] if self.place is None else given[self.argument][self.place]
        return value if self.adapt is None else self.adapt(value)


Places = dict[tuple[int, int | None], Any]  # (argument, place in a list) → what stands in for it


def _stand_ins(given: list[Any]) -> tuple[list[Any], Places]:
    """What the queryset is built with, and the same by its places: no two are equal, and nothing else is."""
    places: Places = {}

    def stand_in(value: Any, argument: int, place: int | None = None) -> Any:
        number = len(places)
        made: Any
        if isinstance(value, uuid.UUID):
            made = uuid.UUID(int=(0xA5 << 120) + FIRST + number)
        elif isinstance(value, datetime.datetime):
            made = MOMENT + datetime.timedelta(seconds=number)
        elif isinstance(value, datetime.date):
            made = MOMENT.date() + datetime.timedelta(days=number)
        elif isinstance(value, str):
            made = f"stand-in {FIRST + number}"
        elif isinstance(value, int) and not isinstance(value, bool):
            made = FIRST + number
        else:
            raise TypeError(f"{value!r} cannot be a parameter of a prepared query: make it a keyword.")
        places[argument, place] = made
        return made

    return [
        [stand_in(value, argument, place) for place, value in enumerate(one)]
        if isinstance(one, list)
        else stand_in(one, argument)
        for argument, one in enumerate(given)
    ], places


def _slot(parameter: Any, places: Places, connection: Any) -> Any:
    for where, made in places.items():
        if type(parameter) is type(made) and parameter == made:
            return _Slot(*where, None)
        if isinstance(made, uuid.UUID) and parameter == made.hex:
            return _Slot(*where, lambda value: value.hex)
        if isinstance(made, datetime.date):
            is_moment = isinstance(made, datetime.datetime)
            ops = connection.ops
            adapt = ops.adapt_datetimefield_value if is_moment else ops.adapt_datefield_value
            if type(adapt(made)) is type(parameter) and adapt(made) == parameter:
                return _Slot(*where, adapt)
    return parameter


def _with_arrays(sql: str, slots: list[Any]) -> tuple[str, list[Any]]:
    """PostgreSQL takes a list as one parameter: one text for every length, and short enough for psycopg to keep."""
    texts, kept = sql.split("%s"), []
    if len(texts) != len(slots) + 1:  # a "%%s" of the text's own
        return sql, slots
    joined, number = texts[0], 0
    while number < len(slots):
        slot, after = slots[number], slots[number + 1 : number + 2]
        is_list = isinstance(slot, _Slot) and slot.adapt is None and slot.place == 0
        if (
            is_list and after == [replace(slot, place=1)] and joined.endswith(" IN (")
            and texts[number + 1] == ", " and texts[number + 2].startswith(")")
        ):  # fmt: skip
            kept.append(replace(slot, place=None))
            joined = joined.removesuffix("IN (") + "= ANY(%s" + texts[number + 2]
            number += 2
        else:
            kept.append(slot)
            joined += "%s" + texts[number + 1]
            number += 1
    return joined, kept
