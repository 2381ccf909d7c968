"""Hypothesis strategies: any value that all four engines store and give back unchanged."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Model
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .animals import fields

# No NUL (PostgreSQL) and no half surrogates (not UTF-8).
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\0")
WHOLE = {
    models.SmallAutoField: (-(2**15), 2**15 - 1),
    models.BigAutoField: (-(2**63), 2**63 - 1),
    models.AutoField: (-(2**31), 2**31 - 1),
    models.PositiveSmallIntegerField: (0, 2**15 - 1),
    models.PositiveBigIntegerField: (0, 2**63 - 1),
    models.PositiveIntegerField: (0, 2**31 - 1),
    models.SmallIntegerField: (-(2**15), 2**15 - 1),
    models.BigIntegerField: (-(2**63), 2**63 - 1),
    models.IntegerField: (-(2**31), 2**31 - 1),
}


def texts(max_length: int | None) -> SearchStrategy[str]:
    """Any text of at most so many characters, with a taste for what breaks loaders."""
    nasty = st.sampled_from(["\\N", "\\.", "\t", "\r\n", "'", '"', "\\", " ", "🦊", "e\u0301", "%s", "\x1a"])
    plain = st.text(CHARACTERS, max_size=max_length)
    mixed = st.lists(st.one_of(nasty, CHARACTERS), max_size=12).map(lambda parts: "".join(parts)[:max_length])
    return st.one_of(plain, mixed)


def floats() -> SearchStrategy[float]:
    """Finite doubles; -0.0 becomes 0.0 on SQLite and MariaDB."""
    return st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: x != 0 or str(x) == "0.0")


def decimals(max_digits: int, places: int) -> SearchStrategy[Decimal]:
    """SQLite keeps a double, which holds 15 digits."""
    limit = 10 ** min(max_digits, 15) - 1
    return st.integers(-limit, limit).map(lambda n: Decimal(n).scaleb(-places))


def uuids() -> SearchStrategy[uuid.UUID]:
    """MariaDB's own uuid refuses some that no standard knows either."""
    return st.uuids(allow_nil=True).filter(lambda u: not (u.bytes[6] > 0x7F and u.bytes[8] <= 0x80))


def moments() -> SearchStrategy[datetime]:
    return st.datetimes(datetime(1000, 1, 1), datetime.max, timezones=st.just(UTC))


def documents() -> SearchStrategy[Any]:
    """JSON of 64-bit integers and little depth; never JSON null, which reads as NULL."""
    keys = st.text(CHARACTERS, max_size=20)
    leaf = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), floats(), texts(50))
    return st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
    ).filter(lambda document: document is not None)


def addresses(field: models.GenericIPAddressField) -> SearchStrategy[str]:
    """In the form in which the field stores them."""
    v4, v6 = st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(str)
    chosen = {"ipv4": v4, "ipv6": v6}.get(field.protocol.lower(), v4 | v6)
    return chosen.map(field.get_prep_value)


def _custom(field: models.Field) -> SearchStrategy[Any] | None:
    if isinstance(field, fields.Base64Field):
        return st.binary(max_size=200)
    if isinstance(field, fields.ShoutingField):
        return st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ 한글", max_size=field.max_length)
    if isinstance(field, fields.MoodField):
        return st.sampled_from(["calm", "wild"])
    if isinstance(field, fields.PriceField):
        return st.integers(0, 10**14 - 1)
    if isinstance(field, fields.FixedCharField):
        return st.text("abcdefgh한🦊", min_size=field.max_length, max_size=field.max_length)
    return None


def values_for(field: models.Field) -> SearchStrategy[Any]:
    """Any legal value of the field, NULL included where the column allows it."""
    strategy = _custom(field)
    if strategy is None:
        strategy = _built_in(field)
    return st.none() | strategy if field.null else strategy


def _built_in(field: models.Field) -> SearchStrategy[Any]:
    for kind, (low, high) in WHOLE.items():
        if isinstance(field, kind):
            return st.integers(low, high)
    match field:
        case models.BooleanField():
            return st.booleans()
        case models.FloatField():
            return floats()
        case models.DecimalField():
            return decimals(field.max_digits or 15, field.decimal_places or 0)
        case models.GenericIPAddressField():
            return addresses(field)
        case models.CharField() | models.TextField() | models.FileField() | models.FilePathField():
            return texts(field.max_length)
        case models.DateTimeField():
            return moments()
        case models.DateField():
            return st.dates(min_value=date(1000, 1, 1))
        case models.TimeField():
            return st.times()
        case models.DurationField():
            return st.integers(-(2**63), 2**63 - 1).map(lambda n: timedelta(microseconds=n))
        case models.UUIDField():
            return uuids()
        case models.BinaryField():
            return st.binary(max_size=field.max_length or 2000)
        case models.JSONField():
            return documents()
    raise TypeError(f"The zoo has no strategy for {field}; add one to {__name__}.")


def rows(model: type[Model], **given: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    """Rows of one table by attname, as `store.insert` takes them.

    A foreign key is NULL unless a strategy is given for it; generated columns are left to the
    database, so such a row cannot be compared by `store.expected`.
    """
    columns = {}
    for field in model._meta.local_concrete_fields:
        if field.attname in given:
            columns[field.attname] = given[field.attname]
        elif field.is_relation:
            if not field.null:
                raise TypeError(f"{field} must point at a row; pass rows(…, {field.attname}=strategy).")
            columns[field.attname] = st.none()
        elif not getattr(field, "generated", False):
            columns[field.attname] = values_for(field)
    return st.fixed_dictionaries(columns)
